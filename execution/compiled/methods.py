"""Direct calls of resolver methods, whose arguments are converted once per operation and not once per object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLField, GraphQLObjectType, GraphQLResolveInfo, is_non_null_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import Executor
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from execution.internals import strawberry_info, strawberry_schema

from .compiler import Compiler
from .selection import CompiledSelection


@dataclass(frozen=True, slots=True)
class SelectionPlan:
    """The selection on objects of one type, with its compiled code if it has any."""

    object_type: GraphQLObjectType
    grouped: GroupedFieldSet
    compiled: CompiledSelection | None
    python_class: type | None  # an object of exactly this class needs no type check


PlanSelection = Callable[[GraphQLObjectType, GroupedFieldSet], SelectionPlan]


@dataclass(frozen=True, slots=True)
class MethodCall:
    """A resolver method with its arguments, for any object.

    The method must not read `info.path`, because all calls share one `info`. It may read only what is the same for the
    whole operation.
    """

    method: Callable[..., Any]
    arguments: dict[str, Any]
    field: GraphQLField
    info: GraphQLResolveInfo[Any]
    is_async: bool
    selection: SelectionPlan | None  # the selection on its result; None if that is no object


def plan_method_call(
    executor: Executor[Any],
    plan: PlanSelection,
    compiler: Compiler,
    parent_type: GraphQLObjectType,
    details: FieldDetailsList,
    path: Path,
) -> MethodCall | None:
    """Return the call of a field's method.

    Returns None if the field needs more than the call, such as a permission check, or if an argument is invalid: then
    graphql-core and Strawberry execute the field.
    """
    node = details[0].node
    field = executor.schema.get_field(parent_type, node.name.value)
    definition = field and field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if field is None or not isinstance(definition, StrawberryField) or not is_simple_resolver(definition):
        return None
    info: Any = executor.build_resolve_info(field, [detail.node for detail in details], parent_type, path)
    info = info._replace(async_helpers=None)  # they hold the executor, which holds this: a reference cycle
    try:
        values = get_argument_values(field, node, executor.variable_values, details[0].fragment_variable_values)
        arguments = _method_arguments(definition, info, values, compiler)
    except Exception:  # noqa: BLE001 (fall back to graphql-core, which reports the error with its path)
        compiler.fallbacks[f"{parent_type.name}.{node.name.value}"] += 1
        return None
    return MethodCall(
        definition.base_resolver.wrapped_func,  # type: ignore[union-attr, arg-type]
        arguments,
        field,
        info,
        definition.is_async,
        plan_selection(executor, plan, field.type, details),
    )


def plan_selection(
    executor: Executor[Any], plan: PlanSelection, type_: Any, details: FieldDetailsList
) -> SelectionPlan | None:
    """Return the selection on objects of `type_`.

    Returns None if it is no object type, if a part is deferred, or if a directive is invalid: graphql-core reports it.
    """
    type_ = type_.of_type if is_non_null_type(type_) else type_
    if not is_object_type(type_):
        return None
    try:
        grouped, deferred, _ = executor.collect_subfields(type_, details)
    except GraphQLError:
        return None
    return None if deferred else plan(type_, grouped)


def python_class_of(object_type: GraphQLObjectType, grouped: GroupedFieldSet) -> type | None:
    """Return the class of a type's objects. None if graphql-core must do more than execute the object's fields."""
    definition: Any = object_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if definition is None or definition.is_type_of:
        return None
    is_deferred = any(detail.defer_usage is not None for details in grouped.values() for detail in details)
    return None if is_deferred else definition.origin


def _method_arguments(
    definition: StrawberryField, info: GraphQLResolveInfo[Any], values: dict[str, Any], compiler: Compiler
) -> dict[str, Any]:
    """Return the keyword arguments that Strawberry would pass to the method."""
    arguments = compiler.converter_for(definition, strawberry_schema(info))(values) if values else {}
    info_parameter = definition.base_resolver.info_parameter if definition.base_resolver else None
    if info_parameter:
        arguments[info_parameter.name] = strawberry_info(info, definition)
    return arguments


def is_simple_resolver(definition: StrawberryField) -> bool:
    """True if the field only calls its method: it has no extensions, permissions, or parent or root parameter."""
    resolver = definition.base_resolver
    return (
        resolver is not None
        and not definition.is_subscription  # its method returns the event stream, and an event is completed here
        and resolver.self_parameter is not None
        and resolver.parent_parameter is None
        and resolver.root_parameter is None
        and not definition.extensions
        and not definition.permission_classes
    )
