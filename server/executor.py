"""Completes plain data by code that is made once for each operation; everything else is graphql-core's own work.

Plain is a field that only reads an attribute, where all that is selected of it is plain too. Such a subtree becomes one
Python function. It either completes the value as graphql-core would, or raises, and then graphql-core does the whole
object again and says what is wrong and where: reading attributes twice changes nothing.
"""

from collections.abc import Awaitable
from typing import Any
from weakref import finalize

from graphql import GraphQLObjectType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path

from schema.document import Executor
from schema.standing import Standing

from .calling import Call, call
from .completion import Completion, completion

_LISTS = (list, Standing)
MOST_VARIANTS = 16  # of one operation, by the variables that skip and include its fields


class Plans:
    """The code made for one operation, by the selections that it completes; made when the operation comes again."""

    def __init__(self) -> None:
        self.uses = 0
        self._variants: dict[tuple[object, ...], dict[object, Completion | None]] = {}

    @property
    def selections(self) -> int:
        """How many have code."""
        return sum(made is not None for variant in self._variants.values() for made in variant.values())

    def variant(self, variables: dict[str, Any]) -> dict[object, Completion | None] | None:
        """Of the given Boolean variables; null where nothing is to be made."""
        self.uses += 1
        if self.uses == 1:
            return None
        switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
        if switches not in self._variants and len(self._variants) >= MOST_VARIANTS:
            return None
        return self._variants.setdefault(switches, {})


class CompiledExecutor(Executor):
    """The usual executor, with a short cut through plain data."""

    operations: dict[int, Plans]  # by the identity of each operation, as long as it is there

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[int, tuple[GroupedFieldSet, Completion | None]] = {}
        self._calls: dict[int, tuple[FieldDetailsList, Call | None]] = {}
        wrapped = self.middleware_manager is not None and self.middleware_manager.middlewares
        stock = wrapped or not self.error_propagation
        self._made = None if stock else self._plans().variant(self.variable_values.coerced)

    def build_per_event_executor(self, payload: Any) -> Any:
        """Of a subscription: what is memoized for one event is of no use to the next, and would only grow."""
        executor: Any = super().build_per_event_executor(payload)
        executor._known, executor._calls, executor._relevant_sub_fields = {}, {}, {}  # noqa: SLF001 (its own, copied)
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
        plan = None if self._made is None else self._completion(self._made, parent_type, grouped_field_set)
        if plan is None:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        try:
            results = plan.complete(source_value)
        except Exception:  # noqa: BLE001 (whatever it is, graphql-core says it better)
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        if not plan.rest:
            return results
        rest = super().execute_fields(parent_type, source_value, path, plan.rest, position_context)
        if self.is_awaitable(rest):
            return _merged(results, rest)
        results.update(rest)
        return results

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """A method's field, by the method itself."""
        if self._made is None:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        known = self._calls.get(id(field_details_list))
        if known is None:
            made = call(self, parent_type, field_details_list, path)
            known = self._calls[id(field_details_list)] = field_details_list, made
        called = known[1]
        if called is None:
            return super().execute_field(parent_type, source, field_details_list, path, position_context)
        if called.is_async:
            return self._awaited(called, source, field_details_list, path, position_context)
        rest = called.field.type, field_details_list, called.info, path
        try:
            result = called.method(source, **called.arguments)
            if not self.is_awaitable(result):
                result = self.complete_value(*rest, result, position_context)
                return self._caught(result, *rest) if self.is_awaitable(result) else result
        except Exception as error:  # noqa: BLE001 (whatever a method raises is its field's error)
            self.handle_field_error(error, called.field.type, field_details_list, path)
            return None
        return self.complete_awaitable_value(*rest, result, position_context)

    async def _awaited(
        self, called: Call, source: Any, details: FieldDetailsList, path: Path, position_context: Any
    ) -> Any:
        """What an async method's field is completed to. The method is not called before somebody waits for it."""
        try:
            result = await called.method(source, **called.arguments)
            completed = self.complete_value(called.field.type, details, called.info, path, result, position_context)
            return await completed if self.is_awaitable(completed) else completed
        except Exception as error:  # noqa: BLE001 (whatever a method raises is its field's error)
            self.handle_field_error(error, called.field.type, details, path)
            return None

    async def _caught(
        self, completed: Awaitable[Any], type_: Any, details: FieldDetailsList, _: GraphQLResolveInfo[Any], path: Path
    ) -> Any:
        """What is completed, or the error of its field."""
        try:
            return await completed
        except Exception as error:  # noqa: BLE001 (as above)
            self.handle_field_error(error, type_, details, path)
            return None

    def complete_list_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Path, result: Any, position_context: Any
    ) -> Any:
        """A list of plain objects in one go."""
        item = return_type.of_type
        item = getattr(item, "of_type", item)
        if self._made is not None and result.__class__ in _LISTS and isinstance(item, GraphQLObjectType):
            grouped, deferred, _ = self.collect_subfields(item, field_details_list)
            plan = None if deferred else self._completion(self._made, item, grouped)
            if plan is not None and not plan.rest and not field_details_list[0].node.directives:
                try:
                    return result.written(plan.every) if isinstance(result, Standing) else plan.every.objects(result)
                except Exception:  # noqa: BLE001, S110 (as above)
                    pass
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    def _plans(self) -> Plans:
        operation, operations = self.operation, self.operations
        if id(operation) not in operations:
            operations[id(operation)] = Plans()
            finalize(operation, operations.pop, id(operation)).atexit = False
        return operations[id(operation)]

    def _completion(
        self, made_so_far: dict[object, Completion | None], parent_type: GraphQLObjectType, grouped: GroupedFieldSet
    ) -> Completion | None:
        """Found by identity within an execution, and by the nodes that were selected across them."""
        known = self._known.get(id(grouped))
        if known is None:
            key = parent_type.name, tuple(id(details.node) for group in grouped.values() for details in group)
            if key not in made_so_far:
                made_so_far[key] = completion(self, parent_type, grouped)
            made = made_so_far[key]
            known = self._known[id(grouped)] = grouped, made and made.of(grouped)
        return known[1]


async def _merged(results: dict[str, Any], rest: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    results.update(await rest)
    return results


def executor() -> type[CompiledExecutor]:
    """An executor for one schema, with the code made for its operations."""
    return type(CompiledExecutor.__name__, (CompiledExecutor,), {"operations": {}})
