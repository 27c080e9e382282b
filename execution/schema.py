"""A federated Strawberry schema that caches documents and separates the preparation of an operation from its run."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

import strawberry.federation
from graphql import GraphQLError, GraphQLInputObjectType
from graphql.utilities import coerce_input_value, validate_input_value
from strawberry.schema.name_converter import NameConverter
from strawberry.types.arguments import convert_argument

from .document import DocumentCache, ParsedDocument
from .executor import Executor
from .list_sizes import NO_SIZES, KnownSizes
from .turns import Work

# A larger operation runs in turns, which add some percent to its work.
MAX_COST_OF_ONE_TURN = 4_000  # takes 1 ms usually
MAX_CHARACTERS_OF_ONE_TURN = 4_000  # of the document: code is generated for each of its selections

T = TypeVar("T")


class CachedNameConverter(NameConverter):
    """Strawberry's name converter with a cache: without one, it computes each name again in each request."""

    def __init__(self) -> None:
        super().__init__()
        self.apply_naming_config = cache(super().apply_naming_config)  # type: ignore[method-assign]


class Schema(strawberry.federation.Schema):
    """A federated schema that returns errors to the caller and does not log them."""

    def __init__(self, *, compiler: object | None = None, introspection: bool = True, **options: Any) -> None:
        """`compiler`: the Compiler of a CompiledExecutor, which receives it with the plans of the document.

        `introspection`: clients may read the schema, by introspection or as a supergraph does, and errors about unknown
        names suggest names of the schema.
        """
        super().__init__(**options)
        self._hide_suggestions = not introspection
        self.documents = DocumentCache(self._schema, allows_introspection=introspection)
        self.compiler = compiler

    def parse(
        self, text: str, name: str | None, variables: Mapping[str, Any] | None, list_sizes: KnownSizes = NO_SIZES
    ) -> ParsedDocument:
        """Return a parsed document. Raises GraphQLSyntaxError.

        It is validated if it is within the limits and has the operation to run: the one of this name, or the only one.

        A new document can take a tenth of a second: run this in turns.
        """
        document = self.documents(text)
        with suppress(GraphQLError):  # who runs the operation gets the error
            document.select_operation(name)
            document.check_limits(variables or {}, list_sizes)
            _ = document.validation_errors  # computed once
        return document

    def prepare_execution(
        self,
        document: ParsedDocument,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: object,
        *,
        work: Work | None = None,
        scopes: Collection[str] | None = None,
        list_sizes: KnownSizes = NO_SIZES,
        **options: Any,
    ) -> Executor | list[GraphQLError]:
        """Return an executor for one operation, for any transport, or the errors that prevent its execution.

        An operation that may take long runs in turns, by its `work`. `scopes` are those of the caller; None if every
        field is allowed. `list_sizes`: lengths of lists of the data, which the limits then need not assume.
        """
        try:
            cost = document.check_limits(variables or {}, list_sizes)
        except GraphQLError as error:
            return [error]
        if errors := document.validation_errors or ([] if scopes is None else document.scope_errors(name, scopes)):
            return errors
        is_new = document.text not in self.documents  # graphql-core executes it, much slower than generated code
        self.documents.retain(document)
        if self.compiler is not None:
            options |= {"compiler": self.compiler, "plans": document.plans}
        build: Any = self.execution_context_class.build
        executor: Executor | list[GraphQLError] = build(
            self._schema,
            document.tree,
            context_value=context,
            raw_variable_values=variables,
            operation_name=name or None,
            hide_suggestions=self._hide_suggestions,
            cost=cost,
            work=work if is_new or _is_large(document, cost) else None,
            **options,
        )
        return executor

    def input_type(self, input_class: type) -> GraphQLInputObjectType:
        """Return the GraphQL type of a Strawberry input class."""
        name = self.config.name_converter.from_type(input_class.__strawberry_definition__)  # type: ignore[attr-defined]
        input_type: GraphQLInputObjectType = self._schema.type_map[name]  # type: ignore[assignment]
        return input_type

    def read_input(self, input_class: type[T], value: Mapping[str, object]) -> T:
        """Return an object of a Strawberry input class from its JSON, as a variable of an operation is read.

        Raises GraphQLError if the value is not valid. Its path names the field.
        """
        input_type = self.input_type(input_class)

        def on_error(error: GraphQLError, path: list[str | int]) -> None:
            raise GraphQLError(error.message, path=path, extensions=error.extensions)

        validate_input_value(value, input_type, on_error, self._hide_suggestions)
        coerced = coerce_input_value(value, input_type)
        result: Any = convert_argument(coerced, input_class, self.schema_converter.scalar_registry, self.config)
        return result  # type: ignore[no-any-return]

    def process_errors(self, *_: Any) -> None:
        """Do nothing. Strawberry logs each error with its stack, also errors of the caller and of providers."""


def _is_large(document: ParsedDocument, cost: int) -> bool:
    return cost > MAX_COST_OF_ONE_TURN or len(document.text) > MAX_CHARACTERS_OF_ONE_TURN
