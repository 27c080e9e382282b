"""The costs that gateways read are those by which this service bounds an operation itself."""

from typing import Any

import pytest
from graphql import ListTypeNode, NonNullTypeNode, ObjectTypeDefinitionNode, parse, print_ast

from execution import limits
from server.accounts import build_graph

FIELDS: dict[str, Any] = {
    f"{kind.name.value}.{field.name.value}": field
    for kind in parse(build_graph().sdl).definitions
    if isinstance(kind, ObjectTypeDefinitionNode)
    for field in kind.fields or ()
}


def sizes(name: str) -> str | None:
    """The @listSize of a field."""
    found = [print_ast(directive) for directive in FIELDS[name].directives or () if directive.name.value == "listSize"]
    return found[0] if found else None


def test_every_list_says_its_size_but_those_that_a_page_bounds() -> None:
    lists = {name for name, field in FIELDS.items() if is_list(field)}
    unsized = {name for name in lists if sizes(name) is None}

    assert unsized == {name for name in lists if name.endswith(("Connection.nodes", "Connection.edges"))}
    assert {sizes(name) for name in lists - unsized} == {f"@listSize(assumedSize: {limits.ASSUMED_LIST_SIZE})"}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("Query.invoices", ["first", "last"]), ("Account.projects", ["first"]), ("Invoice.lineItems", ["first"])],
)
def test_a_connection_is_as_large_as_its_page(name: str, arguments: list[str]) -> None:
    assert sizes(name) == (
        f"@listSize(assumedSize: {limits.DEFAULT_PAGE_SIZE}, slicingArguments: {arguments}, "
        'sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)'
    ).replace("'", '"')


def is_list(field: Any) -> bool:
    kind = field.type.type if isinstance(field.type, NonNullTypeNode) else field.type
    return isinstance(kind, ListTypeNode)
