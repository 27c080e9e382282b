"""Limits on the size of an operation, checked before validation, execution and any provider call."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInt,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    value_from_ast,
)
from strawberry.federation.schema_directives import Cost

from .errors import ErrorCode
from .internals import declared_directive
from .list_estimates import ListEstimates
from .list_sizes import SCANNED, KnownSizes, ListSizes

MAX_TOKENS = 2_000  # per document, counted by the parser; parsing and validation take 10 to 20 us for each
MAX_DEPTH = 24  # the introspection of common tools has 18 levels
MAX_SELECTIONS = 1_000  # after fragments are expanded
MAX_ALIASES = 200
MAX_DIRECTIVES = 50
MAX_VALIDATION_COST = 10_000  # comparisons between fields, 1 us each; a usual document needs a few hundred
MAX_DIGITS = 100  # int() fails with thousands of digits, which would be an internal error
MAX_LIST_ELEMENTS = 50_000  # in all lists of the response, if every page is full
MAX_COST = 250_000  # of one operation: its selected fields, each times the objects that it is selected on


class Measure(NamedTuple):
    """What the limits measure of a document. Only the values of `size_variables`, and known sizes, can change it.

    Each is the name of a variable, followed by the names of members of its input object.
    """

    size_variables: frozenset[tuple[str, ...]]
    cost: int  # of its most expensive operation


def check_digits(digits: int) -> None:
    """Raise GraphQLError if the longest integer of a document has too many digits."""
    _check_bound(digits, MAX_DIGITS, "has a number with more than {} digits")


def check_limits(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], known_sizes: Sequence[KnownSizes]
) -> Measure:
    """Measure a document. Raises GraphQLError if an operation is too large."""
    visitor = LimitVisitor(schema, document, variables, known_sizes)
    visitor.visit_document()
    return Measure(frozenset(visitor.lists.size_variables), visitor.max_cost)


class LimitVisitor:
    """Visits all operations of a document once and counts. It raises GraphQLError at the first exceeded limit."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        known_sizes: Sequence[KnownSizes],
    ) -> None:
        self._schema, self._document, self._variables = schema, document, variables
        self.lists = ListEstimates(known_sizes)
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._selections = self._aliases = self._directives = self._elements = 0
        self._cost = self.max_cost = 0  # of the current operation, and of the most expensive one

    def visit_document(self) -> None:
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self.lists.variables, self._cost = {**_default_values(node), **self._variables}, 0
                root_type = self._schema.get_root_type(node.operation)
                self._visit_selections(root_type, node.selection_set, 1, 1, self.lists.sizes_of(root_type))
                _check_bound(self._cost, MAX_COST, "costs more than {}. Request fewer fields, or smaller pages")
                self.max_cost = max(self.max_cost, self._cost)

    def _visit_selections(
        self,
        parent: GraphQLNamedType | None,
        selections: SelectionSetNode | None,
        depth: int,
        multiplicity: int,
        sizes: ListSizes,
    ) -> None:
        """Count the selections on `multiplicity` objects of type `parent`, whose lists have these sizes."""
        _check_bound(depth, MAX_DEPTH, "is nested deeper than {} levels")
        for node in selections.selections if selections else ():
            self._count_selection(node)
            if isinstance(node, FieldNode):
                self._visit_field(parent, node, depth, multiplicity, sizes)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                named_type = self._schema.type_map.get(condition.name.value) if condition else parent
                below = sizes if named_type is parent else self.lists.sizes_of(named_type)
                self._visit_selections(named_type, node.selection_set, depth + 1, multiplicity, below)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                fragment = self._fragments[node.name.value]
                named_type = self._schema.type_map.get(fragment.type_condition.name.value)
                below = sizes if named_type is parent else self.lists.sizes_of(named_type)
                self._visit_selections(named_type, fragment.selection_set, depth + 1, multiplicity, below)

    def _count_selection(self, node: Any) -> None:
        self._selections += 1
        self._aliases += getattr(node, "alias", None) is not None
        for directive in node.directives or ():
            self._check_directive(directive)
        _check_bound(self._selections, MAX_SELECTIONS, "selects more than {} fields")
        _check_bound(self._aliases, MAX_ALIASES, "has more than {} aliases")

    def _check_directive(self, node: DirectiveNode) -> None:
        self._directives += 1
        _check_bound(self._directives, MAX_DIRECTIVES, "has more than {} directives")
        # graphql-core would fail later, with an internal error.
        for count in self.lists.argument_values(node, "initialCount"):
            if count is None or (isinstance(count, int) and count < 0):
                raise limit_error("streams a list with an initialCount that is null or negative")

    def _visit_field(
        self, parent: GraphQLNamedType | None, node: FieldNode, depth: int, multiplicity: int, sizes: ListSizes
    ) -> None:
        field = self._schema.get_field(parent, node.name.value) if is_composite_type(parent) else None
        if field is None:  # an unknown field can still be too large to validate
            self._visit_selections(None, node.selection_set, depth + 1, multiplicity, {})
            return
        self._cost += multiplicity * _weight(field)
        if node.selection_set is None:
            return
        if is_list_type(get_nullable_type(field.type)):
            multiplicity *= self.lists.length(node, field, sizes)
            self._elements += multiplicity
            _check_bound(
                self._elements, MAX_LIST_ELEMENTS, "can return more than {} list elements. Request smaller pages"
            )
        named_type = get_named_type(field.type)
        below = self.lists.sizes_below(parent, named_type, node)
        self._cost += multiplicity * max(0, below.get(SCANNED, 0) - _weight(field))
        self._visit_selections(named_type, node.selection_set, depth + 1, multiplicity, below)


def _default_values(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Return the default values of variables that are integers or null."""
    defaults = {
        definition.variable.name.value: value_from_ast(definition.default_value, GraphQLInt)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
    return {name: value for name, value in defaults.items() if value is None or isinstance(value, int)}


def _weight(field: GraphQLField) -> int:
    """Return the weight of @cost on a field, or 1 if it has none."""
    cost = declared_directive(field, Cost)
    return cost.weight if cost else 1


def _check_bound(number: int, limit: int, predicate: str) -> None:
    """Raise a limit_error if `number` exceeds `limit`. The limit replaces `{}` in `predicate`."""
    if number > limit:
        raise limit_error(predicate.format(f"{limit:,}"))


def limit_error(predicate: str) -> GraphQLError:
    """Return the error for an operation that is too large. Its message is "The operation", then `predicate`."""
    return GraphQLError(f"The operation {predicate}.", extensions={"code": ErrorCode.BAD_USER_INPUT})
