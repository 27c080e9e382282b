"""Objects of which few attributes are made at once, and each of the others when it is first read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

T = TypeVar("T", bound="Late")
C = TypeVar("C", bound=type)


class Late:
    """For objects that come by the hundred, while an operation selects little of each.

    Their classes are `late`, and `Makers` make them.
    """

    _late: tuple[Mapping[str, Callable[..., Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Makers(Generic[T]):
    """What makes the attributes of a class's objects, by their names; an attribute may itself be made by `Makers`."""

    kind: type[T]
    by: Mapping[str, Callable[..., Any]]

    def __call__(self, *of: Any) -> T:
        """An object that has nothing so far: an attribute is what is set, or else what its maker makes `of` these."""
        made = self.kind.__new__(self.kind)
        made._late = self.by, of  # noqa: SLF001 (its own)
        return made


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """Makes a text of what stands in a row under a key: that very text, if it is one and not blank; else `read` says.

    So where rows are completed by code, a usual text is taken without a call.
    """

    key: str
    read: Callable[[Any, str], Any]

    def __call__(self, row: Any, *_: Any) -> Any:
        return self.read(row, self.key)


def late(cls: C) -> C:
    """A class whose objects may be made by `Makers`: their fields are found, where they are not there yet."""
    for field in fields(cls):
        if not hasattr(cls, field.name):
            setattr(cls, field.name, _Attribute(field.name))
    return cls


class _Attribute:
    """Asked only for what an object does not have yet: its own attributes go before, for this cannot be set."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, made: Any, _: type | None = None) -> Any:
        try:
            by, of = made._late  # noqa: SLF001 (its own)
        except AttributeError:
            raise AttributeError(self._name) from None
        value = by[self._name](*of)
        setattr(made, self._name, value)
        return value
