"""The base executors: graphql-core's own, for a whole answer and for an incremental one."""

from typing import Any

import graphql.execution
from graphql import GraphQLResolveInfoHelpers
from graphql.execution.incremental import IncrementalExecutor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from .document import MAX_ERRORS


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Suggests nothing, as the checks do, to who misspells what a variable may hold.

    Delivers all at once, unless it is `incremental`: then what is deferred or streamed comes later.
    """

    def __init__(self, *arguments: Any, incremental: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._incremental = incremental

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """Made when asked for: kept, as graphql-core would, they hold the executor that holds them."""
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
        built = super().build(*arguments, **{**options, "hide_suggestions": True})
        return built[:MAX_ERRORS] if isinstance(built, list) else built


def _base_executor(incremental: bool) -> Any:
    return IncrementalExecutor if incremental else graphql.execution.Executor
