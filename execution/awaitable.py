"""Values that are in memory, or come later. A coroutine for each value would cost a task each."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

NEVER_AWAITABLE = {dict, list, str, int, bool, type(None)}  # classes for which a call of is_awaitable is saved


class PendingValue(Generic[T_co]):
    """The result of a future that others may wait for too. Cancelling one who awaits it does not cancel the future.

    `result` may itself return an awaitable, which is then awaited.
    """

    __slots__ = ("future",)

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self.future = future

    def result(self) -> T_co:
        """Return the value, or raise the exception, of the future, which must be done."""
        return self.future.result()  # type: ignore[no-any-return]

    def map(self, function: Callable[[T_co], U]) -> "PendingValue[U]":
        """Return the pending result of a function of this value."""
        return MappedValue(self, function)

    def __await__(self) -> Generator[Any, Any, T_co]:
        if not self.future.done():
            waiter = asyncio.get_running_loop().create_future()
            self.future.add_done_callback(partial(_wake, waiter))
            yield from waiter
        result = self.result()
        return (yield from result.__await__()) if hasattr(result, "__await__") else result


class MappedValue(PendingValue[U]):
    """A function of a pending value."""

    __slots__ = ("_function", "_value")

    def __init__(self, value: PendingValue[Any], function: Callable[[Any], U]) -> None:
        self.future, self._value, self._function = value.future, value, function

    def result(self) -> U:
        return self._function(self._value.result())


class LazyAwaitable(Generic[T_co]):
    """An awaitable that calls `start` when it is awaited.

    Unlike a coroutine, it may be dropped without being awaited, because it has not started anything.
    """

    __slots__ = ("_start",)

    def __init__(self, start: Callable[[], Awaitable[T_co]]) -> None:
        self._start = start

    def __await__(self) -> Generator[Any, Any, T_co]:
        return self._start().__await__()


AwaitableOrValue: TypeAlias = T | PendingValue[T] | LazyAwaitable[T]


def map_value(value: AwaitableOrValue[T], function: Callable[[T], U]) -> AwaitableOrValue[U]:
    """Return a function of a value, as soon as the value is there."""
    if isinstance(value, PendingValue):
        return value.map(function)
    if isinstance(value, LazyAwaitable):
        return LazyAwaitable(lambda: _await_and_call(value, function))
    return function(value)


async def value_of(value: AwaitableOrValue[T]) -> T:
    """Return a value. Waits if it is not there yet."""
    return await value if isinstance(value, (PendingValue, LazyAwaitable)) else value


async def _await_and_call(value: LazyAwaitable[T], function: Callable[[T], U]) -> U:
    return function(await value)


def _wake(waiter: asyncio.Future[None], _: asyncio.Future[Any]) -> None:
    if not waiter.done():
        waiter.set_result(None)
