"""Compiled code per operation. The parsed document holds it, so it lives as long as the syntax tree."""

from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType, OperationDefinitionNode
from graphql.execution.collect_fields import GroupedFieldSet

from .methods import SelectionPlan
from .selection import CompiledSelection

SelectionKey = tuple[str, tuple[int, ...]]  # a type name, and where the nodes that are selected start in the document
MAX_VARIANTS = 16  # plans per operation, one for each combination of its Boolean variables


@dataclass(slots=True)
class OperationPlan:
    """The compiled code of one variant of an operation: the same values of @skip and @include.

    Executions share the fields that graphql-core collects. Field sets are found by object identity, so all executions
    must start from the same `roots`. A field set is a dict, which has no hash, and comparing its nodes would cost more
    than the lookup saves. Each plan holds its field set, so no other object can have the same identity.
    """

    compiled: dict[SelectionKey, CompiledSelection | None] = field(default_factory=dict)
    roots: GroupedFieldSet | None = None  # the fields of the root type, collected by the first execution
    sub_fields: dict[Any, Any] = field(default_factory=dict)  # graphql-core's memo of collected subfields
    selections: dict[int, SelectionPlan] = field(default_factory=dict)  # by the identity of the grouped field set


class OperationPlans:
    """The plans of one operation, by the values of its Boolean variables.

    It is compiled from its second execution on, or at once if it is expensive.
    """

    def __init__(self) -> None:
        self.executions = 0
        self.variants: dict[tuple[object, ...], OperationPlan] = {}

    def for_variables(self, variables: dict[str, Any], *, is_expensive: bool = False) -> OperationPlan | None:
        """Return the plan for these values. None at a cheap first execution, or if there are MAX_VARIANTS others."""
        self.executions += 1
        if self.executions == 1 and not is_expensive:
            return None
        switches = tuple((name, value) for name, value in variables.items() if isinstance(value, bool))
        if switches not in self.variants and len(self.variants) >= MAX_VARIANTS:
            return None
        return self.variants.setdefault(switches, OperationPlan())


DocumentPlans = dict[str | None, OperationPlans]  # by operation name, which validation makes unique in a document


def plans_for(operation: OperationDefinitionNode, plans: DocumentPlans) -> OperationPlans:
    """Return the plans of an operation from those of its document."""
    name = operation.name.value if operation.name else None
    if name not in plans:
        plans[name] = OperationPlans()
    return plans[name]


def selection_key(object_type: GraphQLObjectType, grouped: GroupedFieldSet) -> SelectionKey:
    """Return the key that equal selections of one document share in each execution."""
    nodes: Any = (detail.node for details in grouped.values() for detail in details)  # a parsed node has a location
    return object_type.name, tuple(node.loc.start for node in nodes)
