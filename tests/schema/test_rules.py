"""Tests that the contract follows the rules for Relay and the rules that graphql-eslint recommends."""

import json
from pathlib import Path

from tests import node

from .test_contract import CLIENT

# A ProjectCharge and a Discrepancy have no identity of their own. Their lists are paginated all the same.
EXCEPTION = ["relay-edge-types", "Edge type's field `node` must implement `Node` interface."]


async def violations(sdl: str, folder: Path) -> list[list[str]]:
    """Return each rule that a contract breaks, and how. The script configures exceptions."""
    contract = folder / "contract.graphql"
    contract.write_text(sdl)
    rules: list[list[str]] = json.loads(await node.run_script("lint.mjs", str(contract)))
    return rules


async def test_contract_breaks_only_the_excepted_rule(tmp_path: Path) -> None:
    assert await violations(CLIENT, tmp_path) == [EXCEPTION, EXCEPTION]


async def test_rule_violations_are_detected(tmp_path: Path) -> None:
    sdl = CLIENT
    for before, after in [
        ("  issuedAt: DateTime", "  issued_at: DateTime"),
        ('"""Period that an invoice bills, in UTC."""\n', ""),
        ("  hasNextPage: Boolean!", "  hasNextPage: String"),
        ("  pageInfo: PageInfo!", "  pageInfo: PageInfo"),
        ("  cursor: String!\n", "  position: String!\n"),
        ("type PostalAddress {", 'type Unused {\n  """x"""\n  id: ID!\n}\ntype PostalAddress {'),
    ]:
        assert before in sdl
        sdl = sdl.replace(before, after)

    assert {rule for rule, _ in await violations(sdl, tmp_path)} == {
        "naming-convention",
        "no-unreachable-types",
        "relay-connection-types",
        "relay-edge-types",
        "relay-page-info",
        "require-description",
    }
