"""Composers of both vendors make a supergraph of the committed SDL, alone and beside another Relay subgraph."""

from pathlib import Path
from typing import Any

import pytest
from graphql import parse, print_ast

import schema
from server.accounts import build_graph
from tests import node

from .supergraph import EXAMPLE

COMPOSERS = ["apollo", "hive"]
SUBGRAPH = Path(schema.__file__).parent / "schema.graphql"
OURS, TEAMS = f"invoicegraph={SUBGRAPH}", "teams=teams.graphql"
ENTITIES = ["Account", "Credit", "Invoice", "LineItem", "Project", "Provider"]


async def composed(composer: str, *subgraphs: str) -> dict[str, Any]:
    """The definition of each type in the supergraph."""
    return types(await node.run("compose.js", composer, *subgraphs, folder=EXAMPLE))


def types(sdl: str) -> dict[str, Any]:
    named = (definition for definition in parse(sdl).definitions if hasattr(definition, "name"))
    return {definition.name.value: definition for definition in named if definition.kind != "directive_definition"}


def directives(node: Any) -> list[str]:
    return [print_ast(directive) for directive in node.directives]


def field(kind: Any, name: str) -> list[str]:
    """The directives of a field."""
    [found] = [node for node in kind.fields if node.name.value == name]
    return directives(found)


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_both_composers_accept_the_subgraph_alone(composer: str) -> None:
    supergraph = await composed(composer, OURS)

    for name in ENTITIES:
        assert directives(supergraph[name]) == ['@join__type(graph: INVOICEGRAPH, key: "id")']


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_both_composers_accept_it_beside_a_relay_subgraph_that_refers_to_every_entity(composer: str) -> None:
    supergraph = await composed(composer, OURS, TEAMS)

    for name in ENTITIES:
        assert [text.split(",")[0] for text in directives(supergraph[name])] == [
            "@join__type(graph: INVOICEGRAPH", "@join__type(graph: TEAMS",
        ]  # fmt: skip
    assert field(supergraph["Query"], "node") == ["@join__field(graph: TEAMS)"]
    assert directives(supergraph["Node"]) == ["@join__type(graph: TEAMS)"]
    assert len(directives(supergraph["PageInfo"])) == 2


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_with_its_node_it_would_not_compose_beside_another_relay_subgraph(composer: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole.graphql"
    whole.write_text(build_graph().as_str())
    await composed(composer, f"invoicegraph={whole}")

    with pytest.raises(AssertionError, match=r"The subgraphs do not compose:\n[^\n]*Query\.node"):
        await composed(composer, f"invoicegraph={whole}", TEAMS)


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_costs_sizes_and_tags_are_in_the_supergraph(composer: str) -> None:
    supergraph = await composed(composer, OURS, TEAMS)
    invoices = field(supergraph["Query"], "invoices")

    assert "@cost(weight: 10)" in invoices
    [sizes] = [text for text in invoices if text.startswith("@listSize")]
    for stated in ("assumedSize: 20", 'slicingArguments: ["first", "last"]', 'sizedFields: ["nodes", "edges"]'):
        assert stated in sizes
    assert "requireOneSlicingArgument: false" in sizes
    assert '@tag(name: "raw")' in field(supergraph["Invoice"], "raw")
    assert '@tag(name: "raw")' in field(supergraph["LineItem"], "raw")


async def test_a_contract_for_finance_has_everything_but_the_providers_own_objects() -> None:
    everything = types(await node.run("contract.js", "none", OURS, folder=EXAMPLE))
    finance = types(await node.run("contract.js", "raw", OURS, folder=EXAMPLE))

    assert names(everything) - names(finance) == {"Invoice.raw", "LineItem.raw"}
    assert everything.keys() - finance.keys() == {"JSON"}
    assert names(finance) < names(everything)


def names(sdl: dict[str, Any]) -> set[str]:
    return {f"{name}.{node.name.value}" for name, kind in sdl.items() for node in getattr(kind, "fields", None) or ()}
