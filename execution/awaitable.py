"""An answer that is there already, or one to come: to wait for what is there would take a task for each."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")


class LazyAwaitable(Generic[T]):
    """Asked for when somebody waits for it: unlike a coroutine it may be left, and nothing was begun."""

    __slots__ = ("_start",)

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._start = ask

    def __await__(self) -> Generator[Any, Any, T]:
        return self._start().__await__()


AwaitableOrValue: TypeAlias = T | LazyAwaitable[T]
