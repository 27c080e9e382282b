"""The documentation of the checks agrees with their declaration."""

import re
from pathlib import Path

from providers import PROVIDERS
from providers.checks import DEFAULT_CHECKS
from resolvers.finance.checks import RULES, Tolerance
from schema.reconciliation import CheckCode, CheckReason, Severity, Verdict

PAGE = (Path(__file__).parents[3] / "docs/finance.md").read_text()
SECTION = PAGE.partition("## Does it add up")[2].partition("\n## ")[0]
ROW = re.compile(r"^\| `([A-Z_]+)` \| .* \| .* \| `([A-Z]+)` \| (FOCUS|none) \|$", re.MULTILINE)
ORDER = list(CheckCode)


def test_the_table_has_each_check() -> None:
    documented = {
        CheckCode[code]: (Severity[severity], tolerance != "none") for code, severity, tolerance in ROW.findall(SECTION)
    }

    assert documented == {code: (rule.severity, rule.tolerance is Tolerance.FOCUS) for code, rule in RULES.items()}
    assert list(documented) == ORDER


def test_verdicts_are_documented() -> None:
    for verdict in Verdict:
        assert f"| `{verdict.name}` |" in SECTION


def test_reasons_have_descriptions_in_the_schema() -> None:
    sdl = (Path(__file__).parents[3] / "schema/client.graphql").read_text()
    enum = sdl.partition("enum CheckReason {")[2].partition("}")[0]

    assert [line.strip() for line in enum.splitlines() if line.strip().isupper()] == [r.name for r in CheckReason]


def test_checks_are_declared_in_their_order() -> None:
    for checks in (DEFAULT_CHECKS, *(spec.checks for spec in PROVIDERS.values())):
        codes = [check.code for check in checks]
        assert codes == sorted(codes, key=ORDER.index)
