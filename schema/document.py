"""A document: parsed once while anybody runs it, checked once, and asked which of its operations is meant."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from . import limits
from .code import ErrorCode

MOST_TEXT = 256_000  # characters of the documents that are kept; parsed, they take some two hundred bytes each
MOST_ERRORS = 10  # in one answer, of the document or of its variables


class Document:
    """A text that has the form of a document; raises GraphQLSyntaxError for any other."""

    def __init__(self, text: str, schema: GraphQLSchema) -> None:
        self.text, self.tree = text, parse(text, max_tokens=limits.MOST_TOKENS)
        self._schema = schema

    @cached_property
    def mistakes(self) -> list[GraphQLError]:
        """What is wrong with it, whatever its variables; the last one of too many says that there are more."""
        return validate(self._schema, self.tree, max_errors=MOST_ERRORS - 1, hide_suggestions=True)

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


class Checks(SchemaExtension):
    """Parses and checks what is to be run, whatever transport brought it."""

    def on_parse(self) -> Iterator[None]:
        context: Any = self.execution_context
        with suppress(GraphQLError):  # raised once more by Strawberry, where every transport hears it
            self._document: Document = context.schema.documents(context.query)
            context.graphql_document = self._document.tree
        yield

    def on_validate(self) -> Iterator[None]:
        context: Any = self.execution_context
        try:
            limits.check(context.schema._schema, self._document.tree, context.variables or {})  # noqa: SLF001
        except GraphQLError as error:
            context.pre_execution_errors = [error]
        else:
            context.pre_execution_errors = self._document.mistakes
            if not self._document.mistakes:
                context.schema.documents.keep(self._document)
        yield


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Suggests nothing, as the checks do, to who misspells what a variable may hold."""

    @classmethod
    def build(cls, *arguments: Any, **options: Any) -> Any:
        built = super().build(*arguments, **{**options, "hide_suggestions": True})
        return built[:MOST_ERRORS] if isinstance(built, list) else built


def _refuse(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": ErrorCode.BAD_USER_INPUT})
