"""Compiled code per operation. It lives as long as the operation's syntax tree."""

from dataclasses import dataclass, field
from typing import Any
from weakref import finalize

from graphql import OperationDefinitionNode
from graphql.execution.collect_fields import GroupedFieldSet

from .methods import SelectionPlan
from .selection import CompiledSelection

MAX_VARIANTS = 16  # plans per operation, one for each combination of its Boolean variables


@dataclass(slots=True)
class OperationPlan:
    """The compiled code of one variant of an operation: the same values of @skip and @include.

    Executions share the fields that graphql-core collects. Field sets are found by object identity, so all executions
    must start from the same `roots`.
    """

    compiled: dict[object, CompiledSelection | None] = field(default_factory=dict)  # by type name and selected nodes
    roots: GroupedFieldSet | None = None  # the fields of the root type, collected by the first execution
    sub_fields: dict[Any, Any] = field(default_factory=dict)  # graphql-core's memo of collected subfields
    selections: dict[int, SelectionPlan] = field(default_factory=dict)  # by the identity of the grouped field set


class OperationPlans:
    """The plans of one operation, by the values of its Boolean variables. Compiled from its second execution on."""

    def __init__(self) -> None:
        self.executions = 0
        self.variants: dict[tuple[object, ...], OperationPlan] = {}

    def for_variables(self, variables: dict[str, Any]) -> OperationPlan | None:
        """Return the plan for these values. None at the first execution, or if there are MAX_VARIANTS others."""
        self.executions += 1
        if self.executions == 1:
            return None
        switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
        if switches not in self.variants and len(self.variants) >= MAX_VARIANTS:
            return None
        return self.variants.setdefault(switches, OperationPlan())


def plans_for(operation: OperationDefinitionNode, plans: dict[int, OperationPlans]) -> OperationPlans:
    """Return the plans of an operation from `plans`, which has them by the operation's identity.

    The entry is removed when the operation's syntax tree is freed.
    """
    if id(operation) not in plans:
        plans[id(operation)] = OperationPlans()
        finalize(operation, plans.pop, id(operation)).atexit = False
    return plans[id(operation)]
