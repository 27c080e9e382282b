"""A federated Strawberry schema with cached documents and an execution seam of its own."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import strawberry.federation
from graphql import GraphQLError
from strawberry.schema.name_converter import NameConverter

from .document import DocumentCache, ParsedDocument
from .executor import Executor


class CachedNameConverter(NameConverter):
    """Strawberry's, which spells each name anew in each request."""

    def __init__(self) -> None:
        super().__init__()
        self.apply_naming_config = cache(super().apply_naming_config)  # type: ignore[method-assign]


class Schema(strawberry.federation.Schema):
    """The federated schema, which leaves errors to whoever asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.documents = DocumentCache(self._schema)

    def prepare_execution(
        self,
        document: ParsedDocument,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: object,
        **options: Any,
    ) -> Executor | list[GraphQLError]:
        """What runs an operation of a document, whatever transport brought it; or why it cannot be run."""
        try:
            document.check_limits(variables or {})
        except GraphQLError as error:
            return [error]
        if document.validation_errors:
            return document.validation_errors
        self.documents.retain(document)
        build: Any = self.execution_context_class.build
        built: Executor | list[GraphQLError] = build(
            self._schema,
            document.tree,
            context_value=context,
            raw_variable_values=variables,
            operation_name=name or None,
            **options,
        )
        return built

    def process_errors(self, *_: Any) -> None:
        """Strawberry would log each of them with its stack, the caller's mistakes and the providers' included."""
