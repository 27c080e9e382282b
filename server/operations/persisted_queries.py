"""Automatic persisted queries: a client sends a query's text once, and only its hash from then on."""

from hashlib import sha256

import msgspec

from execution.errors import ErrorCode
from execution.lru import ByteBoundedLRU

from .request import BadRequestError, GraphQLRequest

MAX_BYTES = 8 * 1024 * 1024  # bytes of all entries together
ENTRY_OVERHEAD = 300  # bytes that an entry takes besides its text, roughly
_VERSION = 1


class _PersistedQuery(msgspec.Struct, rename="camel"):
    """`extensions.persistedQuery`, as Apollo's clients and urql send it."""

    version: int
    sha256_hash: str


class PersistedQueries:
    """Query texts by hash, bounded in bytes.

    The least recently used text is evicted first. Clients that still use it send it again.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._texts: ByteBoundedLRU[str, str] = ByteBoundedLRU(max_bytes)

    def resolve(self, request: GraphQLRequest) -> str:
        """Return the text of the query that a request contains or refers to by its hash.

        Raises BadRequestError if there is no query, if its hash is unknown, or if its hash is wrong.
        """
        extension = (request.extensions or {}).get("persistedQuery")
        if extension is not None:
            return self._find_or_store(_parse_hash(extension), request.query)
        if not request.query:
            raise BadRequestError("The request has no query.")
        return request.query

    def _find_or_store(self, query_hash: str, text: str | None) -> str:
        if not text:
            stored_text = self._texts.get(query_hash)
            if stored_text is None:
                raise BadRequestError("PersistedQueryNotFound", 200, ErrorCode.PERSISTED_QUERY_NOT_FOUND)
            return stored_text
        encoded_text = text.encode()
        if sha256(encoded_text).hexdigest() != query_hash:
            raise BadRequestError("The sha256Hash of the persisted query does not match the query sent with it.")
        self._texts.put(query_hash, text, len(encoded_text) + ENTRY_OVERHEAD)
        return text


def _parse_hash(extension: object) -> str:
    """Return the hash in `extensions.persistedQuery`, in lower case. Raises BadRequestError if it is not one."""
    try:
        persisted_query = msgspec.convert(extension, _PersistedQuery)
    except msgspec.ValidationError:
        raise BadRequestError(
            'extensions.persistedQuery must be {"version": 1, "sha256Hash": "..."}, with the hash in hexadecimal.'
        ) from None
    if persisted_query.version != _VERSION:
        raise BadRequestError(f"The service supports only version {_VERSION} of persisted queries.")
    return persisted_query.sha256_hash.lower()
