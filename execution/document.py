"""A document: parsed once while anybody runs it, checked once, and asked which of its operations is meant."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
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
    validate,
    visit,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from . import limits
from .errors import ErrorCode

MAX_DOCUMENT_CHARACTERS = (
    256_000  # characters of the documents that are kept; parsed, they take some two hundred bytes each
)
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.MAX_VALIDATION_COST  # its own way to be told
_VALIDATION_ABORTED = "Validation aborted."
MAX_SIZE_ARGUMENTS = 16  # that a document is known to be within bounds for
_SIZE_TYPES = (int, type(None), type(...))  # no bool and no float, which are equal to numbers that they are not
SizeArguments = tuple[Any, ...]
_MIN_SELECTIONS_TO_DEDUPLICATE = 50  # selections beside each other
MAX_ERRORS = 10  # in one answer, of the document or of its variables


class ParsedDocument:
    """A text that has the form of a document; raises GraphQLSyntaxError for any other."""

    def __init__(self, text: str, schema: GraphQLSchema) -> None:
        self.text, self.tree = text, parse(text, max_tokens=limits.MAX_TOKENS)
        self._schema = schema
        self._size_variables: frozenset[str] | None = None  # the variables that say how much it asks for
        self._checked_sizes: set[SizeArguments] = set()  # what they said

    def check_limits(self, variables: Mapping[str, Any]) -> None:
        """Raises GraphQLError where it asks for too much; looked at once for each that its variables say of that."""
        if self._size_arguments(variables) in self._checked_sizes:
            return
        self._size_variables = limits.check(self._schema, self.tree, variables)
        said = self._size_arguments(variables)
        if said is not None and len(self._checked_sizes) < MAX_SIZE_ARGUMENTS:
            self._checked_sizes.add(said)

    def _size_arguments(self, variables: Mapping[str, Any]) -> SizeArguments | None:
        """Null where it is not known yet, or is no size."""
        said = (
            None if self._size_variables is None else tuple(variables.get(name, ...) for name in self._size_variables)
        )
        return said if said is None or all(each.__class__ in _SIZE_TYPES for each in said) else None

    @cached_property
    def validation_errors(self) -> list[GraphQLError]:
        """What is wrong with it, whatever its variables; the last one of too many says that there are more."""
        found = validate(
            self._schema, visit(self.tree, DeduplicateSelections()), max_errors=MAX_ERRORS - 1, hide_suggestions=True
        )
        if found and found[-1].message == _VALIDATION_ABORTED:
            return [limits.limit_error("takes too much work to be checked; ask for less at once")]
        return found

    def select_operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; where that is not clear nothing is guessed, as Strawberry would."""
        operations = [node for node in self.tree.definitions if isinstance(node, OperationDefinitionNode)]
        if name:
            operations = [node for node in operations if node.name and node.name.value == name][:1]
        if not operations:
            raise _bad_user_input(f"The document has no operation{f' by the name {json.dumps(name)}' if name else ''}.")
        if len(operations) > 1:
            raise _bad_user_input("The document has several operations: name the one to run in operationName.")
        return operations[0]


class DeduplicateSelections(Visitor):
    """Leaves the first of many equal selections: they contradict nothing, and each would be compared with each."""

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:
        if len(node.selections) < _MIN_SELECTIONS_TO_DEDUPLICATE:
            return None
        once = {print_ast(selection): selection for selection in reversed(node.selections)}
        return replace(node, selections=tuple(reversed(once.values())))


class DocumentCache:
    """Each text is parsed once while anybody runs it; what passed every check stays until too much else came by."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._parsed: WeakValueDictionary[str, ParsedDocument] = WeakValueDictionary()
        self._retained: OrderedDict[str, ParsedDocument] = OrderedDict()
        self.text_length = 0

    def __call__(self, text: str) -> ParsedDocument:
        """What a text says; raises GraphQLSyntaxError."""
        if text in self._retained:
            self._retained.move_to_end(text)
        document = self._parsed.get(text)
        if document is None:
            document = self._parsed[text] = ParsedDocument(text, self._schema)
        return document

    def __contains__(self, text: str) -> bool:
        return text in self._retained

    def retain(self, document: ParsedDocument) -> None:
        """The least recently used leave for it."""
        if document.text in self._retained:
            return
        self._retained[document.text] = document
        self.text_length += len(document.text)
        while self.text_length > MAX_DOCUMENT_CHARACTERS:
            self.text_length -= len(self._retained.popitem(last=False)[0])


def _bad_user_input(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": ErrorCode.BAD_USER_INPUT})
