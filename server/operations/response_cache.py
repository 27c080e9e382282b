"""Answers that stand as long as all that they are made of is fresh, kept as they are written."""

from collections import OrderedDict
from dataclasses import dataclass, field

import orjson

from providers.cache.dependencies import CacheDependencies

from .request import GraphQLRequest
from .response import CacheKey, GraphQLResponse

ENTRY_OVERHEAD = 2_000  # bytes that an entry takes besides what is written, roughly
ENCODED_FACTOR = 1.5  # times what an answer takes, with its packed copies


@dataclass(slots=True)
class Entry:
    response: GraphQLResponse
    dependencies: CacheDependencies
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = (
            int(ENCODED_FACTOR * len(self.response.body_bytes())) + ENTRY_OVERHEAD + key_length(self.response.key or ())
        )


def cache_key(text: str, operation: GraphQLRequest) -> CacheKey | None:
    """What an answer depends on besides the accounts; null where its variables cannot be compared.

    The document's text, and not what was made of it, which takes a hundred times as much.
    """
    try:
        variables = orjson.dumps(operation.variables, option=orjson.OPT_SORT_KEYS) if operation.variables else b""
    except orjson.JSONEncodeError:  # a number beyond 64 bits, or a lone surrogate
        return None
    return text, operation.operation_name, variables


def key_length(key: CacheKey) -> int:
    """Of its texts."""
    return sum(len(part) for part in key if isinstance(part, (str, bytes)))


class ResponseCache:
    """Of the accounts in use; bounded in bytes, the least recently used leaves first."""

    def __init__(self, most_bytes: int) -> None:
        self.max_bytes, self._bytes = most_bytes, 0
        self._entries: OrderedDict[CacheKey, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: CacheKey | None) -> GraphQLResponse | None:
        kept = None if key is None else self._entries.get(key)
        if kept is None or key is None:
            return None
        if not kept.dependencies.is_valid:
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return kept.response

    def put(self, key: CacheKey | None, answer: GraphQLResponse, made_of: CacheDependencies) -> GraphQLResponse:
        """The answer, kept if it is whole: without errors, with all of its accounts, and made of what is remembered."""
        whole = answer.outcomes is not None and answer.outcomes.is_complete
        if key is None or not self.max_bytes or not (whole and made_of.is_cacheable and made_of.is_valid):
            return answer
        self._forget(key)
        kept = self._entries[key] = Entry(answer.cacheable(key), made_of)
        self._bytes += kept.size
        while self._bytes > self.max_bytes:
            self._forget(next(iter(self._entries)))
        return kept.response

    def _forget(self, key: CacheKey) -> None:
        if kept := self._entries.pop(key, None):
            self._bytes -= kept.size
