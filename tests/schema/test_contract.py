"""The committed contract is the graph that is served, and it explains itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, Visitor, build_schema, is_input_type, parse, visit

import schema
from server.accounts import build_graph
from tests.harness import Service

FOLDER = Path(schema.__file__).parent
SUBGRAPH, CLIENT = ((FOLDER / name).read_text() for name in ("schema.graphql", "client.graphql"))
FIELDS = "{ __schema { types { name fields { name } } } }"


def test_the_committed_schemas_are_those_of_the_code() -> None:
    served = build_graph()

    assert served.sdl == SUBGRAPH, "run `make schema` and review the difference"
    assert served.client_sdl == CLIENT, "run `make schema` and review the difference"


async def test_a_gateway_is_told_the_committed_subgraph(service: Service) -> None:
    assert await service.data("{ _service { sdl } }") == {"_service": {"sdl": SUBGRAPH}}


async def test_clients_are_told_of_all_that_is_served_but_what_is_for_gateways(service: Service) -> None:
    types = (await service.data(FIELDS))["__schema"]["types"]
    served = {f"{type['name']}.{field['name']}" for type in types for field in type["fields"] or ()}
    told = _fields(build_schema(CLIENT))

    for_gateways = {"Query._entities", "Query._service", "_Service.sdl"}
    assert {name for name in served - told if not name.startswith("__")} == for_gateways
    assert told <= served
    assert "@key" not in CLIENT


def test_only_direct_clients_are_told_of_node() -> None:
    subgraph = build_schema(SUBGRAPH, assume_valid=True)  # it uses the directives that it links to

    assert _fields(build_schema(CLIENT)) - _fields(subgraph) == {"Query.node", "Node.id"}
    assert "Node" not in subgraph.type_map


@pytest.mark.parametrize("sdl", [SUBGRAPH, CLIENT], ids=["schema.graphql", "client.graphql"])
def test_every_element_of_the_graph_is_described(sdl: str) -> None:
    described = list(_descriptions(sdl))
    assert len(described) > 250
    assert [name for name, description in described if not description] == []


def _fields(told: GraphQLSchema) -> set[str]:
    """Every field of every type, by its type's name and its own."""
    kinds = [(name, getattr(kind, "fields", {})) for name, kind in told.type_map.items() if not is_input_type(kind)]
    return {f"{name}.{field}" for name, fields in kinds for field in fields if not name.startswith("__")}


def _descriptions(sdl: str) -> Iterator[tuple[str, str | None]]:
    """Every type, field, argument, input field and enum value, with what it says of itself."""
    found: list[tuple[str, str | None]] = []

    class Describer(Visitor):
        def enter(self, node: Any, _key: Any, _parent: Any, _path: Any, ancestors: list[Any]) -> None:
            if "definition" in node.kind and hasattr(node, "description") and hasattr(node, "name"):
                owners = [owner.name.value for owner in ancestors if "definition" in getattr(owner, "kind", "")]
                name = ".".join([*owners, node.name.value])
                found.append((name, node.description.value if node.description else None))

    visit(parse(sdl), Describer())
    yield from found
