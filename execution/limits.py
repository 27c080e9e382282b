"""Limits on the size of an operation, checked before validation, execution and any provider call."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

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
    TokenKind,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    value_from_ast,
)
from strawberry.federation.schema_directives import Cost, ListSize

from .errors import ErrorCode
from .list_sizes import (
    ASSUMED_LIST_SIZE,
    CONNECTION_LIST_FIELDS,
    REPRESENTATIONS,
    SCANNED,
    KnownSizes,
    ListSizes,
    argument_value,
    list_length,
    member_value,
    page_size,
    variable_value,
)

D = TypeVar("D")

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


def check_limits(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], known_sizes: Sequence[KnownSizes]
) -> Measure:
    """Measure a document. Raises GraphQLError if an operation is too large."""
    visitor = LimitVisitor(schema, document, variables, known_sizes)
    visitor.visit_document()
    return Measure(frozenset(visitor.size_variables), visitor.max_cost)


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
        self._known_sizes = known_sizes
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._selections = self._aliases = self._directives = self._elements = 0
        self._values: dict[str, Any] = {}  # the values of the variables of the current operation
        self._cost = self.max_cost = 0  # of the current operation, and of the most expensive one
        self.size_variables: set[tuple[str, ...]] = set()  # also those whose value decided nothing

    def visit_document(self) -> None:
        self._check_numbers()
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self._values, self._cost = {**_default_values(node), **self._variables}, 0
                root_type = self._schema.get_root_type(node.operation)
                self._visit_selections(root_type, node.selection_set, 1, 1, self._sizes_of(root_type))
                _check_bound(self._cost, MAX_COST, "costs more than {}. Request fewer fields, or smaller pages")
                self.max_cost = max(self.max_cost, self._cost)

    def _check_numbers(self) -> None:
        token = self._document.loc.start_token if self._document.loc else None
        while token is not None:
            if token.kind is TokenKind.INT:
                _check_bound(len(token.value or ""), MAX_DIGITS, "has a number with more than {} digits")
            token = token.next

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
                below = sizes if named_type is parent else self._sizes_of(named_type)
                self._visit_selections(named_type, node.selection_set, depth + 1, multiplicity, below)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                fragment = self._fragments[node.name.value]
                named_type = self._schema.type_map.get(fragment.type_condition.name.value)
                below = sizes if named_type is parent else self._sizes_of(named_type)
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
        for count in self._argument_values(node, "initialCount"):  # graphql-core fails later, with an internal error
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
            multiplicity *= self._list_size(node, field, sizes)
            self._elements += multiplicity
            _check_bound(
                self._elements, MAX_LIST_ELEMENTS, "can return more than {} list elements. Request smaller pages"
            )
        named_type = get_named_type(field.type)
        below = self._sizes_below(parent, named_type, node)
        self._cost += multiplicity * max(0, below.get(SCANNED, 0) - _weight(field))
        self._visit_selections(named_type, node.selection_set, depth + 1, multiplicity, below)

    def _list_size(self, node: FieldNode, field: GraphQLField, sizes: ListSizes) -> int:
        """Return the number of elements of a list. `sizes` are those of the lists of its parent."""
        if argument_value(node, REPRESENTATIONS) is not None:
            return self._argument_length(node, (REPRESENTATIONS,)) or 0
        size = sizes.get(node.name.value)
        if size is None:
            declared = _directive(field, ListSize)
            size = declared.assumed_size if declared else None
        return ASSUMED_LIST_SIZE if size is None else size

    def _argument_length(self, node: FieldNode, path: Sequence[str]) -> int | None:
        """Return the length of a list in an argument, or None if it is absent. `path`: the argument and members."""
        value, members = argument_value(node, path[0]), tuple(path[1:])
        while members and not isinstance(value, VariableNode):
            value, members = member_value(value, members[0]), members[1:]
        if not isinstance(value, VariableNode):
            return list_length(value)
        variable = (value.name.value, *members)
        self.size_variables.add(variable)
        return list_length(variable_value(variable, self._values))

    def _sizes_below(self, parent: GraphQLNamedType | None, named_type: GraphQLNamedType, node: FieldNode) -> ListSizes:
        """Return the sizes of the lists of the objects that a field returns."""
        coordinate = f"{parent.name if parent else ''}.{node.name.value}"
        below = self._sizes_of(named_type)
        for known in self._known_sizes:
            if of_field := known.of_field(coordinate):
                path = known.narrowing_argument(coordinate)
                bound = None if path is None else self._argument_length(node, path)
                below = of_field if bound is None else {name: min(size, bound) for name, size in of_field.items()}
        if not named_type.name.endswith("Connection"):
            return below
        size = page_size(self._argument_values(node, "first", "last"))
        return {**below, **dict.fromkeys(CONNECTION_LIST_FIELDS, size)}

    def _sizes_of(self, named_type: GraphQLNamedType | None) -> ListSizes:
        """Return the sizes of the lists of any object of a type."""
        name = named_type.name if named_type else ""
        return next(filter(None, (sizes.of_type(name) for sizes in self._known_sizes)), {})

    def _argument_values(self, node: FieldNode | DirectiveNode, *names: str) -> list[object]:
        """Return the values of the named arguments: integers, None, and Undefined for anything else."""
        values = [argument.value for argument in node.arguments or () if argument.name.value in names]
        self.size_variables.update((value.name.value,) for value in values if isinstance(value, VariableNode))
        return [value_from_ast(value, GraphQLInt, self._values) for value in values]


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
    cost = _directive(field, Cost)
    return cost.weight if cost else 1


def _directive(field: GraphQLField, directive_type: type[D]) -> D | None:
    """Return the directive of this type that the field is declared with. Returns None if it has none."""
    definition = field.extensions.get("strawberry-definition")
    return next((each for each in getattr(definition, "directives", ()) if isinstance(each, directive_type)), None)


def _check_bound(number: int, limit: int, predicate: str) -> None:
    """Raise a limit_error if `number` exceeds `limit`. The limit replaces `{}` in `predicate`."""
    if number > limit:
        raise limit_error(predicate.format(f"{limit:,}"))


def limit_error(predicate: str) -> GraphQLError:
    """Return the error for an operation that is too large. Its message is "The operation", then `predicate`."""
    return GraphQLError(f"The operation {predicate}.", extensions={"code": ErrorCode.BAD_USER_INPUT})
