"""Objects of which few attributes are made at once, and each of the others when it is first read."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import fields
from typing import Any, Generic, TypeVar

V = TypeVar("V")
C = TypeVar("C", bound=type)


class LazyObject:
    """For objects that come by the hundred, while an operation selects little of each.

    Their classes are `late`, and `Makers` make them.
    """

    _late: tuple[Mapping[str, Callable[..., Any]], tuple[Any, ...]]


def lazy_fields(cls: C) -> C:
    """A class whose objects may be made by `Makers`: their fields are found, where they are not there yet."""
    for field in fields(cls):
        if not hasattr(cls, field.name):
            setattr(cls, field.name, LazyField(field.name))
    return cls


class LazyField:
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


class LazyValue(Generic[V]):
    """A value that is computed from its owner on first access and then kept.

    The value is computed from a copy of its owner, and the copy has values of its own. Otherwise the value and its
    owner would refer to each other, and only the garbage collector could free them.
    """

    __slots__ = ("_compute", "_value")

    _value: V

    def __init__(self, make: Callable[[Any], V]) -> None:
        self._compute: Callable[[Any], V] | None = make

    def get(self, owner: object) -> V:
        if self._compute is not None:
            self._value, self._compute = self._compute(copy(owner)), None
        return self._value
