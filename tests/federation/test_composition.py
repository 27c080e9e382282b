"""The composers of both vendors accept the committed SDL, alone and with another Relay subgraph."""

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


async def compose(composer: str, *subgraphs: str) -> dict[str, Any]:
    """Compose a supergraph. Returns the definition of each type by name."""
    return definitions_by_name(await node.run_script("compose.js", composer, *subgraphs, folder=EXAMPLE))


def definitions_by_name(sdl: str) -> dict[str, Any]:
    named = (definition for definition in parse(sdl).definitions if hasattr(definition, "name"))
    return {definition.name.value: definition for definition in named if definition.kind != "directive_definition"}


def directives(node: Any) -> list[str]:
    return [print_ast(directive) for directive in node.directives]


def field_directives(kind: Any, name: str) -> list[str]:
    """The directives of a field, printed."""
    [field_node] = [node for node in kind.fields if node.name.value == name]
    return directives(field_node)


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_subgraph_composes_alone(composer: str) -> None:
    supergraph = await compose(composer, OURS)

    for name in ENTITIES:
        assert directives(supergraph[name])[0] == '@join__type(graph: INVOICEGRAPH, key: "id")'


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_subgraph_composes_with_a_relay_subgraph(composer: str) -> None:
    supergraph = await compose(composer, OURS, TEAMS)

    for name in ENTITIES:
        assert [text.split(",")[0] for text in directives(supergraph[name])][:2] == [
            "@join__type(graph: INVOICEGRAPH", "@join__type(graph: TEAMS",
        ]  # fmt: skip
    assert field_directives(supergraph["Query"], "node") == ["@join__field(graph: TEAMS)"]
    assert directives(supergraph["Node"]) == ["@join__type(graph: TEAMS)"]
    assert len(directives(supergraph["PageInfo"])) == 2


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_query_node_would_not_compose_twice(composer: str, tmp_path: Path) -> None:
    full_sdl = tmp_path / "full.graphql"
    full_sdl.write_text(build_graph().as_str())
    await compose(composer, f"invoicegraph={full_sdl}")

    with pytest.raises(AssertionError, match=r"The subgraphs do not compose:\n[^\n]*Query\.node"):
        await compose(composer, f"invoicegraph={full_sdl}", TEAMS)


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_supergraph_has_costs_sizes_and_tags(composer: str) -> None:
    supergraph = await compose(composer, OURS, TEAMS)
    invoices = field_directives(supergraph["Query"], "invoices")

    assert "@cost(weight: 10)" in invoices
    [list_size] = [text for text in invoices if text.startswith("@listSize")]
    for argument in ("assumedSize: 20", 'slicingArguments: ["first", "last"]', 'sizedFields: ["nodes", "edges"]'):
        assert argument in list_size
    assert "requireOneSlicingArgument: false" in list_size
    assert '@tag(name: "raw")' in field_directives(supergraph["Invoice"], "raw")
    assert '@tag(name: "raw")' in field_directives(supergraph["LineItem"], "raw")


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_supergraph_has_the_scopes(composer: str) -> None:
    supergraph = await compose(composer, OURS, TEAMS)
    scopes = '@requiresScopes(scopes: [["invoices:read"]])'

    assert {name: directives(supergraph[name])[2:] for name in ENTITIES} == {
        name: ["@authenticated"] if name == "Provider" else [scopes] for name in ENTITIES
    }
    assert scopes in field_directives(supergraph["Query"], "invoices")
    for name in ("Invoice", "LineItem"):
        [raw] = [text for text in field_directives(supergraph[name], "raw") if text.startswith("@requires")]
        assert raw == '@requiresScopes(scopes: [["invoices:read", "raw:read"]])'


@pytest.mark.parametrize("composer", COMPOSERS)
async def test_open_sdl_composes_without_scopes(composer: str, tmp_path: Path) -> None:
    open_sdl = tmp_path / "open.graphql"
    open_sdl.write_text(build_graph().open_sdl)
    supergraph = await compose(composer, f"invoicegraph={open_sdl}", TEAMS)

    assert [name for name in ENTITIES if len(directives(supergraph[name])) != 2] == []
    assert "requiresScopes" not in "".join(field_directives(supergraph["Invoice"], "raw"))


async def test_contract_without_raw_tag_lacks_raw_only() -> None:
    full = definitions_by_name(await node.run_script("contract.js", "none", OURS, folder=EXAMPLE))
    contract = definitions_by_name(await node.run_script("contract.js", "raw", OURS, folder=EXAMPLE))

    assert field_names(full) - field_names(contract) == {"Invoice.raw", "LineItem.raw"}
    assert full.keys() == contract.keys()  # the scalar JSON stays: FocusInvoiceDetail uses it
    assert field_names(contract) < field_names(full)


def field_names(definitions: dict[str, Any]) -> set[str]:
    return {
        f"{name}.{node.name.value}"
        for name, kind in definitions.items()
        for node in getattr(kind, "fields", None) or ()
    }
