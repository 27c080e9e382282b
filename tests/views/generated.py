"""Operations that the schema generates: every root field with every field below it, every argument, every entity."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
)

from schema.federation import ENTITIES
from server.accounts import build_graph

GRAPH = build_graph()
SCHEMA = GRAPH._schema
MAX_DEPTH = 7
PAGE = "first: 2"
BRIEF = "{ nodes { id } totalCount coverage { account { id name } status message } }"  # of a filtered list
SCALARS = {  # a value of each scalar type of the arguments
    "Int": "2", "String": '"e"', "Boolean": "true", "Date": '"2026-01-15"', "DateTime": '"2027-01-01T00:00:00Z"',
    "Decimal": '"1"', "CurrencyCode": '"USD"',
}  # fmt: skip
BAD_VALUES = {"first": "-1", "last": "201", "after": '"AA"', "before": '"!"'}  # refused by each list
CONTEXT = {"totalMin": 'currency: ["USD"]', "totalMax": 'currency: ["USD"]'}  # what a filter needs beside a field


def root_fields(operation: str = "query") -> dict[str, GraphQLField]:
    root = {"query": SCHEMA.query_type, "subscription": SCHEMA.subscription_type}[operation]
    assert root is not None
    return {name: field for name, field in root.fields.items() if name not in {"_service", "_entities"}}


def selection(named_type: GraphQLNamedType, ancestors: tuple[str, ...] = (), prefix: str = "") -> str:
    """Return a selection of everything that an object has. Of a type further up it selects only what identifies it.

    `prefix` begins the aliases of the fields: fields of the same name may have different types in two fragments.
    """
    if not is_composite_type(named_type):
        return ""
    if named_type.name in ancestors or len(ancestors) >= MAX_DEPTH:
        return "{ id }" if "id" in getattr(named_type, "fields", ()) else "{ __typename }"
    below = (*ancestors, named_type.name)
    if is_abstract_type(named_type):
        types = SCHEMA.get_possible_types(named_type)
        fragments = (f"... on {kind.name} {selection(kind, below, f'{kind.name}_')}" for kind in types)
        return f"{{ __typename {' '.join(fragments)} }}"
    assert isinstance(named_type, GraphQLObjectType)
    fields = (
        _field(f"{prefix}{name}: {name}" if prefix else name, name, field, below)
        for name, field in named_type.fields.items()
    )
    return f"{{ __typename {' '.join(fields)} }}"


def root_selection(name: str, field: GraphQLField) -> str:
    """Return the deepest selection of what a root field returns that the limits admit."""
    named_type = get_named_type(field.type)
    depths = range(MAX_DEPTH if is_composite_type(named_type) else 1)
    selections = (selection(named_type, ("",) * depth) for depth in depths)
    return next(text for text in selections if _is_admitted(f"{{ {name}{_page(field)} {text} }}"))


def _is_admitted(document: str) -> bool:
    try:
        GRAPH.documents(document).check_limits({})
    except GraphQLError:
        return False
    return True


def _field(text: str, name: str, field: GraphQLField, ancestors: tuple[str, ...]) -> str:
    if any(is_required_argument(argument) for argument in field.args.values()):
        return ""
    if name in {"edges", "raw"} and ancestors[-1] != "Invoice":
        return ""  # the same objects as in `nodes`, and the same facts
    return f"{text}{_page(field)} {selection(get_named_type(field.type), ancestors)}"


def _page(field: GraphQLField) -> str:
    return f"({PAGE})" if "first" in field.args else ""


def operations(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield a name and a document for each root field, argument and entity. `ids`: an id of each kind of object."""
    for name, field in root_fields().items():
        below = root_selection(name, field)
        required = [argument for argument, value in field.args.items() if is_required_argument(value)]
        if required:
            assert required == ["id"], name
            for kind, node_id in ids.items():
                yield f"{name} of {kind}", f'{{ {name}(id: "{node_id}") {below} }}'
            continue
        yield name, f"{{ {name}{_page(field)} {below} }}"
        for text in arguments(field, ids):
            yield f"{name}({text})", f"{{ {name}({text}) {BRIEF if 'filterBy' in text else below} }}"
    for entity in ENTITIES:
        for kind, node_id in ids.items():
            below = selection(SCHEMA.type_map[entity])
            keys = f'[{{ __typename: "{entity}", id: "{node_id}" }}]'
            yield (
                f"{entity} by {kind}",
                f"{{ _entities(representations: {keys}) {{ __typename ... on {entity} {below} }} }}",
            )


def arguments(field: GraphQLField, ids: dict[str, str]) -> Iterator[str]:
    """Yield each argument of a field with each of its values, one at a time: also those that are refused."""
    for name, argument in field.args.items():
        if name in BAD_VALUES:
            yield f"{name}: {BAD_VALUES[name]}"
        for value in _values(name, argument, ids):
            yield f"{name}: {value}"


def _values(name: str, argument: GraphQLArgument | Any, ids: dict[str, str]) -> Iterator[str]:
    kind, template = get_nullable_type(argument.type), "{}"
    if isinstance(kind, GraphQLList):
        kind, template = get_named_type(kind), "[{}]"
    if isinstance(kind, GraphQLInputObjectType):
        for field_name, field in kind.fields.items():
            for value in _values(field_name, field, ids):
                beside = f", {CONTEXT[field_name]}" if field_name in CONTEXT else ""
                yield f"{{ {field_name}: {value}{beside} }}"
    elif isinstance(kind, GraphQLEnumType):
        yield from map(template.format, kind.values)
    elif kind.name == "ID":
        key = {"accounts": "account", "providers": "provider", "projects": "project"}[name]
        yield template.format(f'"{ids[key]}"')
    elif name not in {"first", "last", "after", "before"}:
        yield template.format(SCALARS[kind.name])
