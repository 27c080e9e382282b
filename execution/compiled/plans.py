"""The code made for operations, kept as long as they are there."""

from dataclasses import dataclass, field
from typing import Any
from weakref import finalize

from graphql import OperationDefinitionNode
from graphql.execution.collect_fields import GroupedFieldSet

from .codegen import CompiledSelection
from .methods import SelectionPlan

MAX_VARIANTS = 16  # of one operation, by the variables that skip and include its fields


@dataclass(slots=True)
class OperationPlan:
    """What is made for an operation while the same fields of it are included.

    What graphql-core collects for one execution serves the others: it is found by identity, so by its `roots` first.
    """

    compiled: dict[object, CompiledSelection | None] = field(default_factory=dict)
    roots: GroupedFieldSet | None = None
    sub_fields: dict[Any, Any] = field(default_factory=dict)
    selections: dict[int, SelectionPlan] = field(default_factory=dict)


class OperationPlans:
    """The code made for one operation, by the selections that it completes; made when the operation comes again."""

    def __init__(self) -> None:
        self.uses = 0
        self.variants: dict[tuple[object, ...], OperationPlan] = {}

    def for_variables(self, variables: dict[str, Any]) -> OperationPlan | None:
        """Of the given Boolean variables; null where nothing is to be made."""
        self.uses += 1
        if self.uses == 1:
            return None
        switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
        if switches not in self.variants and len(self.variants) >= MAX_VARIANTS:
            return None
        return self.variants.setdefault(switches, OperationPlan())


def plans_for(operation: OperationDefinitionNode, known: dict[int, OperationPlans]) -> OperationPlans:
    """`known`: by the identity of each operation."""
    if id(operation) not in known:
        known[id(operation)] = OperationPlans()
        finalize(operation, known.pop, id(operation)).atexit = False
    return known[id(operation)]
