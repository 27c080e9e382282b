"""Automatic persisted queries: a query's text is sent once, and asked for by its hash from then on."""

from collections import OrderedDict
from hashlib import sha256

import msgspec

from execution.errors import ErrorCode

from .request import BadRequestError, GraphQLRequest

MAX_BYTES = 8 * 1024 * 1024  # of texts
ENTRY_OVERHEAD = 300  # bytes that an entry takes besides its text, roughly
_VERSION = 1


class _Persisted(msgspec.Struct, rename="camel"):
    """`extensions.persistedQuery`, as Apollo's clients and urql send it."""

    version: int
    sha256_hash: str


class PersistedQueries:
    """Bounded in bytes; the least recently used leaves first, and its callers send it again."""

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._texts: OrderedDict[str, str] = OrderedDict()

    def text(self, operation: GraphQLRequest) -> str:
        """The text of the query that an operation sends or names; raises BadRequestError."""
        stated = (operation.extensions or {}).get("persistedQuery")
        if stated is not None:
            return self._persisted(_read(stated), operation.query)
        if not operation.query:
            raise BadRequestError("The request has no query.")
        return operation.query

    def _persisted(self, name: str, text: str | None) -> str:
        if not text:
            if name not in self._texts:
                raise BadRequestError("PersistedQueryNotFound", 200, ErrorCode.PERSISTED_QUERY_NOT_FOUND)
            self._texts.move_to_end(name)
            return self._texts[name]
        if sha256(text.encode()).hexdigest() != name:
            raise BadRequestError("The sha256Hash of the persisted query is not that of the query sent with it.")
        self._keep(name, text)
        return text

    def _keep(self, name: str, text: str) -> None:
        if name not in self._texts:
            self._texts[name] = text
            self._bytes += _size(text)
        self._texts.move_to_end(name)
        while self._bytes > self._most:
            self._bytes -= _size(self._texts.popitem(last=False)[1])


def _size(text: str) -> int:
    return len(text.encode()) + ENTRY_OVERHEAD


def _read(stated: object) -> str:
    """The hash of a persisted query."""
    try:
        persisted = msgspec.convert(stated, _Persisted)
    except msgspec.ValidationError:
        raise BadRequestError(
            'extensions.persistedQuery has to be {"version": 1, "sha256Hash": "..."}, the hash in hexadecimal.'
        ) from None
    if persisted.version != _VERSION:
        raise BadRequestError(f"Persisted queries are spoken here in version {_VERSION} only.")
    return persisted.sha256_hash.lower()
