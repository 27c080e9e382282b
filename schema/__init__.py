"""What can be asked: the graph, declared. It fetches nothing and imports nothing of ours."""

from collections.abc import Iterable
from typing import Any

import strawberry.federation
from strawberry.schema.config import StrawberryConfig

from . import federation
from .query import Query
from .values import SCALARS


def build(details: Iterable[type], **options: Any) -> strawberry.federation.Schema:
    """The federated schema, with the detail types of the providers that take part."""
    return strawberry.federation.Schema(
        query=Query,
        types=list(details),
        scalar_overrides=federation.SCALARS,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        federation_version="2.9",  # the default is newer than other vendors' composers accept
        **options,
    )
