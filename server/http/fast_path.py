"""The shortest way to an answer that there is: a request that is another's to the byte is not read again."""

import asyncio
from collections import OrderedDict
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.operations.request import Operation
from server.operations.response import Answer, Key
from server.operations.response_cache import length_of

from . import cache_headers
from .compression import pack
from .disconnect import ClientGone
from .negotiation import media_type
from .request_id import header, request_id

PATIENCE = 0.05  # seconds for a body to be there: it is, where a client sends it with its head
MOST_BYTES = 4 * 1024 * 1024  # of bodies
_ENTRY = 500  # bytes that one takes besides, roughly
_HEEDED = (b"content-type", b"accept")  # the headers that tell one question from another
Question = tuple[bytes, ...]  # the body, and what those headers say


class Questions:
    """The bodies of requests, by what their answers are kept, and how to ask again; the least recent leaves first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._bytes = most_bytes, 0
        self._known: OrderedDict[Question, tuple[Key, Operation]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def note(self, question: Question, key: Key, operation: Operation) -> None:
        """By what the answer to a question is kept, and what it asks."""
        if question not in self._known:
            self._bytes += _size(question, key)
        self._known[question] = key, operation
        while self._bytes > self._most:
            left, (its_key, _) = self._known.popitem(last=False)
            self._bytes -= _size(left, its_key)

    def find(self, question: Question) -> tuple[Key, Operation] | None:
        known = self._known.get(question)
        if known is not None:
            self._known.move_to_end(question)
        return known


def _size(question: Question, key: Key) -> int:
    """With the operation, which takes about as much as what it was read from."""
    return 2 * length_of(question) + length_of(key) + _ENTRY


class Express:
    """Answers what was asked before, to the byte, before anything else is set in motion; hands on the rest.

    So it does with an answer that does not simply succeed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/graphql":
            first = await _first(receive)
            if first is not None:
                with suppress(ClientGone):
                    if not await _answered(scope, first, receive, send):
                        await self._app(scope, _after(first, receive), send)
                return
        await self._app(scope, receive, send)


async def _answered(scope: Scope, first: Message, receive: Receive, send: Send) -> bool:
    question = scope["question"] = _asked(scope, first)
    if question is None:
        return False
    answer: Answer | None = await scope["app"].state.endpoint.known(question, receive, request_id(scope))
    if answer is None or answer.ledger is None:
        scope["answer"] = answer
        return False
    await _respond(scope, question, answer, send)
    return True


def _asked(scope: Scope, first: Message) -> Question | None:
    """What a request asks, as far as its answer depends on it; null for one that is not whole, or wants none kept."""
    if first.get("more_body") or scope["app"].state.stopping:
        return None
    found = dict.fromkeys(_HEEDED, b"")
    for name, value in scope["headers"]:
        if name in found:
            found[name] += b"," + value
        elif name == b"cache-control":
            return None
    return first.get("body", b""), *found.values()


async def _respond(scope: Scope, asked: Question, answer: Answer, send: Send) -> None:
    headers = {"X-Request-Id": request_id(scope), **cache_headers.of(answer.ledger)}
    body = pack(answer.written(), header(scope, b"accept-encoding"), answer.packed, headers)
    headers |= {"Content-Type": media_type(asked[2].decode("latin-1")), "Content-Length": str(len(body))}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _first(receive: Receive) -> Message | None:
    """The first message; null where it is not there yet."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await receive()
    except TimeoutError:
        return None


def _after(first: Message, receive: Receive) -> Receive:
    """Gives the first message once more."""
    waiting = [first]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
