"""Objects of which few attributes are made at once, and the others when the first of them is read."""

from collections.abc import Callable, Mapping
from typing import Any, Self

Make = Callable[[], Mapping[str, Any]]


class Late:
    """For objects that come by the hundred, while an operation selects little of each."""

    @classmethod
    def made(cls, known: Mapping[str, Any], late: Make) -> Self:
        """An object of which `known` are the attributes so far, and `late` gives all others."""
        made = cls.__new__(cls)
        made.__dict__.update(known)
        made.__dict__["_late"] = late
        return made

    def __getattr__(self, name: str) -> Any:
        """Asked only for what is not there yet."""
        late: Make | None = self.__dict__.pop("_late", None)
        if late is None:
            raise AttributeError(name)
        self.__dict__.update(late())
        return getattr(self, name)
