"""Fields and objects that are completed when a future is done, without a task."""

from collections.abc import Awaitable
from typing import Any, Protocol

from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

from execution.awaitable import NEVER_AWAITABLE, PendingValue
from execution.executor import FieldPosition

from .methods import MethodCall


class CompletingExecutor(Protocol):
    """What an executor does with a value that is there."""

    def is_awaitable(self, value: Any) -> bool: ...
    def handle_field_error(self, error: Exception, type_: Any, details: FieldDetailsList, path: Path) -> None: ...
    def complete_result(
        self, method_call: MethodCall, result: Any, position: FieldPosition, position_context: Any
    ) -> Any: ...
    def await_fields(
        self, results: dict[str, Any], pending: list[str], position: FieldPosition | None
    ) -> Awaitable[Any]: ...


class PendingField(PendingValue[Any]):
    """The field whose method returned a pending value."""

    __slots__ = ("_executor", "_method_call", "_position", "_position_context", "_value")

    def __init__(
        self,
        executor: CompletingExecutor,
        method_call: MethodCall,
        value: PendingValue[Any],
        position: FieldPosition,
        position_context: Any,
    ) -> None:
        self.future, self._value = value.future, value
        self._executor, self._method_call = executor, method_call
        self._position, self._position_context = position, position_context

    def result(self) -> Any:
        """Complete the field. An error becomes a field error."""
        try:
            return self._executor.complete_result(
                self._method_call, self._value.result(), self._position, self._position_context
            )
        except Exception as error:  # noqa: BLE001 (an exception of a resolver is the error of its field)
            self._executor.handle_field_error(error, *self._position)
            return None


class PendingObject(PendingValue[Any]):
    """An object of which one field is pending."""

    __slots__ = ("_executor", "_name", "_position", "_results")

    def __init__(
        self, executor: CompletingExecutor, results: dict[str, Any], name: str, position: FieldPosition | None
    ) -> None:
        self.future = results[name].future
        self._executor, self._results, self._name, self._position = executor, results, name, position

    def result(self) -> Any:
        """Return the object. An error that a non-null field passes on becomes a field error at its position."""
        results, name = self._results, self._name
        try:
            field = results[name] = results[name].result()
        except Exception as error:
            if self._position is None:
                raise
            self._executor.handle_field_error(error, *self._position)
            return None
        if field.__class__ not in NEVER_AWAITABLE and self._executor.is_awaitable(field):
            return self._executor.await_fields(results, [name], self._position)
        return results
