"""What a federation gateway requests from this subgraph: its schema, and entities by their keys."""

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
    strawberry.union(name="_Entity", description="Any type that other subgraphs can reference by its key."),
]
SCALARS: dict[object, type | ScalarDefinition | ScalarWrapper] = {
    FederationAny: strawberry.scalar(
        name="_Any",
        description="Reference to an entity from a gateway: its `__typename` and its key.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    )
}


@strawberry.type(name="_Service", description="This subgraph, as a gateway sees it.")
class Service:
    """The type that federation defines for a subgraph."""

    sdl: str = strawberry.field(description="Schema of the subgraph in GraphQL's schema definition language.")


@strawberry.type
class FederationQuery:
    """The two query fields that federation adds to a subgraph."""

    @strawberry.field(name="_service", description="Schema of this subgraph, for composition.")
    def service(self, info: Info) -> Service:
        schema: Any = info.schema
        return Service(sdl=schema.served_sdl)

    @strawberry.field(
        name="_entities", description="Entities by their keys, for gateways. Null for each entity that does not exist."
    )
    async def entities(
        self,
        info: Info,
        representations: Annotated[
            list[FederationAny],
            strawberry.argument(
                description="References to entities. Each requires a `__typename` and the key of that type."
            ),
        ],
    ) -> list[Entity | None]:
        """Resolve each reference. A failure affects only the entity at its own index."""
        entities = (_resolve_entity(info, representation) for representation in representations)
        return await asyncio.gather(*entities, return_exceptions=True)


async def _resolve_entity(info: Info, representation: object) -> Any:
    """Return the entity that a representation identifies. Ignores all fields of the representation except its key.

    Returns None if the entity does not exist. Raises GraphQLError if the representation is malformed.
    """
    if isinstance(representation, Mapping):
        entity, key = ENTITIES.get(str(representation.get("__typename"))), representation.get("id")
        if entity is not None and isinstance(key, str):
            result = entity.resolve_reference(info, key)
            return await result if isawaitable(result) else result
    raise GraphQLError(
        "A representation requires the __typename of an entity and a string as its id.",
        extensions={"code": ErrorCode.BAD_USER_INPUT},
    )
