"""The base executor: graphql-core's own, for a single response or an incremental one."""

from collections.abc import Sequence
from typing import Any

import graphql.execution
from graphql import GraphQLResolveInfoHelpers
from graphql.execution.incremental import IncrementalExecutor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from .document import MAX_ERRORS
from .rows import ListSerializer


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation with graphql-core.

    The result is a single response, unless `incremental` is set: then deferred and streamed parts follow in later
    payloads.
    """

    expected_serializers: Sequence[ListSerializer] = ()  # of the lists that the operation is known to select

    def __init__(self, *arguments: Any, incremental: bool = False, cost: int = 0, **options: Any) -> None:
        """`cost`: that of the operation, as the limits measured it."""
        super().__init__(*arguments, **options)
        self._incremental, self.cost = incremental, cost

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

    @classmethod
    def build(cls, *arguments: Any, **options: Any) -> Any:
        executor = super().build(*arguments, **options)
        return executor[:MAX_ERRORS] if isinstance(executor, list) else executor  # a list holds the errors of variables


def _base_executor(incremental: bool) -> Any:
    return IncrementalExecutor if incremental else graphql.execution.Executor
