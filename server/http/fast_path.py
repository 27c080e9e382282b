"""The shortest way to an answer that there is: a request that is another's to the byte is not read again."""

import asyncio
from collections import OrderedDict
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.operations.request import GraphQLRequest
from server.operations.response import CacheKey, GraphQLResponse
from server.operations.response_cache import key_length

from . import cache_headers
from .compression import encode_body
from .disconnect import ClientDisconnected
from .negotiation import media_type
from .request_id import header, request_id

BODY_PEEK_SECONDS = 0.05  # seconds for a body to be there: it is, where a client sends it with its head
MAX_BYTES = 4 * 1024 * 1024  # of bodies
ENTRY_OVERHEAD = 500  # bytes that one takes besides, roughly
KEY_HEADERS = (b"content-type", b"accept")  # the headers that tell one question from another
RequestKey = tuple[bytes, ...]  # the body, and what those headers say


class RequestMemo:
    """The bodies of requests, by what their answers are kept, and how to ask again; the least recent leaves first."""

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._known: OrderedDict[RequestKey, tuple[CacheKey, GraphQLRequest]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def note(self, question: RequestKey, key: CacheKey, operation: GraphQLRequest) -> None:
        """By what the answer to a question is kept, and what it asks."""
        if question not in self._known:
            self._bytes += _size(question, key)
        self._known[question] = key, operation
        while self._bytes > self._most:
            left, (its_key, _) = self._known.popitem(last=False)
            self._bytes -= _size(left, its_key)

    def find(self, question: RequestKey) -> tuple[CacheKey, GraphQLRequest] | None:
        known = self._known.get(question)
        if known is not None:
            self._known.move_to_end(question)
        return known


def _size(question: RequestKey, key: CacheKey) -> int:
    """With the operation, which takes about as much as what it was read from."""
    return 2 * key_length(question) + key_length(key) + ENTRY_OVERHEAD


class FastPathMiddleware:
    """Answers what was asked before, to the byte, before anything else is set in motion; hands on the rest.

    So it does with an answer that does not simply succeed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/graphql":
            first = await peek_body(receive)
            if first is not None:
                with suppress(ClientDisconnected):
                    if not await _respond_to_repeat(scope, first, receive, send):
                        await self._app(scope, _replay(first, receive), send)
                return
        await self._app(scope, receive, send)


async def _respond_to_repeat(scope: Scope, first: Message, receive: Receive, send: Send) -> bool:
    question = scope["question"] = _request_key(scope, first)
    if question is None:
        return False
    answer: GraphQLResponse | None = await scope["app"].state.endpoint.answer_repeat(
        question, receive, request_id(scope)
    )
    if answer is None or answer.outcomes is None:
        scope["answer"] = answer
        return False
    await _respond(scope, question, answer, send)
    return True


def _request_key(scope: Scope, first: Message) -> RequestKey | None:
    """What a request asks, as far as its answer depends on it; null for one that is not whole, or wants none kept."""
    if first.get("more_body") or scope["app"].state.stopping:
        return None
    found = dict.fromkeys(KEY_HEADERS, b"")
    for name, value in scope["headers"]:
        if name in found:
            found[name] += b"," + value
        elif name == b"cache-control":
            return None
    return first.get("body", b""), *found.values()


async def _respond(scope: Scope, asked: RequestKey, answer: GraphQLResponse, send: Send) -> None:
    headers = {"X-Request-Id": request_id(scope), **cache_headers.freshness_headers(answer.outcomes)}
    body = encode_body(answer.body_bytes(), header(scope, b"accept-encoding"), answer.encoded, headers)
    headers |= {"Content-Type": media_type(asked[2].decode("latin-1")), "Content-Length": str(len(body))}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def peek_body(receive: Receive) -> Message | None:
    """The first message; null where it is not there yet."""
    try:
        async with asyncio.timeout(BODY_PEEK_SECONDS):
            return await receive()
    except TimeoutError:
        return None


def _replay(first: Message, receive: Receive) -> Receive:
    """Gives the first message once more."""
    waiting = [first]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
