"""Executes plain fields by code that is generated once per operation. graphql-core executes everything else.

A field is plain if it only reads an attribute and everything selected below it is plain too. Such a subtree becomes one
Python function. The function either completes the value as graphql-core would, or raises. Then graphql-core completes
the whole object again and reports the error with its path. Reading an attribute twice has no side effects.
"""

from collections.abc import Awaitable, Iterable
from functools import partial
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path

from execution.awaitable import NEVER_AWAITABLE, PendingValue
from execution.executor import FieldPosition
from execution.gather import gather_or_cancel
from execution.rows import RowList
from execution.turns import give_back

from .methods import MethodCall, SelectionPlan, plan_selection
from .pending import PendingField, PendingObject
from .planning import PlanningExecutor

_LIST_TYPES = (list, RowList)


class CompiledExecutor(PlanningExecutor):
    """The base executor, with generated code for plain fields and direct calls of resolver methods."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        """Execute plain fields by generated code and others by graphql-core.

        If the code raises, graphql-core executes all fields.
        """
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
        selection: SelectionPlan,
        source: Any,
        path: Path | None,
        position_context: Any,
        position: FieldPosition | None = None,
    ) -> Any:
        """Complete an object. If `position` is given, an error while it is awaited becomes a field error there."""
        compiled = selection.compiled
        try:
            results = None if compiled is None else compiled.complete(source)
        except Exception:  # noqa: BLE001 (fall back to graphql-core, which reports the error with its path)
            self._compiler.fallbacks[selection.object_type.name] += 1
            results = None
        if compiled is None or results is None:
            completed = super().execute_fields(selection.object_type, source, path, selection.grouped, position_context)
            return (
                self._catch_field_error(completed, position) if position and self.is_awaitable(completed) else completed
            )
        if compiled.fallback_fields:
            pending = self.start_fields(
                results, compiled.fallback_fields, selection.object_type, source, path, position_context
            )
            return self._when_done(results, pending, position) if pending else results
        return results

    def _when_done(self, results: dict[str, Any], pending: list[str], position: FieldPosition | None) -> Awaitable[Any]:
        """Return the object when its pending fields are done."""
        if len(pending) == 1 and isinstance(
            results[pending[0]], PendingValue
        ):  # the most frequent case, without a task
            return PendingObject(self, results, pending[0], position)
        return self.await_fields(results, pending, position)

    async def _catch_field_error(self, completed: Awaitable[Any], position: FieldPosition) -> Any:
        """Await a result. An error becomes a field error at `position`."""
        try:
            return await completed
        except Exception as error:  # noqa: BLE001 (an exception of a resolver is the error of its field)
            self.handle_field_error(error, *position)
            return None

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Execute a field by a direct call of its method, if it has a plan, else by graphql-core."""
        if self.work is not None:
            give_back()
        entry = self._method_calls.get(id(field_details_list))
        method_call = entry[1] if entry else self._plan_method_call(parent_type, field_details_list, path)
        if method_call is None:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        position = method_call.field.type, field_details_list, path
        complete_async = partial(self._complete_async, method_call, source, position, position_context)
        if method_call.is_async:
            return self._in_turns(complete_async)
        try:
            result = method_call.method(source, **method_call.arguments)
            if result.__class__ in NEVER_AWAITABLE or not self.is_awaitable(result):
                return self.complete_result(method_call, result, position, position_context)
        except Exception as error:  # noqa: BLE001 (an exception of a resolver is the error of its field)
            self.handle_field_error(error, *position)
            return None
        if isinstance(result, PendingValue) and self.work is None:
            return PendingField(self, method_call, result, position, position_context)
        return self._in_turns(partial(complete_async, result))

    def complete_result(
        self, method_call: MethodCall, result: Any, position: FieldPosition, position_context: Any
    ) -> Any:
        """Complete the result of a method. Raises the error of its field."""
        selection = method_call.selection
        if selection is not None and result.__class__ is selection.python_class:
            return self._complete_object(selection, result, position[2], position_context, position)
        completed = self.complete_value(*position[:2], method_call.info, position[2], result, position_context)
        is_complete = completed.__class__ in NEVER_AWAITABLE or not self.is_awaitable(completed)
        return completed if is_complete else self._catch_field_error(completed, position)

    async def _complete_async(
        self,
        method_call: MethodCall,
        source: Any,
        position: FieldPosition,
        position_context: Any,
        awaitable: Awaitable[Any] | None = None,
    ) -> Any:
        """Await a method's result and complete it. Without `awaitable` the method is async and is called here."""
        try:
            result = await (method_call.method(source, **method_call.arguments) if awaitable is None else awaitable)
            completed = self.complete_result(method_call, result, position, position_context)
            is_complete = completed.__class__ in NEVER_AWAITABLE or not self.is_awaitable(completed)
            return completed if is_complete else await completed
        except Exception as error:  # noqa: BLE001 (an exception of a resolver is the error of its field)
            self.handle_field_error(error, *position)
            return None

    def complete_list_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Path, result: Any, position_context: Any
    ) -> Any:
        """Complete a list of plain objects by one call, and one of partly plain objects without type checks."""
        if self.work is not None:
            give_back()
        if self._is_compiled and result.__class__ in _LIST_TYPES and not field_details_list[0].node.directives:
            selection = plan_selection(self, self._selection_plan, return_type.of_type, field_details_list)
            compiled = selection.compiled if selection else None
            if selection and compiled is not None and not compiled.fallback_fields:
                try:
                    return (
                        result.to_json(compiled.list_serializer)
                        if isinstance(result, RowList)
                        else compiled.list_serializer.serialize_objects(result)
                    )
                except Exception:  # noqa: BLE001 (fall back to graphql-core, which reports the error with its path)
                    self._compiler.fallbacks[selection.object_type.name] += 1
            elif selection and all(item.__class__ is selection.python_class for item in result):
                return self._complete_object_list(
                    selection, return_type.of_type, field_details_list, path, result, position_context
                )
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    def _complete_object_list(
        self,
        selection: SelectionPlan,
        type_: Any,
        details: FieldDetailsList,
        path: Path,
        objects: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """Complete a list of objects, all of the selection's own class."""
        completed: list[Any] = []
        pending: list[int] = []
        try:
            for index, item in enumerate(objects):
                position = type_, details, Path(path, index, None)
                try:
                    result = self._complete_object(selection, item, position[2], position_context, position)
                except Exception as error:  # noqa: BLE001 (an exception of a resolver is the error of its field)
                    self.handle_field_error(error, *position)
                    result = None
                completed.append(result)
                if result.__class__ not in NEVER_AWAITABLE and self.is_awaitable(result):
                    pending.append(index)
        except Exception:
            if pending:
                self.settle_in_background([completed[index] for index in pending])
            raise
        return self._in_turns(partial(_await_items, completed, pending)) if pending else completed


async def _await_items(completed: list[Any], pending: list[int]) -> list[Any]:
    for index, item in zip(pending, await gather_or_cancel([completed[index] for index in pending]), strict=True):
        completed[index] = item
    return completed
