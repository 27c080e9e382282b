"""Limits on the size of an operation, checked before validation, execution and any provider call."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
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

from .errors import ErrorCode

MAX_TOKENS = 10_000  # per document, counted by the parser
MAX_DEPTH = 24  # the introspection of common tools has 18 levels
MAX_SELECTIONS = 1_000  # after fragments are expanded
MAX_ALIASES = 200
MAX_DIRECTIVES = 50
MAX_VALIDATION_COST = 100_000  # comparisons between fields; a usual document needs a few hundred
MAX_DIGITS = 100  # int() fails with thousands of digits, which would be an internal error
MAX_LIST_ELEMENTS = 50_000  # in all lists of the response, if every page is full
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 20, 200  # the field itself rejects a larger size
CONNECTION_LIST_FIELDS = ("nodes", "edges")  # the lists of a connection, which are as long as its page
ASSUMED_LIST_SIZE = 5  # assumed length of a list without a size argument, such as an invoice's credits


def check_limits(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the variables that decide the size. Raises GraphQLError if an operation is too large."""
    visitor = LimitVisitor(schema, document, variables)
    visitor.visit_document()
    return frozenset(visitor.sizes)


class LimitVisitor:
    """Visits all operations of a document once and counts. It raises GraphQLError at the first exceeded limit."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema, self._document, self._variables = schema, document, variables
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._selections = self._aliases = self._directives = self._elements = 0
        self._values: dict[str, Any] = {}  # the values of the variables of the current operation
        self.sizes: set[str] = set()  # names of all variables in size arguments, also those whose value decided nothing

    def visit_document(self) -> None:
        self._check_numbers()
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self._values = {**_default_values(node), **self._variables}
                root = self._schema.get_root_type(node.operation)
                self._visit_selections(root, node.selection_set, 1, 1, DEFAULT_PAGE_SIZE)

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
        page_size: int,
    ) -> None:
        """Count the selections on `multiplicity` objects of type `parent`, from a page of at most `page_size`."""
        _check_bound(depth, MAX_DEPTH, "is nested deeper than {} levels")
        for node in selections.selections if selections else ():
            self._count_selection(node)
            if isinstance(node, FieldNode):
                self._visit_field(parent, node, depth, multiplicity, page_size)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                named_type = self._schema.type_map.get(condition.name.value) if condition else parent
                self._visit_selections(named_type, node.selection_set, depth + 1, multiplicity, page_size)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                fragment = self._fragments[node.name.value]
                named_type = self._schema.type_map.get(fragment.type_condition.name.value)
                self._visit_selections(named_type, fragment.selection_set, depth + 1, multiplicity, page_size)

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
        self, parent: GraphQLNamedType | None, node: FieldNode, depth: int, multiplicity: int, page_size: int
    ) -> None:
        if node.selection_set is None:
            return
        field = self._schema.get_field(parent, node.name.value) if is_composite_type(parent) else None
        if field is None:  # an unknown field can still be too large to validate
            self._visit_selections(None, node.selection_set, depth + 1, multiplicity, page_size)
            return
        named_type = get_named_type(field.type)
        if is_list_type(get_nullable_type(field.type)):
            multiplicity *= page_size if node.name.value in CONNECTION_LIST_FIELDS else ASSUMED_LIST_SIZE
            self._elements += multiplicity
            _check_bound(
                self._elements, MAX_LIST_ELEMENTS, "can return more than {} list elements. Request smaller pages"
            )
        if named_type.name.endswith("Connection"):
            page_size = self._page_size(node)
        self._visit_selections(named_type, node.selection_set, depth + 1, multiplicity, page_size)

    def _page_size(self, node: FieldNode) -> int:
        size = next(
            (value for value in self._argument_values(node, "first", "last") if isinstance(value, int)),
            DEFAULT_PAGE_SIZE,
        )
        return min(max(size, 1), MAX_PAGE_SIZE)

    def _argument_values(self, node: FieldNode | DirectiveNode, *names: str) -> list[object]:
        """Return the values of the named arguments: integers, None, and Undefined for anything else."""
        values = [argument.value for argument in node.arguments or () if argument.name.value in names]
        self.sizes.update(value.name.value for value in values if isinstance(value, VariableNode))
        return [value_from_ast(value, GraphQLInt, self._values) for value in values]


def _default_values(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Return the default values of variables that are integers or null."""
    defaults = {
        definition.variable.name.value: value_from_ast(definition.default_value, GraphQLInt)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
    return {name: value for name, value in defaults.items() if value is None or isinstance(value, int)}


def _check_bound(number: int, limit: int, predicate: str) -> None:
    """Raise a limit_error if `number` exceeds `limit`. The limit replaces `{}` in `predicate`."""
    if number > limit:
        raise limit_error(predicate.format(f"{limit:,}"))


def limit_error(predicate: str) -> GraphQLError:
    """Return the error for an operation that is too large. Its message is "The operation", then `predicate`."""
    return GraphQLError(f"The operation {predicate}.", extensions={"code": ErrorCode.BAD_USER_INPUT})
