"""Objects of which few attributes are made at once, and each of the others when it is first read."""

from collections.abc import Callable, Mapping
from typing import Any, Self

Make = Callable[[str], Any]


class Late:
    """For objects that come by the hundred, while an operation selects little of each."""

    @classmethod
    def made(cls, known: Mapping[str, Any], late: Make) -> Self:
        """An object that has `known` so far; `late` gives another attribute by its name, or raises KeyError."""
        made = cls.__new__(cls)
        made.__dict__.update(known)
        made.__dict__["_late"] = late
        return made

    def __getattr__(self, name: str) -> Any:
        """Asked only for what is not there yet."""
        try:
            value = self.__dict__[name] = self.__dict__["_late"](name)
        except KeyError:
            raise AttributeError(name) from None
        return value
