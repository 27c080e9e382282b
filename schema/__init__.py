"""What can be asked: the graph, declared. It fetches nothing and imports nothing of ours."""

from collections.abc import Iterable
from typing import Any
from weakref import WeakValueDictionary

import strawberry.federation
from strawberry.schema.config import StrawberryConfig

from . import federation
from .document import Checks, Document, Executor
from .query import Query
from .values import SCALARS


class Schema(strawberry.federation.Schema):
    """The federated schema, which leaves errors to whoever asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._documents: WeakValueDictionary[str, Document] = WeakValueDictionary()

    def document(self, text: str) -> Document:
        """What a text says, parsed again only when nobody holds it any more; raises GraphQLSyntaxError."""
        document = self._documents.get(text)
        if document is None:
            document = self._documents[text] = Document(text, self._schema)
        return document

    def process_errors(self, *_: Any) -> None:
        """Strawberry would log each of them with its stack, the caller's mistakes and the providers' included."""


def build(details: Iterable[type], **options: Any) -> Schema:
    """The federated schema, with the detail types of the providers that take part."""
    return Schema(
        query=Query,
        types=list(details),
        extensions=[Checks],
        execution_context_class=Executor,
        scalar_overrides=federation.SCALARS,
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version="2.9",  # the default is newer than other vendors' composers accept
        **options,
    )
