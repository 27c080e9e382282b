"""The GraphQL schema, declared as Strawberry types. It fetches nothing."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from strawberry.schema.config import StrawberryConfig

from execution.executor import Executor
from execution.schema import CachedNameConverter, Schema

from . import federation, sdl
from .query import Query
from .scalars import SCALARS
from .subscription import Subscription


class InvoiceSchema(Schema):
    """The federated schema of invoices, with its printed contracts."""

    is_protected = False  # whether the service authenticates its callers

    @cached_property
    def sdl(self) -> str:
        """The SDL from which a supergraph is composed. It names the scopes that fields and types require."""
        return sdl.to_subgraph(self.as_str())

    @cached_property
    def open_sdl(self) -> str:
        """The same SDL without scopes, for a service without authentication or a gateway that cannot check scopes."""
        return sdl.without_access(self.sdl)

    @property
    def served_sdl(self) -> str:
        """The SDL of the running service: it names scopes only if the service checks them."""
        return self.sdl if self.is_protected else self.open_sdl

    @cached_property
    def client_sdl(self) -> str:
        """The SDL from which direct clients are generated."""
        return sdl.to_client(self.as_str())


def build_schema(detail_types: Iterable[type], **options: Any) -> InvoiceSchema:
    """Build the federated schema with the detail types of its providers. `options` override those of `Schema`."""
    return InvoiceSchema(
        query=Query,
        subscription=Subscription,
        types=list(detail_types),
        scalar_overrides=federation.SCALARS,
        config=StrawberryConfig(
            name_converter=CachedNameConverter(), scalar_map=SCALARS, enable_experimental_incremental_execution=True
        ),
        federation_version="2.9",  # the default is newer than other vendors' composers accept
        **{"execution_context_class": Executor, **options},
    )
