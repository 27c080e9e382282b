"""The base executor: graphql-core's own, for a single response or an incremental one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import graphql.execution
from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfoHelpers
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.incremental import IncrementalExecutor
from graphql.pyutils import Path, Undefined
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from .awaitable import NEVER_AWAITABLE, LazyAwaitable
from .document import MAX_ERRORS
from .gather import gather_or_cancel
from .rows import ListSerializer
from .turns import Work, call, give_back

FieldPosition: TypeAlias = tuple[Any, FieldDetailsList, Path]  # the type, the nodes that select it, the response path


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation with graphql-core.

    The result is a single response, unless `incremental` is set: then deferred and streamed parts follow in later
    payloads.
    """

    expected_serializers: Sequence[ListSerializer] = ()  # of the lists that the operation is known to select

    def __init__(
        self,
        *arguments: Any,
        incremental: bool = False,
        cost: int = 0,
        work: Work | None = None,
        **options: Any,
    ) -> None:
        """`cost`: that of the operation, as the limits measured it.

        `work`: that of the operation, if it may take long: it runs in turns. Without it, it runs in one go.
        """
        super().__init__(*arguments, **options)
        self._incremental, self.cost, self.work = incremental, cost, work

    async def execute(self, **options: Any) -> Any:
        """Return the result of the operation."""
        return await self.run(partial(self.execute_operation, **options))

    async def run(self, function: Callable[[], Any]) -> Any:
        """Return the result of a function, which may be async. It runs in turns if the operation does."""
        return await (call(function) if self.work is None else self.work.run(function))

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """New helpers on each access. graphql-core stores them, in a reference cycle with the executor."""
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, _: GraphQLResolveInfoHelpers) -> None:
        pass

    def execute_collected_root_fields(self, *arguments: Any) -> Any:
        return _base_executor(self._incremental).execute_collected_root_fields(self, *arguments)

    def execute_collected_subfields(self, *arguments: Any) -> Any:
        return _base_executor(self._incremental).execute_collected_subfields(self, *arguments)

    def handle_stream(self, *arguments: Any) -> bool:
        handled: bool = _base_executor(self._incremental).handle_stream(self, *arguments)
        return handled

    def execute_field(self, *arguments: Any) -> Any:
        if self.work is not None:
            give_back()
        return super().execute_field(*arguments)

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        """Execute the fields of an object concurrently.

        graphql-core's own method leaves a reference cycle of the error and its tasks if a field fails.
        """
        results: dict[str, Any] = {}
        pending = self.start_fields(results, grouped_field_set, parent_type, source_value, path, position_context)
        return self.await_fields(results, pending) if pending else results

    def start_fields(
        self,
        results: dict[str, Any],
        fields: GroupedFieldSet,
        parent_type: GraphQLObjectType,
        source: Any,
        path: Path | None,
        position_context: Any,
    ) -> list[str]:
        """Execute the fields of an object and add their results. Return the names of those to be awaited."""
        pending: list[str] = []
        type_name = parent_type.name
        try:
            for name, details in fields.items():
                field_path = Path(path, name, type_name)
                result = self.execute_field(parent_type, source, details, field_path, position_context)
                if result is Undefined:
                    continue
                results[name] = result
                if result.__class__ not in NEVER_AWAITABLE and self.is_awaitable(result):
                    pending.append(name)
        except Exception:
            if pending:
                self.settle_in_background([results[name] for name in pending])
            raise
        return pending

    async def await_fields(
        self, results: dict[str, Any], pending: list[str], position: FieldPosition | None = None
    ) -> Any:
        """Await the pending fields of an object and return it, or None after an error at `position`."""
        try:
            if len(pending) == 1:  # the most frequent case
                results[pending[0]] = await results[pending[0]]
            else:
                results.update(zip(pending, await gather_or_cancel([results[name] for name in pending]), strict=True))
        except Exception as error:
            if position is None:
                raise
            self.handle_field_error(error, *position)
            return None
        return results

    def handle_field_error(self, raw_error: Exception, *position: Any) -> None:
        """Report an error at its field, or raise it if the field cannot be null.

        It has no traceback, which would form a reference cycle with the frames and the tasks that it passed. The error
        that it was made from keeps its own, for the log.
        """
        try:
            super().handle_field_error(raw_error, *position)
        except GraphQLError as error:
            raise error.with_traceback(None)  # noqa: B904 (it has its cause already)
        finally:
            del raw_error  # it may be the same error

    def complete_awaitable_value(self, *arguments: Any) -> Any:
        return self._in_turns(partial(super().complete_awaitable_value, *arguments))

    def complete_awaitable_list_item_value(self, *arguments: Any) -> Any:
        return self._in_turns(partial(super().complete_awaitable_list_item_value, *arguments))

    def execute_execution_group(self, *arguments: Any) -> Any:
        """Execute a deferred part."""
        return self._in_turns(partial(super().execute_execution_group, *arguments))

    def complete_stream_item(self, *arguments: Any) -> Any:
        return self._in_turns(partial(super().complete_stream_item, *arguments))

    def _in_turns(self, start: Callable[[], Any]) -> Any:
        """Call a function, or return an awaitable that does, if the operation runs in turns."""
        work = self.work
        return start() if work is None else LazyAwaitable(lambda: work.run(start))

    @classmethod
    def build(cls, *arguments: Any, **options: Any) -> Any:
        executor = super().build(*arguments, **options)
        return executor[:MAX_ERRORS] if isinstance(executor, list) else executor  # a list holds the errors of variables


def _base_executor(incremental: bool) -> Any:
    return IncrementalExecutor if incremental else graphql.execution.Executor
