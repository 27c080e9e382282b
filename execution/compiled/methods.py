"""How a field that is a method is called: its arguments are read once in an operation, whatever it is called of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, is_non_null_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import Executor
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from .arguments import ArgumentConverter, argument_converter
from .codegen import CompiledSelection


@dataclass(frozen=True, slots=True)
class SelectionPlan:
    """What is selected of objects of one type."""

    object_type: GraphQLObjectType
    grouped: GroupedFieldSet
    plan: CompiledSelection | None
    python_class: type | None  # the class whose objects need not be asked what they are


ArgumentConverters = dict[int, ArgumentConverter]  # by the identity of the field's definition, which the schema holds
PlanSelection = Callable[[GraphQLObjectType, GroupedFieldSet], SelectionPlan]


@dataclass(frozen=True, slots=True)
class MethodCall:
    """A method with all that it is given besides its object. Of its info it may ask what an operation has but once."""

    method: Callable[..., Any]
    arguments: dict[str, Any]
    field: GraphQLField
    info: GraphQLResolveInfo[Any]
    is_async: bool
    selection: SelectionPlan | None  # of what it returns, where that is an object


def plan_method_call(
    executor: Executor[Any],
    select: PlanSelection,
    converters: ArgumentConverters,
    parent_type: GraphQLObjectType,
    details: FieldDetailsList,
    path: Path,
) -> MethodCall | None:
    """Null where graphql-core and Strawberry have more to do than to call a method, or an argument to refuse."""
    node = details[0].node
    field = executor.schema.get_field(parent_type, node.name.value)
    definition = field and field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if field is None or not isinstance(definition, StrawberryField) or not is_simple_resolver(definition):
        return None
    info: Any = executor.build_resolve_info(field, [each.node for each in details], parent_type, path)
    info = info._replace(async_helpers=None)  # they hold the executor, which is to hold this
    try:
        given = get_argument_values(field, node, executor.variable_values, details[0].fragment_variable_values)
        arguments = _arguments(definition, info, given, converters)
    except Exception:  # noqa: BLE001 (whatever it is, graphql-core says it better, and where)
        return None
    return MethodCall(
        definition.base_resolver.wrapped_func,  # type: ignore[union-attr, arg-type]
        arguments,
        field,
        info,
        definition.is_async,
        plan_selection(executor, select, field.type, details),
    )


def plan_selection(
    executor: Executor[Any], select: PlanSelection, type_: Any, details: FieldDetailsList
) -> SelectionPlan | None:
    """What is selected of the objects that are expected; null where they are none, or where some of it is deferred."""
    type_ = type_.of_type if is_non_null_type(type_) else type_
    if not is_object_type(type_):
        return None
    grouped, deferred, _ = executor.collect_subfields(type_, details)
    return None if deferred else select(type_, grouped)


def python_class_of(object_type: GraphQLObjectType, grouped: GroupedFieldSet) -> type | None:
    """Null where graphql-core has more to do with an object than to execute its fields."""
    definition: Any = object_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if definition is None or definition.is_type_of:
        return None
    deferred = any(each.defer_usage is not None for details in grouped.values() for each in details)
    return None if deferred else definition.origin


def _arguments(
    definition: StrawberryField, info: GraphQLResolveInfo[Any], given: dict[str, Any], converters: ArgumentConverters
) -> dict[str, Any]:
    """As Strawberry gives them to the method."""
    schema = info.schema._strawberry_schema  # type: ignore[attr-defined] # noqa: SLF001 (as Strawberry itself does)
    if given and id(definition) not in converters:
        converters[id(definition)] = argument_converter(definition, schema)
    arguments = converters[id(definition)](given) if given else {}
    named = definition.base_resolver.info_parameter if definition.base_resolver else None
    if named:
        arguments[named.name] = schema.config.info_class(_raw_info=info, _field=definition)
    return arguments


def is_simple_resolver(definition: StrawberryField) -> bool:
    resolver = definition.base_resolver
    return (
        resolver is not None
        and not definition.is_subscription  # its method makes the events, of which one is completed here
        and resolver.self_parameter is not None
        and resolver.parent_parameter is None
        and resolver.root_parameter is None
        and not definition.extensions
        and not definition.permission_classes
    )
