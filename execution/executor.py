"""The base executor: graphql-core's own, for a single response or an incremental one."""

from collections.abc import Iterable, Sequence
from typing import Any

import graphql.execution
from graphql import GraphQLResolveInfoHelpers
from graphql.execution.incremental import IncrementalExecutor
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from .document import MAX_ERRORS
from .rows import ListSerializer
from .time_slices import ListCompletion, TimeSlices


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation with graphql-core.

    The result is a single response, unless `incremental` is set: then deferred and streamed parts follow in later
    payloads.
    """

    expected_serializers: Sequence[ListSerializer] = ()  # of the lists that the operation is known to select

    def __init__(
        self, *arguments: Any, incremental: bool = False, slices: TimeSlices | None = None, **options: Any
    ) -> None:
        """`slices`: those of the event loop, shared with other operations. Without them, it has its own."""
        super().__init__(*arguments, **options)
        self._incremental, self.slices = incremental, slices or TimeSlices()

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

    def complete_iterable_value(
        self, item_type: Any, details: Any, info: Any, path: Path, items: Iterable[Any], position_context: Any
    ) -> Any:
        """Complete a list item by item, in time slices. graphql-core completes a list that may be streamed."""
        if details[0].node.directives or not isinstance(items, Sequence):
            return super().complete_iterable_value(item_type, details, info, path, items, position_context)

        def complete_item(index: int, item: Any, results: list[Any]) -> bool:
            item_path = Path(path, index, None)
            if self.is_awaitable(item):
                arguments = item, item_type, details, info, item_path, position_context
                results.append(self.complete_awaitable_list_item_value(*arguments))
                return True
            return self.complete_list_item_value(item, results, item_type, details, info, item_path, position_context)

        return ListCompletion(self.slices, items, complete_item).run(self.settle_in_background)

    @classmethod
    def build(cls, *arguments: Any, **options: Any) -> Any:
        executor = super().build(*arguments, **options)
        return executor[:MAX_ERRORS] if isinstance(executor, list) else executor  # a list holds the errors of variables


def _base_executor(incremental: bool) -> Any:
    return IncrementalExecutor if incremental else graphql.execution.Executor
