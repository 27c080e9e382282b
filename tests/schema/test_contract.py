"""The committed contract is the graph that is served, and it explains itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import Visitor, parse, visit

import schema
from server.service import graph

CONTRACT = Path(schema.__file__).parent / "schema.graphql"


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert CONTRACT.read_text() == graph().as_str() + "\n", "run `make schema` and review the difference"


def test_every_element_of_the_graph_is_described() -> None:
    described = list(_descriptions(CONTRACT.read_text()))
    assert len(described) > 250
    assert [name for name, description in described if not description] == []


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
