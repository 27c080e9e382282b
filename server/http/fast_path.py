"""The fast path: a byte-identical repeat of an earlier request gets its response before routing.

A repeat is neither parsed nor routed. It gets the cached response, or the response of an identical operation that is
running, or else its operation runs again.

The key of a request is its body and its headers `Content-Type` and `Accept`. `RequestMemo` maps it to the key of the
response cache and to the parameters of its operation. `Endpoint` adds an entry after it has run a single query.

The fast path does not apply, and the application handles the request as usual, if:

- the request is not a `POST` to `/graphql`,
- its body does not arrive in one message within `BODY_PEEK_SECONDS`,
- it has a `Cache-Control` header, because the client may want fresh data,
- its key is unknown: it is the first such request, its entry was evicted, it is a batch or a stream, or its
  operation has no cache key,
- the service is stopping.

If the repeated operation fails, `Endpoint` sends the error response and does not run the operation a second time.
"""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from execution.lru import ByteBoundedLRU
from server.operations.request import GraphQLRequest
from server.operations.response import CacheKey, GraphQLResponse
from server.operations.response_cache import key_length

from .disconnect import ClientDisconnected
from .graphql_response import http_response
from .request_id import request_id

BODY_PEEK_SECONDS = 0.05  # seconds to wait for the body; enough for a client that sends it together with the headers
MAX_BYTES = 4 * 1024 * 1024  # bytes of all entries
ENTRY_OVERHEAD = 500  # bytes that an entry takes beside its texts, roughly
KEY_HEADERS = (b"content-type", b"accept")  # the request headers that the response depends on
RequestKey = tuple[bytes, ...]  # the body, then the values of KEY_HEADERS


class RequestMemo:
    """The requests that can be repeated: how their responses are cached, and the parameters of their operations.

    Bounded in bytes; the least recently used entry is evicted first.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._entries: ByteBoundedLRU[RequestKey, tuple[CacheKey, GraphQLRequest]] = ByteBoundedLRU(max_bytes)
        self.get = self._entries.get

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, request_key: RequestKey, cache_key: CacheKey, parameters: GraphQLRequest) -> None:
        self._entries.put(request_key, (cache_key, parameters), _size(request_key, cache_key))


def _size(request_key: RequestKey, cache_key: CacheKey) -> int:
    """Estimate the bytes of an entry. The parameters take about as much as the body."""
    return 2 * key_length(request_key) + key_length(cache_key) + ENTRY_OVERHEAD


class FastPathMiddleware:
    """Responds to repeated requests, and passes the others on to the application.

    Also passes on a repeated request whose operation fails, with the failed response in `scope["response"]`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/graphql":
            message = await peek_body(receive)
            if message is not None:
                with suppress(ClientDisconnected):
                    if not await _respond_to_repeat(scope, message, receive, send):
                        await self._app(scope, _replay(message, receive), send)
                return
        await self._app(scope, receive, send)


async def _respond_to_repeat(scope: Scope, message: Message, receive: Receive, send: Send) -> bool:
    """Send the response to a repeated request. Returns False if the application has to respond."""
    request_key = scope["request_key"] = _request_key(scope, message)
    if request_key is None:
        return False
    response: GraphQLResponse | None = await scope["app"].state.endpoint.answer_repeat(
        request_key, receive, request_id(scope)
    )
    if response is None or response.outcomes is None:
        scope["response"] = response
        return False
    status, headers, body = http_response(scope, response, request_key[2].decode("latin-1"))
    raw_headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw_headers})
    await send({"type": "http.response.body", "body": body})
    return True


def _request_key(scope: Scope, message: Message) -> RequestKey | None:
    """Return the key of a request, or None if the fast path does not apply to it."""
    if message.get("more_body") or scope["app"].state.stopping:
        return None
    values = dict.fromkeys(KEY_HEADERS, b"")
    for name, value in scope["headers"]:
        if name in values:
            values[name] += b"," + value
        elif name == b"cache-control":
            return None
    return message.get("body", b""), *values.values()


async def peek_body(receive: Receive) -> Message | None:
    """Return the first ASGI message of a request, or None if it does not arrive within BODY_PEEK_SECONDS."""
    try:
        async with asyncio.timeout(BODY_PEEK_SECONDS):
            return await receive()
    except TimeoutError:
        return None


def _replay(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that starts with a message that was received before."""
    messages = [message]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
