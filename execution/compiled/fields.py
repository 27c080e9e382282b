"""Which fields can be compiled: those that only read an attribute, of types that need no resolver."""

from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from graphql import GraphQLEnumType, GraphQLField, GraphQLLeafType, GraphQLObjectType
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

Complete = Callable[[Any], Any]


class NotCompilable(Exception):
    """Raised for a field or type that graphql-core has to complete."""


def attribute_of(field: GraphQLField) -> str:
    """Return the attribute that a field reads. Raises NotCompilable if the field does anything else."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or not getattr(field.resolve, "_is_default", False):
        raise NotCompilable
    return definition.python_name


def class_of(object_type: GraphQLObjectType) -> type:
    """Return the Python class of an object type. Raises NotCompilable if it has none, or an is_type_of check."""
    definition: Any = object_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if definition is None or definition.is_type_of:
        raise NotCompilable
    origin: type = definition.origin
    return origin


def leaf_serializer(leaf_type: GraphQLLeafType) -> Complete:
    """Return a function that serializes a value of a leaf type.

    It raises an error if the type rejects the value, if the value is an exception or awaitable, or if the result is
    None. Raises NotCompilable for an enum without a Python class.
    """
    if isinstance(leaf_type, GraphQLEnumType):
        enum_class = getattr(leaf_type, "wrapped_cls", None)
        if enum_class is None:
            raise NotCompilable
        return {member: leaf_type.coerce_output_value(member) for member in enum_class}.__getitem__
    coerce, plain_classes = leaf_type.coerce_output_value, set[type]()

    def complete(value: object) -> object:
        if value.__class__ not in plain_classes:
            if isinstance(value, Exception) or isawaitable(value):
                raise TypeError
            plain_classes.add(value.__class__)
        result = coerce(value)
        if result is None:
            raise TypeError
        return result

    return complete
