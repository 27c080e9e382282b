"""Parsed and validated GraphQL documents, and a cache of them."""

import json
from collections.abc import Collection, Mapping
from functools import cached_property
from itertools import islice
from typing import Any
from weakref import WeakValueDictionary

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Location,
    OperationDefinitionNode,
    Token,
    TokenKind,
)
from graphql.language.parser import Parser, nested_too_deeply_error

from . import limits
from .errors import ErrorCode
from .list_sizes import NO_SIZES, KnownSizes, introspection_sizes, variable_value
from .lru import ByteBoundedLRU
from .scopes import Requirement, required_scopes
from .turns import give_back
from .validation import validation_errors

MAX_DOCUMENT_CHARACTERS = 256_000  # in all retained documents; a parsed one takes about 100 bytes for each
MAX_CHECKED_SIZES = 16  # size arguments per document that are remembered as within the limits
_SIZE_TYPES = (int, type(None), type(...), tuple)  # not bool or float: True == 1 == 1.0, but only the int is a size
SizeArguments = tuple[Any, ...]
MAX_ERRORS = 10  # in one response, of the document or of its variables


class ParsedDocument:
    """A document that was parsed from `text`. Raises GraphQLSyntaxError if the text is no document."""

    def __init__(
        self,
        text: str,
        schema: GraphQLSchema,
        introspection: KnownSizes | None = None,
        *,
        allows_introspection: bool = True,
    ) -> None:
        self._allows_introspection = allows_introspection
        self.text, (self.tree, self._digits) = text, parse_in_turns(text)
        self._schema, self._introspection = schema, introspection or introspection_sizes(schema)
        self._size_variables: frozenset[tuple[str, ...]] | None = (
            None  # variables that give a size; None before the first check
        )
        # By the sizes that are within the limits: the values of these variables, and the key of the known sizes.
        self._costs: dict[tuple[SizeArguments, frozenset[Any]], int] = {}
        self._requirements: dict[str | None, list[Requirement]] = {}  # by operation name
        self.plans: dict[str | None, Any] = {}  # what executors reuse, by operation name; it is freed with the document

    def check_limits(self, variables: Mapping[str, Any], list_sizes: KnownSizes = NO_SIZES) -> int:
        """Return the cost. Raises GraphQLError if an operation exceeds a limit.

        `list_sizes`: lengths of lists of the data. Memoized by them and by the values of the size variables.
        """
        limits.check_digits(self._digits)
        known_arguments = self._size_arguments(variables)
        cost = None if known_arguments is None else self._costs.get((known_arguments, list_sizes.key))
        if cost is not None:
            return cost
        self._size_variables, cost = limits.check_limits(
            self._schema, self.tree, variables, (list_sizes, self._introspection)
        )
        arguments = self._size_arguments(variables)
        if arguments is not None:
            if len(self._costs) >= MAX_CHECKED_SIZES:
                del self._costs[next(iter(self._costs))]  # the oldest
            self._costs[arguments, list_sizes.key] = cost
        return cost

    def _size_arguments(self, variables: Mapping[str, Any]) -> SizeArguments | None:
        """Return the values of the size variables. A list is the tuple of its length.

        None before the first check, or if a value cannot be a size.
        """
        if self._size_variables is None:
            return None
        values = (variable_value(path, variables) for path in self._size_variables)
        sizes = tuple((len(value),) if isinstance(value, list) else value for value in values)
        return sizes if all(size.__class__ in _SIZE_TYPES for size in sizes) else None

    @cached_property
    def validation_errors(self) -> list[GraphQLError]:
        """The errors of the GraphQL validation rules, which do not depend on variables.

        At most MAX_ERRORS. If there are more, the last one says that validation stopped.
        """
        return validation_errors(
            self._schema, self.tree, max_errors=MAX_ERRORS, allows_introspection=self._allows_introspection
        )

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


class TurnParser(Parser):
    """graphql-core's parser, which gives the event loop back if it runs in turns."""

    def advance_lexer(self) -> None:
        give_back()
        super().advance_lexer()

    def loc(self, start_token: Token) -> Location | None:
        """Return a location without its tokens, which take more memory than the rest of a document."""
        location = super().loc(start_token)
        if location is not None:
            del location.start_token, location.end_token
        return location


def parse_in_turns(text: str) -> tuple[DocumentNode, int]:
    """Parse a text as graphql-core's `parse` does. Raises GraphQLSyntaxError.

    Returns the document, and the number of digits of its longest integer.
    """
    parser = TurnParser(text, max_tokens=limits.MAX_TOKENS)
    tree, digits = None, 0
    try:
        tree = parser.parse_document()
    except RecursionError:
        pass  # the error is raised outside: it must not hold the frames of the recursion
    finally:
        digits = _unlink_tokens(parser)
    if tree is None:
        raise nested_too_deeply_error(parser)
    return tree, digits


def _unlink_tokens(parser: Parser) -> int:
    """Remove the links to previous tokens: nothing needs them after parsing, and they are reference cycles.

    Returns the number of digits of the longest integer.
    """
    token: Token | None = parser._lexer.token  # noqa: SLF001 (the parser has no other access to its tokens)
    digits = 0
    while token is not None:
        if token.kind is TokenKind.INT:
            digits = max(digits, len(token.value or ""))
        token.prev, token = None, token.prev
    return digits


class DocumentCache:
    """Parsed documents by their text, so that a text is parsed once.

    A document stays while a request uses it. A retained document, one that passed every check, stays until newer
    texts exceed MAX_DOCUMENT_CHARACTERS.
    """

    def __init__(self, schema: GraphQLSchema, *, allows_introspection: bool = True) -> None:
        self._schema, self._allows_introspection = schema, allows_introspection
        self._introspection = introspection_sizes(schema)
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
