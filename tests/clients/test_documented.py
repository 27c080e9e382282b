"""docs/clients.md configures every list of the schema, and every value that a cache has to merge."""

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

from .documented import ROOT, run_script

SCHEMA = build_schema((ROOT / "schema/client.graphql").read_text())
CURSORS = {"first", "after", "last", "before"}
PAGED = ("Connection", "Edge", "PageInfo")  # the helpers of the caches handle these


async def test_every_list_and_value_is_configured(app: Path) -> None:
    apollo, merged, urql = await run_script(app, "policies")
    lists = {name: field.args.keys() - CURSORS for name, field in fields() if "after" in field.args}
    values = {value for _, field in fields() for value in values_without_id(field)}

    assert {name: set(arguments) for name, arguments in apollo.items()} == lists
    assert set(urql) == lists.keys()
    assert set(merged) == values


def fields() -> Iterator[tuple[str, GraphQLField]]:
    """Each field of each object type that a cache stores as an object of its own, with its name."""
    for kind in SCHEMA.type_map.values():
        if (
            isinstance(kind, GraphQLObjectType)
            and not kind.name.startswith("__")
            and not kind.name.endswith((*PAGED, "Subscription"))
        ):
            yield from ((f"{kind.name}.{name}", field) for name, field in kind.fields.items())


def values_without_id(field: GraphQLField) -> Iterator[str]:
    """The types of a field's value that have no id, so that a cache stores the value only in this field."""
    kind = get_named_type(field.type)
    if isinstance(get_nullable_type(field.type), GraphQLList):
        return  # replaced as a whole
    for member in kind.types if isinstance(kind, GraphQLUnionType) else [kind]:
        if isinstance(member, GraphQLObjectType | GraphQLInterfaceType) and "id" not in member.fields:
            yield from [member.name] if not member.name.endswith(PAGED) else []
