"""Reads a JSON report of pip-audit and says which pinned packages have known vulnerabilities.

The exit code is 1 if there is one, and 0 if no advisory source could be reached.
"""

import json
import sys
from typing import Any

NOT_AUDITED = "No advisory source could be reached, so the pinned packages are not audited."


def read_report(text: str) -> list[dict[str, Any]]:
    """Return the packages of a report. Returns an empty list if there is no report."""
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except ValueError:
        return []
    return packages


def describe(packages: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Return the lines to print and the exit code."""
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        return [NOT_AUDITED], 0
    lines = [
        f"{package['name']} {package['version']} has {vulnerability['id']}, fixed in "
        f"{' or '.join(vulnerability['fix_versions']) or 'no version yet'}."
        for package in audited
        for vulnerability in package["vulns"]
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    summary = f"{len(audited)} pinned packages were audited: {len(lines)} known vulnerabilities."
    not_audited = [f"Not audited, because no advisory source knows them: {', '.join(skipped)}."] if skipped else []
    return [*lines, *not_audited, summary], 1 if lines else 0


if __name__ == "__main__":
    lines, exit_code = describe(read_report(sys.stdin.read()))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.exit(exit_code)
