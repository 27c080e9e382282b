"""What can be asked: the graph, declared. It fetches nothing and imports nothing of ours."""

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import Any

import strawberry.federation
from graphql import GraphQLError
from strawberry.federation.schema_directives import ListSize
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter

from . import federation, printing
from .document import Document, Documents, Executor
from .query import Query
from .subscription import Subscription
from .values import SCALARS


class Names(NameConverter):
    """Strawberry's, which spells each name anew in each request."""

    def __init__(self) -> None:
        super().__init__()
        self.apply_naming_config = cache(super().apply_naming_config)  # type: ignore[method-assign]


class Schema(strawberry.federation.Schema):
    """The federated schema, which leaves errors to whoever asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.documents = Documents(self._schema)

    @property
    def schema_directives_in_use(self) -> list[object]:
        sizes = ListSize(assumed_size=None, slicing_arguments=None, sized_fields=None)  # printing adds them
        return [*super().schema_directives_in_use, sizes]

    @cached_property
    def sdl(self) -> str:
        """What a supergraph is composed of."""
        return printing.subgraph(self.as_str())

    @cached_property
    def client_sdl(self) -> str:
        """What direct clients are generated from."""
        return printing.client(self.as_str())

    def executor(
        self,
        document: Document,
        name: str | None,
        variables: Mapping[str, Any] | None,
        context: object,
        **options: Any,
    ) -> Executor | list[GraphQLError]:
        """What runs an operation of a document, whatever transport brought it; or why it cannot be run."""
        try:
            document.bounded(variables or {})
        except GraphQLError as error:
            return [error]
        if document.mistakes:
            return document.mistakes
        self.documents.keep(document)
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


def build(details: Iterable[type], **options: Any) -> Schema:
    """The federated schema, with the detail types of the providers that take part."""
    return Schema(
        query=Query,
        subscription=Subscription,
        types=list(details),
        scalar_overrides=federation.SCALARS,
        config=StrawberryConfig(
            name_converter=Names(), scalar_map=SCALARS, enable_experimental_incremental_execution=True
        ),
        federation_version="2.9",  # the default is newer than other vendors' composers accept
        **{"execution_context_class": Executor, **options},
    )
