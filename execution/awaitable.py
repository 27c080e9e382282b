"""A value that is already in memory, or an awaitable that starts its work only when it is awaited."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")


class LazyAwaitable(Generic[T]):
    """An awaitable that calls `start` when it is awaited.

    Unlike a coroutine, it may be dropped without being awaited, because it has not started anything.
    """

    __slots__ = ("_start",)

    def __init__(self, start: Callable[[], Awaitable[T]]) -> None:
        self._start = start

    def __await__(self) -> Generator[Any, Any, T]:
        return self._start().__await__()


AwaitableOrValue: TypeAlias = T | LazyAwaitable[T]  # a coroutine per value would cost a task; a value does not
