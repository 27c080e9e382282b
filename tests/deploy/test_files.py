"""Compose agrees with its specification and has a valid configuration. Every YAML file has no lint."""

import subprocess
import sys
from pathlib import Path

import pytest

from .rendered import DEPLOY, load_deployed


def run(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", *arguments]
    process = subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, check=False)
    return process.returncode, process.stdout + process.stderr


def test_compose_agrees_with_its_schema() -> None:
    code, output = run("check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")

    assert code == 0, output


def test_yaml_has_no_lint() -> None:
    assert run("yamllint", "--strict", ".") == (0, "")


def test_compose_has_a_valid_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "redis://valkey:6379/0")
    monkeypatch.setenv("FASTLY_API_KEY", "key")
    text = (DEPLOY / "accounts.toml").read_text()

    settings = load_deployed(text, "/run/keys", tmp_path)

    assert (settings.access.has_methods, settings.cache.url is not None) == (True, True)
