"""The build of the console checks the page against the committed schema, so a breaking change fails it."""

import shutil
from pathlib import Path

import pytest

from .console import CONSOLE, check

SCHEMA = CONSOLE.parent / "schema/client.graphql"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the console, with a schema beside it that a test may change."""
    folder = tmp_path / "console"
    shutil.copytree(CONSOLE, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "gql"))
    (folder / "node_modules").symlink_to(CONSOLE / "node_modules")
    (tmp_path / "schema").mkdir()
    shutil.copy(SCHEMA, tmp_path / "schema")
    return folder


def change(copy: Path, before: str, after: str) -> None:
    schema = copy.parent / "schema/client.graphql"
    text = schema.read_text()
    assert text.count(before) == 1
    schema.write_text(text.replace(before, after))


def test_page_builds_with_the_committed_schema(built: str) -> None:
    assert (CONSOLE / "dist/index.html").is_file()


def test_removed_field_fails_the_build(copy: Path) -> None:
    change(copy, "\n  paymentStates: ", "\n  paymentHistory: ")

    result = check(copy)

    assert result.returncode != 0
    assert 'Cannot query field "paymentStates" on type "Invoice"' in result.stdout


def test_float_amounts_fail_the_type_check(copy: Path) -> None:
    for context in ('12 dollars and 50 cents.\n  """\n  ', '"""Exact number of units."""\n  '):
        change(copy, f"{context}amount: Decimal!", f"{context}amount: Float!")

    result = check(copy)

    assert result.returncode != 0
    assert "'number' is not assignable to" in result.stdout


def test_unknown_scalar_fails_the_build(copy: Path) -> None:
    change(copy, "\nscalar Date\n", "\nscalar Date\nscalar Duration\n")
    change(copy, "\n  paymentStates: ", "\n  payableWithin: Duration\n  paymentStates: ")

    result = check(copy)

    assert result.returncode != 0
    assert "Unknown scalar type Duration" in result.stdout
