"""The base executor: graphql-core's own, for a single response or an incremental one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import graphql.execution
from graphql import GraphQLResolveInfoHelpers
from graphql.execution.incremental import IncrementalExecutor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from .awaitable import LazyAwaitable
from .document import MAX_ERRORS
from .rows import ListSerializer
from .turns import Work, call, give_back


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
