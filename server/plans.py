"""The code made for operations, kept as long as they are there."""

from typing import Any
from weakref import finalize

from graphql import OperationDefinitionNode

from .completion import Completion

MOST_VARIANTS = 16  # of one operation, by the variables that skip and include its fields


class Plans:
    """The code made for one operation, by the selections that it completes; made when the operation comes again."""

    def __init__(self) -> None:
        self.uses = 0
        self._variants: dict[tuple[object, ...], dict[object, Completion | None]] = {}

    @property
    def selections(self) -> int:
        """How many have code."""
        return sum(made is not None for variant in self._variants.values() for made in variant.values())

    def variant(self, variables: dict[str, Any]) -> dict[object, Completion | None] | None:
        """Of the given Boolean variables; null where nothing is to be made."""
        self.uses += 1
        if self.uses == 1:
            return None
        switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
        if switches not in self._variants and len(self._variants) >= MOST_VARIANTS:
            return None
        return self._variants.setdefault(switches, {})


def plans_of(operation: OperationDefinitionNode, known: dict[int, Plans]) -> Plans:
    """`known`: by the identity of each operation."""
    if id(operation) not in known:
        known[id(operation)] = Plans()
        finalize(operation, known.pop, id(operation)).atexit = False
    return known[id(operation)]
