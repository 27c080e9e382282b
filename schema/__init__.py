"""What can be asked: the graph, declared. It fetches nothing and imports nothing of ours."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from strawberry.federation.schema_directives import ListSize
from strawberry.schema.config import StrawberryConfig

from execution.executor import Executor
from execution.schema import CachedNameConverter, Schema

from . import federation, sdl
from .query import Query
from .scalars import SCALARS
from .subscription import Subscription


class InvoiceSchema(Schema):
    """The federated schema of invoices, with its printed contracts."""

    @property
    def schema_directives_in_use(self) -> list[object]:
        sizes = ListSize(assumed_size=None, slicing_arguments=None, sized_fields=None)  # printing adds them
        return [*super().schema_directives_in_use, sizes]

    @cached_property
    def sdl(self) -> str:
        """What a supergraph is composed of."""
        return sdl.subgraph(self.as_str())

    @cached_property
    def client_sdl(self) -> str:
        """What direct clients are generated from."""
        return sdl.client(self.as_str())


def build_schema(details: Iterable[type], **options: Any) -> InvoiceSchema:
    """The federated schema, with the detail types of the providers that take part."""
    return InvoiceSchema(
        query=Query,
        subscription=Subscription,
        types=list(details),
        scalar_overrides=federation.SCALARS,
        config=StrawberryConfig(
            name_converter=CachedNameConverter(), scalar_map=SCALARS, enable_experimental_incremental_execution=True
        ),
        federation_version="2.9",  # the default is newer than other vendors' composers accept
        **{"execution_context_class": Executor, **options},
    )
