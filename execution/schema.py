"""A federated Strawberry schema that caches documents and separates the preparation of an operation from its run."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import strawberry.federation
from graphql import GraphQLError
from strawberry.schema.name_converter import NameConverter

from .document import DocumentCache, ParsedDocument
from .executor import Executor


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

    def prepare_execution(
        self,
        document: ParsedDocument,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: object,
        *,
        scopes: Collection[str] | None = None,
        **options: Any,
    ) -> Executor | list[GraphQLError]:
        """Return an executor for one operation, for any transport, or the errors that prevent its execution.

        `scopes` are those of the caller; None if every field is allowed.
        """
        try:
            document.check_limits(variables or {})
        except GraphQLError as error:
            return [error]
        if document.validation_errors:
            return document.validation_errors
        if scopes is not None and (errors := document.scope_errors(name, scopes)):
            return errors
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
            **options,
        )
        return executor

    def process_errors(self, *_: Any) -> None:
        """Do nothing. Strawberry logs each error with its stack, also errors of the caller and of providers."""
