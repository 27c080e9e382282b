"""Objects that compute each field on first access, because an operation selects few fields of each object.

Nothing here or in rows.py may form a reference cycle: an object must not be reachable from its own values, nor a row
list from its rows. Reference counting frees acyclic objects at once, but a cycle waits for the garbage collector. The
worker runs the garbage collector rarely, because under load most of the time went into scanning caches and waiting
requests. Until it runs, a cycle and the provider rows that it holds stay in memory.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import fields
from typing import Any, Generic, TypeVar

V = TypeVar("V")
C = TypeVar("C", bound=type)


class LazyObject:
    """Base class of objects that are created by the hundred while an operation selects few of their fields.

    The class is decorated with `lazy_fields`. A ColumnSet creates the objects.
    """

    _columns_and_arguments: tuple[Mapping[str, Callable[..., Any]], tuple[Any, ...]]


def lazy_fields(cls: C) -> C:
    """Give each dataclass field without a default a LazyField, so that a ColumnSet can create objects of the class."""
    for field in fields(cls):
        if not hasattr(cls, field.name):
            setattr(cls, field.name, LazyField(field.name))
    return cls


class LazyField:
    """A descriptor that computes a field on first access and stores the value in the object.

    It has no `__set__`. So Python finds the stored value first and does not call the descriptor again.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, lazy_object: Any, _: type | None = None) -> Any:
        try:
            columns, arguments = lazy_object._columns_and_arguments  # noqa: SLF001 (declared by LazyObject)
        except AttributeError:
            raise AttributeError(self._name) from None
        value = columns[self._name](*arguments)
        setattr(lazy_object, self._name, value)
        return value


class LazyValue(Generic[V]):
    """A value that is computed from the object that holds it, on first access, and then stored.

    It is computed from a copy of that object, and the copy has values of its own. Otherwise the value and the object
    would refer to each other: a reference cycle, which only the garbage collector could free.
    """

    __slots__ = ("_compute", "_value")

    _value: V

    def __init__(self, compute: Callable[[Any], V]) -> None:
        self._compute: Callable[[Any], V] | None = compute

    def get(self, holder: object) -> V:
        if self._compute is not None:
            self._value, self._compute = self._compute(copy(holder)), None
        return self._value
