"""What can be asked: the graph, declared. It fetches nothing and imports nothing of ours."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import strawberry.federation
from strawberry.schema.config import StrawberryConfig

from . import federation, printing
from .document import Checks, Documents, Executor
from .query import Query
from .values import SCALARS


class Schema(strawberry.federation.Schema):
    """The federated schema, which leaves errors to whoever asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.documents = Documents(self._schema)

    @cached_property
    def sdl(self) -> str:
        """What a supergraph is composed of."""
        return printing.subgraph(self.as_str())

    @cached_property
    def client_sdl(self) -> str:
        """What direct clients are generated from."""
        return printing.client(self.as_str())

    def process_errors(self, *_: Any) -> None:
        """Strawberry would log each of them with its stack, the caller's mistakes and the providers' included."""


def build(details: Iterable[type], **options: Any) -> Schema:
    """The federated schema, with the detail types of the providers that take part."""
    return Schema(
        query=Query,
        types=list(details),
        extensions=[Checks],
        scalar_overrides=federation.SCALARS,
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version="2.9",  # the default is newer than other vendors' composers accept
        **{"execution_context_class": Executor, **options},
    )
