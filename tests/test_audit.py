"""The audit of the pinned packages: it names vulnerabilities, and says so if no advisory source can be reached."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent.parent / "requirements" / "audit.py"
SOUND = {"name": "sound", "version": "1.0", "vulns": []}
SKIPPED = {"name": "private", "skip_reason": "Dependency not found"}
VULNERABLE = {"name": "weak", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}]}
NOT_REACHED = "No advisory source could be reached, so the pinned packages are not audited.\n"


def audit(report: str) -> tuple[int, str]:
    result = subprocess.run([sys.executable, SCRIPT], input=report, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_vulnerability_is_a_failure() -> None:
    lines = "weak 2.0 has PYSEC-1, fixed in 2.1.\n2 pinned packages were audited: 1 known vulnerabilities.\n"
    assert audit(report(SOUND, VULNERABLE)) == (1, lines)


def test_no_known_vulnerability_is_a_success() -> None:
    assert audit(report(SOUND)) == (0, "1 pinned packages were audited: 0 known vulnerabilities.\n")


def test_an_unknown_package_is_named() -> None:
    lines = "Not audited, because no advisory source knows them: private.\n"
    assert audit(report(SOUND, SKIPPED)) == (0, f"{lines}1 pinned packages were audited: 0 known vulnerabilities.\n")


def test_without_an_advisory_source_nothing_is_audited() -> None:
    assert audit("") == (0, NOT_REACHED)
    assert audit(report(SKIPPED)) == (0, NOT_REACHED)
