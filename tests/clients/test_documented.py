"""docs/clients.md leaves out no list of the schema, nor any value that a cache has to join."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    get_nullable_type,
)

from .documented import ROOT, said

SCHEMA = build_schema((ROOT / "schema/client.graphql").read_text())
CURSORS = {"first", "after", "last", "before"}
PAGED = ("Connection", "Edge", "PageInfo")  # the caches' own helpers see to these


async def test_every_list_and_every_value_of_the_schema_is_configured(app: Path) -> None:
    apollo, joined, urql = await said(app, "policies")
    lists = {name: field.args.keys() - CURSORS for name, field in fields() if "after" in field.args}
    values = {value for _, field in fields() for value in within(field)}

    assert {name: set(arguments) for name, arguments in apollo.items()} == lists
    assert set(urql) == lists.keys()
    assert set(joined) == values


def fields() -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object that a cache keeps by itself."""
    for kind in SCHEMA.type_map.values():
        if (
            isinstance(kind, GraphQLObjectType)
            and not kind.name.startswith("__")
            and not kind.name.endswith((*PAGED, "Subscription"))
        ):
            yield from ((f"{kind.name}.{name}", field) for name, field in kind.fields.items())


def within(field: GraphQLField) -> Iterator[str]:
    """What a field holds that has no id, and so no place in a cache but this one."""
    kind = get_named_type(field.type)
    if isinstance(get_nullable_type(field.type), GraphQLList):
        return  # replaced as a whole
    for one in kind.types if isinstance(kind, GraphQLUnionType) else [kind]:
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType) and "id" not in one.fields:
            yield from [one.name] if not one.name.endswith(PAGED) else []
