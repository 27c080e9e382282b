"""Faults that a sandbox can have, real on the socket, and its request log."""

import asyncio
import re
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Literal, NamedTuple

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .data import encode

Shape = Callable[[Any], Any]  # returns the body in another form that the provider has, or a complete response
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
TRANSPORT = "sandbox.transport"  # key of the ASGI extension in which `serve` gives the app its connection
_LINGER_ZERO = struct.pack("ii", 1, 0)  # a socket with this option sends RST instead of FIN when it closes
_HTML = "<!DOCTYPE html><html><body><h1>Welcome to the network</h1>Please sign in.</body></html>"


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fault, the requests that get it, and how often.

    status: responds with `status` and an error body as the provider writes it. delay: responds normally.
    hang: never responds. reset: breaks the connection (TCP RST). half: sends half of the normal body, then
    closes the connection. garbage: responds with 200 and a body that is not JSON. shape: sends the normal body in the
    form that the provider's API calls `shape`. Every kind first waits for `seconds`.
    """

    kind: Literal["status", "delay", "hang", "reset", "half", "garbage", "shape"]
    status: int = 500
    shape: str = ""
    seconds: float = 0
    headers: dict[str, str] = {}
    body: str | None = None  # replaces the body of `status` or `garbage`
    path: str = ""  # a regular expression, searched in the path with its query
    times: int | None = None  # number of requests that get the fault; None: all that match

    def __post_init__(self) -> None:
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"{self.path!r} is not a regular expression: {error}") from None


class LoggedRequest(NamedTuple):
    """One request in the log."""

    method: str
    path: str  # with its query, exactly as the client sent it


@dataclass
class Control:
    """The active faults of one provider, in the order in which they are matched, and its request log."""

    faults: list[Fault] = field(default_factory=list)
    requests: list[LoggedRequest] = field(default_factory=list)
    in_flight: int = 0
    max_in_flight: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def counts(self) -> Counter[LoggedRequest]:
        return Counter(self.requests)

    def reset(self) -> None:
        """Remove all faults and all logged requests."""
        self.faults.clear()
        self.reset_requests()

    def reset_requests(self) -> None:
        self.requests.clear()
        self.max_in_flight = self.in_flight

    async def wait_for_in_flight(self, in_flight: int) -> None:
        """Wait until exactly that many requests are in flight."""
        while self.in_flight != in_flight:
            self._changed.clear()
            await self._changed.wait()

    @contextmanager
    def track(self, request: LoggedRequest) -> Iterator[None]:
        """Log a request and count it as in flight: from the time its head is read until its response is written."""
        self.requests.append(request)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        self._changed.set()
        try:
            yield
        finally:
            self.in_flight -= 1
            self._changed.set()

    def take_fault(self, path: str) -> Fault | None:
        """Return the first fault that matches and use it up by one. Returns None if no fault matches."""
        for index, fault in enumerate(self.faults):
            if re.search(fault.path, path):
                if fault.times == 1:
                    del self.faults[index]
                elif fault.times is not None:
                    self.faults[index] = msgspec.structs.replace(fault, times=fault.times - 1)
                return fault
        return None


def with_fault(
    fault: Fault, app: ASGIApp, error_response: Callable[[int], Response], shapes: Mapping[str, Shape]
) -> ASGIApp:
    """Return the app with a fault. `error_response` returns the provider's own response for a status."""
    faulty_app = _faulty_app(fault, app, error_response, shapes)

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        if not (fault.seconds and await _wait_for_disconnect(receive, fault.seconds)):
            await faulty_app(scope, receive, send)

    return respond


def _faulty_app(
    fault: Fault, app: ASGIApp, error_response: Callable[[int], Response], shapes: Mapping[str, Shape]
) -> ASGIApp:
    match fault.kind:
        case "delay":
            return app
        case "status":
            return _with_overrides(error_response(fault.status), fault)
        case "garbage":
            media_type = "text/html" if fault.body is None else "application/json"
            return _with_overrides(Response(_HTML, media_type=media_type), fault)
        case "half":
            return partial(_send_half, app)
        case "reset" | "hang":
            return _reset if fault.kind == "reset" else _hang
        case "shape":
            return partial(_send_shape, app, shapes[fault.shape])


async def _wait_for_disconnect(receive: Receive, timeout_seconds: float | None = None) -> bool:
    """Wait for the client to disconnect. Returns whether it did before the timeout."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
            return True
    return False


def _with_overrides(response: Response, fault: Fault) -> Response:
    if fault.body is not None:
        response.body = fault.body.encode()
        response.headers["content-length"] = str(len(response.body))
    response.headers.update(fault.headers)
    return response


def _transport_of(scope: Scope) -> asyncio.Transport:
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]["transport"]
    return transport


async def _hang(_scope: Scope, receive: Receive, _send: Send) -> None:
    await _wait_for_disconnect(receive)


async def _reset(scope: Scope, receive: Receive, _send: Send) -> None:
    transport = _transport_of(scope)
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
    await _wait_for_disconnect(receive)


async def _record(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Return the head and the body of the normal response."""
    messages: list[Message] = []

    async def record(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, record)
    return messages[0], b"".join(message.get("body", b"") for message in messages)


async def _send_shape(app: ASGIApp, shape: Shape, scope: Scope, receive: Receive, send: Send) -> None:
    head, body = await _record(app, scope, receive)
    payload = shape(_DECODER.decode(body))
    response = payload if isinstance(payload, Response) else Response(encode(payload), head["status"])
    await response(scope, receive, send)


async def _send_half(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the normal head, with the Content-Length of the complete body, and then only half of the body."""
    head, body = await _record(app, scope, receive)
    await send(head)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    _transport_of(scope).close()
    await _wait_for_disconnect(receive)
