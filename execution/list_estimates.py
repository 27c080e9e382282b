"""Estimates of how many elements each list of an operation returns, from what the schema declares and what is known."""

from collections.abc import Sequence
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLField,
    GraphQLInt,
    GraphQLNamedType,
    VariableNode,
    value_from_ast,
)
from strawberry.federation.schema_directives import ListSize

from .internals import declared_directive
from .list_sizes import (
    ASSUMED_LIST_SIZE,
    CONNECTION_LIST_FIELDS,
    REPRESENTATIONS,
    KnownSizes,
    ListSizes,
    argument_value,
    list_length,
    member_value,
    page_size,
    variable_value,
)


class ListEstimates:
    """Estimates the lengths of the lists of a document, for the values of its variables."""

    def __init__(self, known_sizes: Sequence[KnownSizes]) -> None:
        """The first of `known_sizes` that knows a type decides. For a field it is the last one."""
        self._known_sizes = known_sizes
        self.variables: dict[str, Any] = {}  # the values of the variables of the current operation
        self.size_variables: set[tuple[str, ...]] = set()  # also those whose value decided nothing

    def length(self, node: FieldNode, field: GraphQLField, sizes: ListSizes) -> int:
        """Return the number of elements of a list. `sizes` are those of the lists of its parent."""
        if argument_value(node, REPRESENTATIONS) is not None:
            return self._argument_length(node, (REPRESENTATIONS,)) or 0
        size = sizes.get(node.name.value)
        if size is None:
            declared = declared_directive(field, ListSize)
            size = declared.assumed_size if declared else None
        return ASSUMED_LIST_SIZE if size is None else size

    def sizes_below(self, parent: GraphQLNamedType | None, named_type: GraphQLNamedType, node: FieldNode) -> ListSizes:
        """Return the sizes of the lists of the objects that a field returns."""
        coordinate = f"{parent.name if parent else ''}.{node.name.value}"
        below = self.sizes_of(named_type)
        for known in self._known_sizes:
            if of_field := known.of_field(coordinate):
                path = known.narrowing_argument(coordinate)
                bound = None if path is None else self._argument_length(node, path)
                below = of_field if bound is None else {name: min(size, bound) for name, size in of_field.items()}
        if not named_type.name.endswith("Connection"):
            return below
        size = page_size(self.argument_values(node, "first", "last"))
        return {**below, **dict.fromkeys(CONNECTION_LIST_FIELDS, size)}

    def sizes_of(self, named_type: GraphQLNamedType | None) -> ListSizes:
        """Return the sizes of the lists of any object of a type."""
        name = named_type.name if named_type else ""
        return next(filter(None, (sizes.of_type(name) for sizes in self._known_sizes)), {})

    def argument_values(self, node: FieldNode | DirectiveNode, *names: str) -> list[object]:
        """Return the values of the named arguments: integers, None, and Undefined for anything else."""
        values = [argument.value for argument in node.arguments or () if argument.name.value in names]
        self.size_variables.update((value.name.value,) for value in values if isinstance(value, VariableNode))
        return [value_from_ast(value, GraphQLInt, self.variables) for value in values]

    def _argument_length(self, node: FieldNode, path: Sequence[str]) -> int | None:
        """Return the length of a list in an argument, or None if it is absent. `path`: the argument and members."""
        value, members = argument_value(node, path[0]), tuple(path[1:])
        while members and not isinstance(value, VariableNode):
            value, members = member_value(value, members[0]), members[1:]
        if not isinstance(value, VariableNode):
            return list_length(value)
        variable = (value.name.value, *members)
        self.size_variables.add(variable)
        return list_length(variable_value(variable, self.variables))
