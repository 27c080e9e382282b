"""Completes plain data by code that is made once for each operation; everything else is graphql-core's own work.

Plain is a field that only reads an attribute, where all that is selected of it is plain too. Such a subtree becomes one
Python function. It either completes the value as graphql-core would, or raises, and then graphql-core does the whole
object again and says what is wrong and where: reading attributes twice changes nothing.
"""

from collections.abc import Awaitable, Iterable
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path

from execution.columns import ScalarTraits
from execution.executor import Executor
from execution.gather import gather_or_cancel
from execution.rows import RowList, expected_serializers

from .codegen import compile_selection
from .methods import ArgumentConverters, MethodCall, SelectionPlan, plan_method_call, plan_selection, python_class_of
from .plans import OperationPlan, OperationPlans, plans_for

_LIST_TYPES = (list, RowList)
NEVER_AWAITABLE = {dict, list, str, int, bool, type(None)}  # nobody waits for one of these: to know it saves asking
FieldPosition = tuple[
    Any, FieldDetailsList, Path
]  # the type that is expected, the nodes that select it, and where it goes


class CompiledExecutor(Executor):
    """The usual executor, with a short cut through plain data."""

    traits: ScalarTraits
    converters: ArgumentConverters
    operations: dict[int, OperationPlans]  # by the identity of each operation, as long as it is there

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._method_calls: dict[int, tuple[FieldDetailsList, MethodCall | None]] = {}
        wrapped = self.middleware_manager is not None and self.middleware_manager.middlewares
        stock = wrapped or not self.error_propagation
        plan = None if stock else plans_for(self.operation, self.operations).for_variables(self.variable_values.coerced)
        self._is_compiled = plan is not None
        self._plan = plan or OperationPlan()
        if self._incremental:  # what is deferred is known by its execution
            self._plan = OperationPlan(self._plan.compiled)
        self._relevant_sub_fields = self._plan.sub_fields
        expected_serializers.set(
            [way for each in self._plan.compiled.values() if each for way in each.list_serializers if way.was_used]
        )

    def build_per_event_executor(self, payload: Any) -> Any:
        """Of a subscription: what is memoized for one event is of no use to the next, and would only grow."""
        executor: Any = super().build_per_event_executor(payload)
        executor._calls, executor._plan = {}, OperationPlan(self._plan.compiled)  # noqa: SLF001 (its own, copied)
        executor._relevant_sub_fields = executor._plan.sub_fields  # noqa: SLF001
        return executor

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        """The plain fields by their code; the others, or all where the code refuses, by graphql-core."""
        if not self._is_compiled:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        if path is None and not self._incremental:
            if self._plan.roots is None:
                self._plan.roots = grouped_field_set
            grouped_field_set = self._plan.roots
        return self._complete_object(
            self._selection_plan(parent_type, grouped_field_set), source_value, path, position_context
        )

    def _complete_object(
        self,
        selected: SelectionPlan,
        source: Any,
        path: Path | None,
        position_context: Any,
        place: FieldPosition | None = None,
    ) -> Any:
        """`place`: where the object stands; what fails while others wait for it is an error there."""
        plan = selected.plan
        try:
            results = None if plan is None else plan.complete(source)
        except Exception:  # noqa: BLE001 (whatever it is, graphql-core says it better)
            results = None
        if plan is None or results is None:
            completed = super().execute_fields(selected.object_type, source, path, selected.grouped, position_context)
            return self._catch_field_error(completed, place) if place and self.is_awaitable(completed) else completed
        if plan.fallback_fields:
            waiting = self._start_remaining_fields(
                results, plan.fallback_fields, selected.object_type, source, path, position_context
            )
            return self._await_fields(results, waiting, place) if waiting else results
        return results

    def _start_remaining_fields(
        self,
        results: dict[str, Any],
        rest: GroupedFieldSet,
        parent_type: GraphQLObjectType,
        source: Any,
        path: Path | None,
        position_context: Any,
    ) -> list[str]:
        """Puts in what each other field is completed to; names those that are still to be awaited."""
        waiting, type_name = list[str](), parent_type.name
        try:
            for name, details in rest.items():
                place = Path(path, name, type_name)
                result = results[name] = self.execute_field(parent_type, source, details, place, position_context)
                if result.__class__ not in NEVER_AWAITABLE and self.is_awaitable(result):
                    waiting.append(name)
        except Exception:
            if waiting:
                self.settle_in_background([results[name] for name in waiting])
            raise
        return waiting

    async def _await_fields(self, results: dict[str, Any], waiting: list[str], place: FieldPosition | None) -> Any:
        """An object, when each of its fields is there."""
        try:
            if len(waiting) == 1:  # most often
                results[waiting[0]] = await results[waiting[0]]
            else:
                results.update(zip(waiting, await gather_or_cancel([results[name] for name in waiting]), strict=True))
        except Exception as error:
            if place is None:
                raise
            self.handle_field_error(error, *place)
            return None
        return results

    async def _catch_field_error(self, completed: Awaitable[Any], place: FieldPosition) -> Any:
        """What is completed, or the error of its place."""
        try:
            return await completed
        except Exception as error:  # noqa: BLE001 (whatever a method raises is its field's error)
            self.handle_field_error(error, *place)
            return None

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """A method's field, by the method itself."""
        known = self._method_calls.get(id(field_details_list))
        called = known[1] if known else self._method_call(parent_type, field_details_list, path)
        if called is None:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        place = called.field.type, field_details_list, path
        if called.is_async:
            return self._complete_async(called, source, None, place, position_context)
        selected = called.selection
        try:
            result = called.method(source, **called.arguments)
            if selected is not None and result.__class__ is selected.python_class:
                return self._complete_object(selected, result, path, position_context, place)
            if result.__class__ in NEVER_AWAITABLE or not self.is_awaitable(result):
                result = self.complete_value(*place[:2], called.info, path, result, position_context)
                return self._catch_field_error(result, place) if self.is_awaitable(result) else result
        except Exception as error:  # noqa: BLE001 (as above)
            self.handle_field_error(error, *place)
            return None
        return self._complete_async(called, source, result, place, position_context)

    async def _complete_async(
        self, called: MethodCall, source: Any, given: Awaitable[Any] | None, place: FieldPosition, position_context: Any
    ) -> Any:
        """What a field is completed to. An async method has not `given` yet: it is called by who waits for it."""
        type_, details, path = place
        selected = called.selection
        try:
            result = await (called.method(source, **called.arguments) if given is None else given)
            if selected is not None and result.__class__ is selected.python_class:
                completed = self._complete_object(selected, result, path, position_context)
            else:
                completed = self.complete_value(type_, details, called.info, path, result, position_context)
            is_there = completed.__class__ in NEVER_AWAITABLE or not self.is_awaitable(completed)
            return completed if is_there else await completed
        except Exception as error:  # noqa: BLE001 (as above)
            self.handle_field_error(error, *place)
            return None

    def complete_list_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Path, result: Any, position_context: Any
    ) -> Any:
        """A list of plain objects in one go, and one of objects with some plain fields without asking what each is."""
        if self._is_compiled and result.__class__ in _LIST_TYPES and not field_details_list[0].node.directives:
            item = plan_selection(self, self._selection_plan, return_type.of_type, field_details_list)
            plan = item.plan if item else None
            if plan is not None and not plan.fallback_fields:
                try:
                    return (
                        result.to_json(plan.list_serializer)
                        if isinstance(result, RowList)
                        else plan.list_serializer.serialize_objects(result)
                    )
                except Exception:  # noqa: BLE001, S110 (as above)
                    pass
            elif item and all(each.__class__ is item.python_class for each in result):
                return self._complete_object_list(
                    item, return_type.of_type, field_details_list, path, result, position_context
                )
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    def _complete_object_list(
        self,
        item: SelectionPlan,
        type_: Any,
        details: FieldDetailsList,
        path: Path,
        objects: Iterable[Any],
        context: Any,
    ) -> Any:
        """A list of objects of the selection's own class."""
        completed, waiting = list[Any](), list[int]()
        try:
            for index, each in enumerate(objects):
                place = type_, details, Path(path, index, None)
                try:
                    result = self._complete_object(item, each, place[2], context, place)
                except Exception as error:  # noqa: BLE001 (as above)
                    self.handle_field_error(error, *place)
                    result = None
                completed.append(result)
                if result.__class__ not in NEVER_AWAITABLE and self.is_awaitable(result):
                    waiting.append(index)
        except Exception:
            if waiting:
                self.settle_in_background([completed[index] for index in waiting])
            raise
        return _await_items(completed, waiting) if waiting else completed

    def _method_call(self, parent_type: GraphQLObjectType, details: FieldDetailsList, path: Path) -> MethodCall | None:
        """Found by identity within an execution."""
        if not self._is_compiled:
            return None
        called = plan_method_call(self, self._selection_plan, self.converters, parent_type, details, path)
        self._method_calls[id(details)] = details, called
        return called

    def _selection_plan(self, object_type: GraphQLObjectType, grouped: GroupedFieldSet) -> SelectionPlan:
        """Found by identity within an execution; its code, by the nodes that were selected across them."""
        made, selections = self._plan.compiled, self._plan.selections
        known = selections.get(id(grouped))
        if known is None:
            key = object_type.name, tuple(id(details.node) for group in grouped.values() for details in group)
            if key not in made:
                made[key] = compile_selection(self, self.traits, object_type, grouped)
            code = made[key]
            plan = code and code.for_execution(grouped)
            known = selections[id(grouped)] = SelectionPlan(
                object_type, grouped, plan, python_class_of(object_type, grouped)
            )
        return known


async def _await_items(completed: list[Any], waiting: list[int]) -> list[Any]:
    for index, each in zip(waiting, await gather_or_cancel([completed[index] for index in waiting]), strict=True):
        completed[index] = each
    return completed


def compiled_executor_for(traits: ScalarTraits) -> type[CompiledExecutor]:
    """An executor for one schema, with the code made for its operations."""
    return type(CompiledExecutor.__name__, (CompiledExecutor,), {"traits": traits, "operations": {}, "converters": {}})
