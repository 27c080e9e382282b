"""Parsed and validated GraphQL documents, and a cache of them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any
from weakref import WeakValueDictionary

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    specified_rules,
    validate,
    visit,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from . import limits
from .errors import ErrorCode
from .introspection import NoIntrospectionRule
from .list_sizes import IntrospectionSizes
from .lru import ByteBoundedLRU
from .scopes import Requirement, required_scopes

MAX_DOCUMENT_CHARACTERS = 256_000  # in all retained documents; a parsed document takes about 200 bytes per character
# graphql-core reads this budget from its module; validate() has no argument for it.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.MAX_VALIDATION_COST
_VALIDATION_ABORTED = (
    "Validation aborted."  # graphql-core's message when the budget is spent or fragments nest too deep
)
MAX_CHECKED_SIZES = 16  # size arguments per document that are remembered as within the limits
_SIZE_TYPES = (int, type(None), type(...), tuple)  # not bool or float: True == 1 == 1.0, but only the int is a size
SizeArguments = tuple[Any, ...]
_MIN_SELECTIONS_TO_DEDUPLICATE = 50  # in one selection set
_RULES_WITHOUT_INTROSPECTION = (*specified_rules, NoIntrospectionRule)
MAX_ERRORS = 10  # in one response, of the document or of its variables


class ParsedDocument:
    """A document that was parsed from `text`. Raises GraphQLSyntaxError if the text is no document."""

    def __init__(
        self,
        text: str,
        schema: GraphQLSchema,
        introspection: IntrospectionSizes | None = None,
        *,
        allows_introspection: bool = True,
    ) -> None:
        self._allows_introspection = allows_introspection
        self.text, self.tree = text, parse(text, max_tokens=limits.MAX_TOKENS)
        self._schema, self._introspection = schema, introspection or IntrospectionSizes(schema)
        self._size_variables: frozenset[str] | None = None  # variables that give a size; None before the first check
        self._costs: dict[SizeArguments, int] = {}  # by their values that are within the limits
        self._requirements: dict[str | None, list[Requirement]] = {}  # by operation name
        self.plans: dict[str | None, Any] = {}  # what executors reuse, by operation name; it is freed with the document

    def check_limits(self, variables: Mapping[str, Any]) -> int:
        """Return the cost. Raises GraphQLError if an operation exceeds a limit.

        Memoized by the values of the size variables.
        """
        known_sizes = self._size_arguments(variables)
        cost = None if known_sizes is None else self._costs.get(known_sizes)
        if cost is not None:
            return cost
        self._size_variables, cost = limits.check_limits(self._schema, self.tree, variables, self._introspection)
        sizes = self._size_arguments(variables)
        if sizes is not None and len(self._costs) < MAX_CHECKED_SIZES:
            self._costs[sizes] = cost
        return cost

    def _size_arguments(self, variables: Mapping[str, Any]) -> SizeArguments | None:
        """Return the values of the size variables. A list is the tuple of its length.

        None before the first check, or if a value cannot be a size.
        """
        if self._size_variables is None:
            return None
        values = (variables.get(name, ...) for name in self._size_variables)
        sizes = tuple((len(value),) if isinstance(value, list) else value for value in values)
        return sizes if all(size.__class__ in _SIZE_TYPES for size in sizes) else None

    @cached_property
    def validation_errors(self) -> list[GraphQLError]:
        """The errors of the GraphQL validation rules, which do not depend on variables.

        At most MAX_ERRORS. If there are more, the last one says that validation stopped.
        """
        errors = validate(
            self._schema,
            visit(self.tree, _DEDUPLICATE_SELECTIONS),
            rules=specified_rules if self._allows_introspection else _RULES_WITHOUT_INTROSPECTION,
            max_errors=MAX_ERRORS - 1,
            hide_suggestions=not self._allows_introspection,
        )
        if errors and errors[-1].message == _VALIDATION_ABORTED:
            return [limits.limit_error("takes too much work to validate. Request less at once")]
        return errors

    def scope_errors(self, name: str | None, scopes: Collection[str]) -> list[GraphQLError]:
        """Return an error for each field or type of a valid operation whose scopes are missing. At most MAX_ERRORS."""
        if name not in self._requirements:
            self._requirements[name] = required_scopes(self._schema, self.tree, self.select_operation(name))
        missing = (each for each in self._requirements[name] if not each.is_met(scopes))
        return [requirement.error() for requirement in islice(missing, MAX_ERRORS)]

    def select_operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run. Raises GraphQLError if it is missing or ambiguous; Strawberry would pick one."""
        operations = [node for node in self.tree.definitions if isinstance(node, OperationDefinitionNode)]
        if name:
            operations = [node for node in operations if node.name and node.name.value == name][:1]
        if not operations:
            raise _bad_user_input(f"The document has no operation{f' by the name {json.dumps(name)}' if name else ''}.")
        if len(operations) > 1:
            raise _bad_user_input("The document has several operations: name the one to run in operationName.")
        return operations[0]


class DeduplicateSelections(Visitor):
    """Keeps the first of equal selections in a large selection set.

    Equal selections cannot conflict, but validation would compare each pair of them.
    """

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:
        if len(node.selections) < _MIN_SELECTIONS_TO_DEDUPLICATE:
            return None
        unique = {print_ast(selection): selection for selection in reversed(node.selections)}
        return replace(node, selections=tuple(reversed(unique.values())))


_DEDUPLICATE_SELECTIONS = DeduplicateSelections()  # has no state; graphql-core makes each visitor a reference cycle


class DocumentCache:
    """Parsed documents by their text, so that a text is parsed once.

    A document stays while a request uses it. A retained document, one that passed every check, stays until newer
    texts exceed MAX_DOCUMENT_CHARACTERS.
    """

    def __init__(self, schema: GraphQLSchema, *, allows_introspection: bool = True) -> None:
        self._schema, self._allows_introspection = schema, allows_introspection
        self._introspection = IntrospectionSizes(schema)
        self._parsed: WeakValueDictionary[str, ParsedDocument] = WeakValueDictionary()
        self._retained: ByteBoundedLRU[str, ParsedDocument] = ByteBoundedLRU(MAX_DOCUMENT_CHARACTERS)

    @property
    def text_length(self) -> int:
        """The number of characters in all retained documents."""
        return self._retained.size

    def __call__(self, text: str) -> ParsedDocument:
        """Return the parsed document. Raises GraphQLSyntaxError."""
        document = self._retained.get(text) or self._parsed.get(text)
        if document is None:
            document = self._parsed[text] = ParsedDocument(
                text, self._schema, self._introspection, allows_introspection=self._allows_introspection
            )
        return document

    def __contains__(self, text: str) -> bool:
        return text in self._retained

    def retain(self, document: ParsedDocument) -> None:
        """Keep a document. The least recently used ones are dropped to make room."""
        if document.text not in self._retained:
            self._retained.put(document.text, document, len(document.text))


def _bad_user_input(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": ErrorCode.BAD_USER_INPUT})
