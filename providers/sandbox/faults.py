"""Faults that a sandbox can be ordered to have, real on the socket, and the count of what it was asked."""

import asyncio
import re
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRANSPORT = "sandbox.transport"  # the ASGI extension under which `serve` hands over the connection
_LINGER_ZERO = struct.pack("ii", 1, 0)  # closing such a socket sends RST instead of FIN
_HTML = "<!DOCTYPE html><html><body><h1>Welcome to the network</h1>Please sign in.</body></html>"


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What goes wrong, for which requests and how often.

    status: answers `status` in the provider's own envelope. delay: answers truly, after `seconds`.
    hang: never answers. reset: breaks the connection (TCP RST). half: sends half of the true body, then
    closes. garbage: answers 200 with what is no JSON. Each of them first waits for `seconds`.
    """

    kind: Literal["status", "delay", "hang", "reset", "half", "garbage"]
    status: int = 500
    seconds: float = 0
    headers: dict[str, str] = {}
    body: str | None = None  # instead of the envelope, or of the garbage
    path: str = ""  # a regular expression, searched in the path with its query
    times: int | None = None  # so many requests; None: every one

    def __post_init__(self) -> None:
        try:
            re.compile(self.path)
        except re.error as mistake:
            raise ValueError(f"{self.path!r} is no regular expression: {mistake}") from None


class LoggedRequest(NamedTuple):
    """One request, as it is counted."""

    method: str
    path: str  # with its query, exactly as it was sent


@dataclass
class Control:
    """One provider's faults to come, first match first, and its requests so far."""

    faults: list[Fault] = field(default_factory=list)
    requests: list[LoggedRequest] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def counts(self) -> Counter[LoggedRequest]:
        return Counter(self.requests)

    def reset(self) -> None:
        """No faults, nothing counted."""
        self.faults.clear()
        self.reset_requests()

    def reset_requests(self) -> None:
        self.requests.clear()
        self.most_in_flight = self.in_flight

    async def until(self, in_flight: int) -> None:
        """Waits until so many requests are under way."""
        while self.in_flight != in_flight:
            self._changed.clear()
            await self._changed.wait()

    @contextmanager
    def counting(self, asked: LoggedRequest) -> Iterator[None]:
        """A request is in flight from when its head was read until its answer was written."""
        self.requests.append(asked)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self._changed.set()
        try:
            yield
        finally:
            self.in_flight -= 1
            self._changed.set()

    def fault_for(self, path: str) -> Fault | None:
        """The fault that befalls this request; it is used up once more."""
        for index, fault in enumerate(self.faults):
            if re.search(fault.path, path):
                if fault.times == 1:
                    del self.faults[index]
                elif fault.times is not None:
                    self.faults[index] = msgspec.structs.replace(fault, times=fault.times - 1)
                return fault
        return None


def faulty(fault: Fault, app: ASGIApp, refusal: Callable[[int], Response]) -> ASGIApp:
    """The app with that fault. `refusal` is the provider's own envelope for a status."""
    broken = _broken(fault, app, refusal)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not (fault.seconds and await _left(receive, fault.seconds)):
            await broken(scope, receive, send)

    return answer


def _broken(fault: Fault, app: ASGIApp, refusal: Callable[[int], Response]) -> ASGIApp:
    match fault.kind:
        case "delay":
            return app
        case "status":
            return _with_overrides(refusal(fault.status), fault)
        case "garbage":
            kind = "text/html" if fault.body is None else "application/json"
            return _with_overrides(Response(_HTML, media_type=kind), fault)
        case "half":
            return partial(_half, app)
        case "reset":
            return _reset
        case "hang":
            return _hang


async def _left(receive: Receive, seconds: float | None = None) -> bool:
    """Waits until the client has left, at most so long; whether it has."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
            return True
    return False


def _with_overrides(answer: Response, fault: Fault) -> Response:
    if fault.body is not None:
        answer.body = fault.body.encode()
        answer.headers["content-length"] = str(len(answer.body))
    answer.headers.update(fault.headers)
    return answer


def _transport(scope: Scope) -> asyncio.Transport:
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]["transport"]
    return transport


async def _hang(_: Scope, receive: Receive, __: Send) -> None:
    await _left(receive)


async def _reset(scope: Scope, receive: Receive, _: Send) -> None:
    transport = _transport(scope)
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
    await _left(receive)


async def _half(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The true head with its true Content-Length, then half of the body."""
    true: list[Message] = []

    async def keep(message: Message) -> None:
        true.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in true)
    await send(true[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    _transport(scope).close()
    await _left(receive)
