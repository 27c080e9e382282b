"""The response cache: serialized responses, each valid as long as every cache entry that it depends on."""

import orjson

from execution.lru import ByteBoundedLRU
from providers.dependencies import CacheDependencies
from resolvers.views import View

from .request import GraphQLRequest
from .response import CacheKey, GraphQLResponse

ENTRY_OVERHEAD = 2_000  # bytes that an entry takes besides its body and its key, roughly
ENCODED_FACTOR = 1.5  # size of a body together with its compressed copies, as a multiple of the body


def cache_key(text: str, request: GraphQLRequest, view: View) -> CacheKey | None:
    """Return the key of an operation's response: all that the response depends on, except the state of the accounts.

    `text` is the document. The key has the text because the parsed document takes a hundred times as much memory.
    Callers with equal views have equal keys. Returns None if the variables cannot be compared.
    """
    try:
        variables = orjson.dumps(request.variables, option=orjson.OPT_SORT_KEYS) if request.variables else b""
    except orjson.JSONEncodeError:  # a number beyond 64 bits, or a lone surrogate
        return None
    return text, request.operation_name, variables, view


class ResponseCache:
    """Responses for the current accounts, bounded in bytes. The least recently used entry is evicted first."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._entries: ByteBoundedLRU[CacheKey, tuple[GraphQLResponse, CacheDependencies]] = ByteBoundedLRU(max_bytes)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: CacheKey | None) -> GraphQLResponse | None:
        """Return the cached response, or None if there is none or one of its dependencies is no longer valid."""
        entry = None if key is None else self._entries.get(key)
        if entry is None or key is None:
            return None
        response, dependencies = entry
        if not dependencies.is_valid:
            self._entries.remove(key)
            return None
        return response

    def put(self, key: CacheKey | None, response: GraphQLResponse, dependencies: CacheDependencies) -> GraphQLResponse:
        """Cache the response if it may be cached, and return it: the serialized copy if it was cached.

        It may be cached if it has no errors, lacks no account, and depends on valid cache entries only.
        """
        is_complete = response.outcomes is not None and response.outcomes.is_complete
        if (
            key is None
            or not self.max_bytes
            or not (is_complete and dependencies.is_cacheable and dependencies.is_valid)
        ):
            return response
        cacheable = response.to_cacheable()
        self._entries.put(key, (cacheable, dependencies), _size(key, cacheable))
        return cacheable


def _size(key: CacheKey, response: GraphQLResponse) -> int:
    """Estimate the bytes of an entry."""
    key_length = sum(len(part) for part in key if isinstance(part, (str, bytes)))
    return int(ENCODED_FACTOR * len(response.body_bytes())) + ENTRY_OVERHEAD + key_length
