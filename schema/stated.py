"""Money that a row of the wire states in digits which are the graph's own already."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .values import Money

# Digits that are said as they are: of no negative number that may be zero, and within both bounds of a decimal.
as_said = re.compile(r"(?:-?[1-9][0-9]{0,14}|0)(?:\.[0-9]{1,14})?").fullmatch
UNUSUAL = (LookupError, TypeError)  # what a row of another shape raises


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """Makes money of a row and its whole, whatever its shape, by `made`.

    `at` finds the number in a row of the usual shape. Where rows are completed by code, and it is a text of such
    digits, and the whole has a `currency`, that is what is said: without a decimal, and without an object.
    """

    at: Callable[[Any], object]
    made: Callable[[Any, Any], Money | None]

    def __call__(self, row: Any, whole: Any) -> Money | None:
        return self.made(row, whole)


def nowhere(_: Any) -> object:
    """In rows whose money is made in another way."""
    raise LookupError
