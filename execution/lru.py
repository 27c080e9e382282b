"""A least-recently-used cache that is bounded by the total size of its values, not by their number."""

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ByteBoundedLRU(Generic[K, V]):
    """Values by key. If their total size exceeds `max_size`, the least recently used ones are evicted.

    The caller gives the size of each value, in bytes or in another unit. It has its own class because cachetools'
    LRUCache takes more than twice as long to find a value, and weighs a value without its key.
    """

    def __init__(self, max_size: int) -> None:
        self.max_size, self.size = max_size, 0
        self.losses = 0  # how many values have been replaced, removed or evicted
        self._values: OrderedDict[K, V] = OrderedDict()
        self._sizes: dict[K, int] = {}
        self.peek = self._values.get  # returns a value, or None, and does not count as a use

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def get(self, key: K) -> V | None:
        """Return a value, which is then the most recently used one. Returns None if there is none."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V, size: int) -> None:
        """Store a value, also in place of an earlier one. Does nothing if it alone exceeds the bound."""
        if size > self.max_size:
            return
        self.remove(key)
        self._values[key], self._sizes[key] = value, size
        self.size += size
        while self.size > self.max_size:
            self.remove(next(iter(self._values)))

    def remove(self, key: K) -> None:
        if key in self._values:
            del self._values[key]
            self.size -= self._sizes.pop(key)
            self.losses += 1
