"""What of a schema is plain: attributes that are read, values that are said, and nothing that has to be asked."""

from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from graphql import GraphQLEnumType, GraphQLField, GraphQLLeafType, GraphQLObjectType
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Complete = Callable[[Any], Any]


class NotCompilable(Exception):
    """A value, or a field, that graphql-core has to complete."""


def attribute_of(field: GraphQLField) -> str:
    """The attribute that a field reads, where reading it is all that the field does."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or not getattr(field.resolve, "_is_default", False):
        raise NotCompilable
    return definition.python_name


def class_of(object_type: GraphQLObjectType) -> type:
    """The class of the objects that a type describes."""
    definition: Any = object_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if definition is None or definition.is_type_of:
        raise NotCompilable
    origin: type = definition.origin
    return origin


def leaf_serializer(leaf_type: GraphQLLeafType) -> Complete:
    """What the type says of a value; raises where it says nothing, or where the value is none of its own."""
    if isinstance(leaf_type, GraphQLEnumType):
        members = getattr(leaf_type, "wrapped_cls", None)
        if members is None:
            raise NotCompilable
        return {member: leaf_type.coerce_output_value(member) for member in members}.__getitem__
    coerce, admitted = leaf_type.coerce_output_value, set[type]()

    def complete(value: object) -> object:
        if value.__class__ not in admitted:
            if isinstance(value, Exception) or isawaitable(value):
                raise TypeError
            admitted.add(value.__class__)
        said = coerce(value)
        if said is None:
            raise TypeError
        return said

    return complete
