"""Which parts of a selection can be serialized straight from a response body: texts, and types with an InlineShape."""

from typing import Any

from graphql import GraphQLObjectType, get_nullable_type, is_abstract_type, is_leaf_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import Executor

from execution.body_serializer import (
    ConstantMember,
    InlineMember,
    ObjectMember,
    ObjectShapes,
    TextMember,
    UnusualRows,
)
from execution.columns import ScalarTraits

from .fields import NotCompilable, attribute_of, class_of

Member = ConstantMember | TextMember | InlineMember | ObjectMember


def object_shapes(executor: Executor[Any], traits: ScalarTraits, type_: Any, details: FieldDetailsList) -> ObjectShapes:
    """Return the shapes of the classes of a type, which may be abstract. Omits the classes that need rows."""
    if is_object_type(type_):
        object_types = [type_]
    elif is_abstract_type(type_):
        object_types = executor.schema.get_possible_types(type_)
    else:
        return {}
    selected = {each: executor.collect_subfields(each, details).grouped_field_set for each in object_types}
    return object_shapes_of(executor, traits, selected)


def object_shapes_of(
    executor: Executor[Any], traits: ScalarTraits, selected: dict[GraphQLObjectType, GroupedFieldSet]
) -> ObjectShapes:
    """Return the shapes of the classes of object types, for the fields that are selected of each."""
    shapes = {}
    for object_type, grouped in selected.items():
        try:
            shape = {name: _member(executor, traits, object_type, details) for name, details in grouped.items()}
            shapes[class_of(object_type)] = shape
        except (NotCompilable, UnusualRows):
            continue
    return shapes


def _member(
    executor: Executor[Any], traits: ScalarTraits, parent: GraphQLObjectType, details: FieldDetailsList
) -> Member:
    """Return how a field is serialized. Raises UnusualRows if it needs rows."""
    field_name = details[0].node.name.value
    if field_name == "__typename":
        return ConstantMember(parent.name)
    field = executor.schema.get_field(parent, field_name)
    if field is None:
        raise NotCompilable
    type_, attribute = get_nullable_type(field.type), attribute_of(field)
    if is_leaf_type(type_):
        if type_.name in traits.verbatim:
            return TextMember(attribute)
        raise UnusualRows
    if not is_object_type(type_) or (inline := traits.inline.get(class_of(type_))) is None:
        return ObjectMember(attribute, object_shapes(executor, traits, type_, details))
    fields = executor.collect_subfields(type_, details).grouped_field_set
    members = {name: _inline_source(executor, inline.fields, type_, details) for name, details in fields.items()}
    return InlineMember(attribute, members, inline)


def _inline_source(
    executor: Executor[Any], sources: Any, type_: GraphQLObjectType, details: FieldDetailsList
) -> object:
    field_name = details[0].node.name.value
    field = executor.schema.get_field(type_, field_name)
    if field is None or field_name == "__typename":
        return ConstantMember(type_.name)
    return sources[attribute_of(field)]
