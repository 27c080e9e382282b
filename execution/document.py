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

MOST_TEXT = 256_000  # characters of the documents that are kept; parsed, they take some two hundred bytes each
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.MOST_CHECKED  # its own way to be told
_GAVE_UP = "Validation aborted."
MOST_SIZES = 16  # that a document is known to be within bounds for
_SIZES = (int, type(None), type(...))  # no bool and no float, which are equal to numbers that they are not
Sizes = tuple[Any, ...]
_MANY = 50  # selections beside each other
MOST_ERRORS = 10  # in one answer, of the document or of its variables


class Document:
    """A text that has the form of a document; raises GraphQLSyntaxError for any other."""

    def __init__(self, text: str, schema: GraphQLSchema) -> None:
        self.text, self.tree = text, parse(text, max_tokens=limits.MOST_TOKENS)
        self._schema = schema
        self._sizes: frozenset[str] | None = None  # the variables that say how much it asks for
        self._bounded: set[Sizes] = set()  # what they said

    def bounded(self, variables: Mapping[str, Any]) -> None:
        """Raises GraphQLError where it asks for too much; looked at once for each that its variables say of that."""
        if self._said(variables) in self._bounded:
            return
        self._sizes = limits.check(self._schema, self.tree, variables)
        said = self._said(variables)
        if said is not None and len(self._bounded) < MOST_SIZES:
            self._bounded.add(said)

    def _said(self, variables: Mapping[str, Any]) -> Sizes | None:
        """Null where it is not known yet, or is no size."""
        said = None if self._sizes is None else tuple(variables.get(name, ...) for name in self._sizes)
        return said if said is None or all(each.__class__ in _SIZES for each in said) else None

    @cached_property
    def mistakes(self) -> list[GraphQLError]:
        """What is wrong with it, whatever its variables; the last one of too many says that there are more."""
        found = validate(self._schema, visit(self.tree, _Once()), max_errors=MOST_ERRORS - 1, hide_suggestions=True)
        if found and found[-1].message == _GAVE_UP:
            return [limits.refused("takes too much work to be checked; ask for less at once")]
        return found

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; where that is not clear nothing is guessed, as Strawberry would."""
        operations = [node for node in self.tree.definitions if isinstance(node, OperationDefinitionNode)]
        if name:
            operations = [node for node in operations if node.name and node.name.value == name][:1]
        if not operations:
            raise _refuse(f"The document has no operation{f' by the name {json.dumps(name)}' if name else ''}.")
        if len(operations) > 1:
            raise _refuse("The document has several operations: name the one to run in operationName.")
        return operations[0]


class _Once(Visitor):
    """Leaves the first of many equal selections: they contradict nothing, and each would be compared with each."""

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:
        if len(node.selections) < _MANY:
            return None
        once = {print_ast(selection): selection for selection in reversed(node.selections)}
        return replace(node, selections=tuple(reversed(once.values())))


class Documents:
    """Each text is parsed once while anybody runs it; what passed every check stays until too much else came by."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._held: WeakValueDictionary[str, Document] = WeakValueDictionary()
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self.length = 0

    def __call__(self, text: str) -> Document:
        """What a text says; raises GraphQLSyntaxError."""
        if text in self._kept:
            self._kept.move_to_end(text)
        document = self._held.get(text)
        if document is None:
            document = self._held[text] = Document(text, self._schema)
        return document

    def __contains__(self, text: str) -> bool:
        return text in self._kept

    def keep(self, document: Document) -> None:
        """The least recently used leave for it."""
        if document.text in self._kept:
            return
        self._kept[document.text] = document
        self.length += len(document.text)
        while self.length > MOST_TEXT:
            self.length -= len(self._kept.popitem(last=False)[0])


def _refuse(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": ErrorCode.BAD_USER_INPUT})
