"""What a federation gateway asks of this subgraph: its own description, and entities by their keys."""

import asyncio
from collections.abc import Mapping
from inspect import isawaitable
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.federation.schema import FederationAny
from strawberry.types.scalar import ScalarDefinition, ScalarWrapper

from execution.errors import ErrorCode

from .account import Account, Provider
from .context import Info
from .credit import Credit
from .invoice import Invoice
from .line_item import LineItem
from .project import Project

ENTITIES: Mapping[str, Any] = {
    entity.__name__: entity for entity in (Account, Credit, Invoice, LineItem, Project, Provider)
}
Entity = Annotated[
    Account | Credit | Invoice | LineItem | Project | Provider,
    strawberry.union(name="_Entity", description="Every type that other subgraphs can refer to by its key."),
]
SCALARS: dict[object, type | ScalarDefinition | ScalarWrapper] = {
    FederationAny: strawberry.scalar(
        name="_Any",
        description="An entity as a gateway refers to it: its __typename and its key.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    )
}


@strawberry.type(name="_Service", description="This subgraph, as a gateway sees it.")
class Service:
    """Federation's name for a subgraph."""

    sdl: str = strawberry.field(description="The subgraph in GraphQL's schema language.")


@strawberry.type
class FederationQuery:
    """The two roots that federation adds to a graph."""

    @strawberry.field(name="_service", description="This subgraph's own description, for composition.")
    def service(self, info: Info) -> Service:
        schema: Any = info.schema
        return Service(sdl=schema.sdl)

    @strawberry.field(name="_entities", description="Entities by their keys, for gateways; null where there is none.")
    async def entities(
        self,
        info: Info,
        representations: Annotated[
            list[FederationAny], strawberry.argument(description="Each with a __typename and the key that it needs.")
        ],
    ) -> list[Entity | None]:
        """One that cannot be resolved fails at its own index and takes no other with it."""
        found = (_entity(info, representation) for representation in representations)
        return await asyncio.gather(*found, return_exceptions=True)


async def _entity(info: Info, representation: object) -> Any:
    """The entity; other members of its representation are the gateway's own business."""
    if isinstance(representation, Mapping):
        entity, key = ENTITIES.get(str(representation.get("__typename"))), representation.get("id")
        if entity is not None and isinstance(key, str):
            found = entity.resolve_reference(info, key)
            return await found if isawaitable(found) else found
    raise GraphQLError(
        "A representation needs a __typename of this graph and its id.", extensions={"code": ErrorCode.BAD_USER_INPUT}
    )
