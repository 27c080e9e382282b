"""The contract keeps the rules for Relay and those that graphql-eslint recommends."""

import json
from pathlib import Path

from tests import node

from .test_contract import CLIENT

# A share of an invoice is no object of its own, and so no Node; a list of shares is paged all the same.
NAMED = ["relay-edge-types", "Edge type's field `node` must implement `Node` interface."]


async def broken(sdl: str, folder: Path) -> list[list[str]]:
    """Each rule that a contract breaks, and how; the script names the exceptions."""
    contract = folder / "contract.graphql"
    contract.write_text(sdl)
    found: list[list[str]] = json.loads(await node.run("lint.mjs", str(contract)))
    return found


async def test_the_contract_keeps_the_rules_with_the_exceptions_named(tmp_path: Path) -> None:
    assert await broken(CLIENT, tmp_path) == [NAMED]


async def test_a_contract_that_breaks_rules_is_found(tmp_path: Path) -> None:
    sdl = CLIENT
    for before, after in [
        ("  issuedAt: DateTime", "  issued_at: DateTime"),
        ('"""Period that an invoice bills, in UTC."""\n', ""),
        ("  hasNextPage: Boolean!", "  hasNextPage: String"),
        ("  pageInfo: PageInfo!", "  pageInfo: PageInfo"),
        ("  cursor: String!\n", "  place: String!\n"),
        ("type PostalAddress {", 'type Nobody {\n  """x"""\n  id: ID!\n}\ntype PostalAddress {'),
    ]:
        assert before in sdl
        sdl = sdl.replace(before, after)

    assert {rule for rule, _ in await broken(sdl, tmp_path)} == {
        "naming-convention",
        "no-unreachable-types",
        "relay-connection-types",
        "relay-edge-types",
        "relay-page-info",
        "require-description",
    }
