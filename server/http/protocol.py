"""uvicorn's HTTP protocol with the limits that it lacks: the size of a request, and the time for its headers."""

import asyncio
from collections import deque
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from execution.errors import ErrorCode
from schema.coverage import FailureCode

from .bounds import ConnectionBounds, GuardedWriting, WriteGuard
from .rejection import reject
from .websocket_protocol import INVALID_HANDSHAKE

MAX_HEAD_BYTES = 65_536  # bytes of the request line and the headers
MAX_REQUEST_BYTES = 1_000_000  # bytes of a request; includes the rest of a body that was rejected as too long

_TOO_LONG = (
    431,
    f"The request line and headers are longer than {MAX_HEAD_BYTES:,} bytes. Send fewer headers, or the query by POST.",
)
_TOO_MANY = "Too many connections are open. Try again later, or send several requests over one connection."


class GuardedHttpProtocol(GuardedWriting, HttpToolsProtocol):
    """One connection. Its client has `header_timeout` to send the headers of the next request.

    The time does not count while the client waits for a response. A client that does not read is disconnected.
    """

    header_timeout = 10.0  # seconds

    def __init__(self, *arguments: Any, bounds: ConnectionBounds | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._bounds = bounds or ConnectionBounds()
        self._received = 0  # bytes of the current request
        self._in_head = True
        self._is_ignored = False  # the current request offers another protocol than WebSocket, such as `h2c`
        self._waiting_since: float | None = self.loop.time()  # None while the client waits for a response
        self._timer: asyncio.TimerHandle | None = None
        self._cycles = deque[RequestResponseCycle]()  # requests without a complete response; the first one is running

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._guard = WriteGuard(self._bounds, transport)
        self._timer = self.loop.call_later(self.header_timeout, self._check_timeout)
        if len(self.connections) > self._bounds.max_connections:
            self._reject(503, _TOO_MANY, FailureCode.UNAVAILABLE.name)

    def connection_lost(self, exc: Exception | None) -> None:
        self._release()
        for cycle in self._cycles:  # uvicorn tells only the last one
            cycle.disconnected = True
            cycle.message_event.set()
        self._cycles.clear()
        self.pipeline.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        self._unset_keepalive_if_required()
        self._parse(data)
        if self._in_head and self._received > MAX_HEAD_BYTES:
            self._reject(*_TOO_LONG)
        elif self._received > MAX_REQUEST_BYTES:
            self.transport.close()  # the response 413 was sent long before

    def _parse(self, data: bytes) -> None:
        """Parse bytes as uvicorn does, but continue after a request whose offer of another protocol is ignored.

        httptools skips the body of every request with `Upgrade`. So such a request is parsed again without it.
        """
        remaining: bytes | None = data
        while remaining is not None:
            try:
                self.parser.feed_data(remaining)
            except httptools.HttpParserError:
                self.logger.warning("A request is not valid HTTP.")
                self.send_400_response("")
                return
            except httptools.HttpParserUpgrade as upgrade:
                head = self._head_without_upgrade()
                remaining = None if head is None else head + remaining[upgrade.args[0] :]
            else:
                return
        if self._should_upgrade():
            self.handle_websocket_upgrade()

    def on_headers_complete(self) -> None:
        if self._received > MAX_HEAD_BYTES and self._head_length() > MAX_HEAD_BYTES:
            self._reject(*_TOO_LONG)
            raise ValueError  # stops the parser
        self._is_ignored = self.parser.should_upgrade() and not self._should_upgrade()
        if self._is_ignored:
            if self.parser.get_method() == b"CONNECT":
                self._reject(405, "This service is no proxy. Send GraphQL requests to /graphql by GET or POST.")
            return  # `_parse` reads the request again without the offer
        self._in_head, self._waiting_since = False, None
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            self.headers = []  # for trailers: the scope has the headers, and nothing reads this list
            self._cycles.append(self.cycle)

    def on_message_complete(self) -> None:
        if self._is_ignored:
            return
        self._received, self._in_head = 0, True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._cycles.popleft()
        super().on_response_complete()
        if self.cycle.response_complete:  # and no pipelined request has started
            self._waiting_since = self.loop.time()

    def handle_websocket_upgrade(self) -> None:
        if self.parser.get_method() != b"GET" or self._has_body():
            self._reject(400, INVALID_HANDSHAKE)
            return
        self._release()  # WebSockets have bounds of their own
        super().handle_websocket_upgrade()

    def _has_body(self) -> bool:
        return any(
            name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
            for name, value in self.headers
        )

    def _head_without_upgrade(self) -> bytes | None:
        """Return the head of the current request without `Upgrade`. Returns None if its offer is not ignored."""
        headers = [header for header in self.headers if header[0] != b"upgrade"]
        if len(headers) == len(self.headers) or not self._is_ignored:
            return None
        version = self.parser.get_http_version().encode()
        lines = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version]
        lines += [name + b": " + value for name, value in headers]
        return b"\r\n".join((*lines, b"", b""))

    def send_400_response(self, _: str) -> None:
        """Reject bytes that cannot be parsed. uvicorn calls it and passes a message of its own."""
        self._reject(400, "The request is not valid HTTP/1.1. This port does not accept HTTPS.")

    def _check_timeout(self) -> None:
        """Close the connection if its client has taken too long, else check again later.

        One periodic timer for each connection costs less than one for each request.
        """
        if self._guard is not None and self.transport.is_closing():
            self._timer = self.loop.call_later(self.header_timeout, self._check_timeout)
            self._guard.abort_if_still_closing()
            return
        waited = 0.0 if self._waiting_since is None else self.loop.time() - self._waiting_since
        is_overdue = waited >= self.header_timeout
        next_check = self.header_timeout if is_overdue else self.header_timeout - waited
        self._timer = self.loop.call_later(next_check, self._check_timeout)
        if not is_overdue:
            return
        if self._in_head and self._received:
            self._reject(408, "The request headers did not arrive in time. Send the request again.")
        else:
            self.transport.close()

    def _head_length(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _release(self) -> None:
        """Stop the timers, and break the reference cycle between the connection and its guard."""
        if self._timer is not None:
            self._timer.cancel()
        if self._guard is not None:
            self._guard.stop()
            self._guard = None

    def _reject(self, status: int, message: str, code: str = ErrorCode.BAD_USER_INPUT) -> None:
        reject(self.transport, status, message, code)
