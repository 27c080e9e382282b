"""The page of examples/web is held against the committed schema: a change that would break it is found by its build."""

import shutil
from pathlib import Path

import pytest

from .web import WEB, check

SCHEMA = WEB.parents[1] / "schema/client.graphql"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The example with a schema beside it that a test may change."""
    web = tmp_path / "examples/web"
    shutil.copytree(WEB, web, ignore=shutil.ignore_patterns("node_modules", "dist", "gql"))
    (web / "node_modules").symlink_to(WEB / "node_modules")
    (tmp_path / "schema").mkdir()
    shutil.copy(SCHEMA, tmp_path / "schema")
    return web


def change(copy: Path, before: str, after: str) -> None:
    schema = copy.parents[1] / "schema/client.graphql"
    text = schema.read_text()
    assert text.count(before) == 1
    schema.write_text(text.replace(before, after))


def test_the_page_fits_the_committed_schema(built: None) -> None:
    assert (WEB / "dist/index.html").is_file()


def test_a_field_that_the_page_uses_cannot_leave_the_schema_unnoticed(copy: Path) -> None:
    change(copy, "\n  paymentStates: ", "\n  paymentHistory: ")

    done = check(copy)

    assert done.returncode != 0
    assert 'Cannot query field "paymentStates" on type "Invoice"' in done.stdout


def test_amounts_that_become_floats_do_not_pass_the_types(copy: Path) -> None:
    for meaning in ('12 dollars and 50 cents.\n  """\n  ', '"""Exact number of units."""\n  '):
        change(copy, f"{meaning}amount: Decimal!", f"{meaning}amount: Float!")

    done = check(copy)

    assert done.returncode != 0
    assert "'number' is not assignable to" in done.stdout


def test_a_scalar_that_the_page_does_not_know_is_never_any(copy: Path) -> None:
    change(copy, "\nscalar Date\n", "\nscalar Date\nscalar Duration\n")
    change(copy, "\n  paymentStates: ", "\n  payableWithin: Duration\n  paymentStates: ")

    done = check(copy)

    assert done.returncode != 0
    assert "Unknown scalar type Duration" in done.stdout
