"""The internals of Strawberry that this package needs: attributes without public names."""

from typing import Any, TypeVar

import strawberry
from graphql import GraphQLField, GraphQLResolveInfo
from strawberry.schema import Schema
from strawberry.types.field import StrawberryField

Info = strawberry.Info[Any, Any]
D = TypeVar("D")


def raw_info(info: Info) -> GraphQLResolveInfo[Any]:
    """Return graphql-core's info. Strawberry's `selected_fields` builds a tree that costs more than it saves."""
    return info._raw_info  # noqa: SLF001


def strawberry_schema(info: GraphQLResolveInfo[Any]) -> Schema:
    """Return Strawberry's schema, as Strawberry finds it itself."""
    schema: Schema = info.schema._strawberry_schema  # type: ignore[attr-defined] # noqa: SLF001
    return schema


def strawberry_info(info: GraphQLResolveInfo[Any], field: StrawberryField) -> Info:
    """Return the info that Strawberry passes to the method of a field."""
    return strawberry_schema(info).config.info_class(_raw_info=info, _field=field)


def declared_directive(field: GraphQLField, directive_type: type[D]) -> D | None:
    """Return the directive of this type that the field is declared with. Returns None if it has none."""
    definition = field.extensions.get("strawberry-definition")
    return next((each for each in getattr(definition, "directives", ()) if isinstance(each, directive_type)), None)
