"""Tests that the list sizes that gateways read are those of this service's own limits."""

from typing import Any

import pytest
from graphql import ListTypeNode, NonNullTypeNode, ObjectTypeDefinitionNode, parse, print_ast

from execution import list_sizes
from server.accounts import build_graph

FIELDS: dict[str, Any] = {
    f"{kind.name.value}.{field.name.value}": field
    for kind in parse(build_graph().sdl).definitions
    if isinstance(kind, ObjectTypeDefinitionNode)
    for field in kind.fields or ()
}


def list_size(name: str) -> str | None:
    """Return the @listSize directive of a field, or None if it has none."""
    directives = FIELDS[name].directives or ()
    sizes = [print_ast(directive) for directive in directives if directive.name.value == "listSize"]
    return sizes[0] if sizes else None


def test_all_lists_except_nodes_and_edges_have_a_size() -> None:
    lists = {name for name, field in FIELDS.items() if is_list(field)}
    unsized = {name for name in lists if list_size(name) is None}

    assert unsized == {name for name in lists if name.endswith(("Connection.nodes", "Connection.edges"))}
    sizes = {name: list_size(name) for name in lists - unsized}
    assert sizes.pop("Spend.rows") == "@listSize(assumedSize: 1000)"
    assert sizes.pop("Reconciliation.checks") == "@listSize(assumedSize: 10)"
    assert set(sizes.values()) == {f"@listSize(assumedSize: {list_sizes.ASSUMED_LIST_SIZE})"}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("Query.invoices", ["first", "last"]), ("Account.projects", ["first"]), ("Invoice.lineItems", ["first"])],
)
def test_connection_size_is_its_page_size(name: str, arguments: list[str]) -> None:
    assert list_size(name) == (
        f"@listSize(assumedSize: {list_sizes.DEFAULT_PAGE_SIZE}, slicingArguments: {arguments}, "
        'sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)'
    ).replace("'", '"')


def is_list(field: Any) -> bool:
    kind = field.type.type if isinstance(field.type, NonNullTypeNode) else field.type
    return isinstance(kind, ListTypeNode)
