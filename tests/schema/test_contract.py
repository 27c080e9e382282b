"""Tests that the committed schemas equal the served schema, and that every element has a description."""

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


def test_committed_schemas_match_the_code() -> None:
    served = build_graph()

    assert served.sdl == SUBGRAPH, "run `make schema` and review the difference"
    assert served.client_sdl == CLIENT, "run `make schema` and review the difference"


async def test_service_sdl_is_the_subgraph(service: Service) -> None:
    assert await service.data("{ _service { sdl } }") == {"_service": {"sdl": build_graph().open_sdl}}


async def test_client_schema_omits_only_gateway_fields(service: Service) -> None:
    types = (await service.data(FIELDS))["__schema"]["types"]
    served = {f"{type['name']}.{field['name']}" for type in types for field in type["fields"] or ()}
    client_sdl = build_graph().client_sdl
    client_fields = _fields(build_schema(client_sdl))

    gateway_fields = {"Query._entities", "Query._service", "_Service.sdl"}
    assert {name for name in served - client_fields if not name.startswith("__")} == gateway_fields
    assert client_fields <= served
    assert "@key" not in client_sdl


def test_only_the_client_schema_has_node() -> None:
    subgraph = build_schema(SUBGRAPH, assume_valid=True)  # it uses directives that it only links to

    assert _fields(build_schema(CLIENT)) - _fields(subgraph) == {"Query.node", "Node.id"}
    assert "Node" not in subgraph.type_map


@pytest.mark.parametrize("sdl", [SUBGRAPH, CLIENT], ids=["schema.graphql", "client.graphql"])
def test_every_schema_element_has_a_description(sdl: str) -> None:
    descriptions = list(_descriptions(sdl))
    assert len(descriptions) > 250
    assert [name for name, description in descriptions if not description] == []


def _fields(graphql_schema: GraphQLSchema) -> set[str]:
    """Return every output field as `Type.field`, except those of introspection."""
    types = [(name, kind) for name, kind in graphql_schema.type_map.items() if not is_input_type(kind)]
    kinds = [(name, getattr(kind, "fields", {})) for name, kind in types]
    return {f"{name}.{field}" for name, fields in kinds for field in fields if not name.startswith("__")}


def _descriptions(sdl: str) -> Iterator[tuple[str, str | None]]:
    """Yield every type, field, argument, input field and enum value with its description."""
    descriptions: list[tuple[str, str | None]] = []

    class DescriptionVisitor(Visitor):
        def enter(self, node: Any, _key: Any, _parent: Any, _path: Any, ancestors: list[Any]) -> None:
            if "definition" in node.kind and hasattr(node, "description") and hasattr(node, "name"):
                parents = [parent.name.value for parent in ancestors if "definition" in getattr(parent, "kind", "")]
                name = ".".join([*parents, node.name.value])
                descriptions.append((name, node.description.value if node.description else None))

    visit(parse(sdl), DescriptionVisitor())
    yield from descriptions
