"""Compose agrees with its specification, and every YAML file of deploy/ with the linter."""

import subprocess
import sys

from .rendered import DEPLOY


def run(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", *arguments]
    process = subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, check=False)
    return process.returncode, process.stdout + process.stderr


def test_compose_agrees_with_its_schema() -> None:
    code, output = run("check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")

    assert code == 0, output


def test_yaml_has_no_lint() -> None:
    assert run("yamllint", "--strict", ".") == (0, "")
