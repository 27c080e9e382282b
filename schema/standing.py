"""A list that many requests are given, and that does not change: what was written of it serves all of them."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

T = TypeVar("T")
MOST = 4  # ways to complete it of which what was written is kept


class Standing(list[T]):
    """Nobody may change it. It can be held weakly, as other lists cannot."""

    __slots__ = ("__weakref__", "_written", "digest")

    def __init__(self, items: list[T]) -> None:
        super().__init__(items)
        self._written: dict[object, object] = {}
        self.digest: bytes | None = None  # of the body that it was made of

    def written(self, complete: Callable[[list[T]], Any]) -> Any:
        """What is completed of it, as it is written: a fragment, made once for each way to complete it."""
        found = self._written.get(complete)
        if found is None:
            if len(self._written) >= MOST:
                self._written.clear()
            found = self._written[complete] = _fragment(complete(self))
        return found


def _fragment(completed: object) -> object:
    try:
        return orjson.Fragment(orjson.dumps(completed))
    except orjson.JSONEncodeError:  # a lone surrogate, or deep nesting, in a provider's raw object
        return completed
