"""uvicorn's end of an HTTP connection, with bounds where it has none: what a client may hold up, and for how long."""

import asyncio
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from execution.errors import ErrorCode
from server.operations.response import error_payload

MAX_HEAD_BYTES = 65_536  # bytes of a request's line and headers
MAX_REQUEST_BYTES = 1_000_000  # of a whole request, with what is let go since no body may be that long

_TOO_LONG = 431, f"The request's line and headers are longer than {MAX_HEAD_BYTES:,} bytes."


class GuardedHttpProtocol(HttpToolsProtocol):
    """One connection: it waits for the head of a request, or its client waits for an answer."""

    patience = 10.0  # seconds that it waits

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._received = 0  # bytes of the request that is coming in
        self._in_head = True
        self._since: float | None = self.loop.time()  # when the wait for a head began
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch = self.loop.call_later(self.patience, self._check_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatched()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        if self._in_head and self._received > MAX_HEAD_BYTES:
            self._refuse(*_TOO_LONG)
        elif self._received > MAX_REQUEST_BYTES:
            self.transport.close()  # that its body is too long has been said long ago

    def on_headers_complete(self) -> None:
        if self._received > MAX_HEAD_BYTES and self._length_of_head() > MAX_HEAD_BYTES:
            self._refuse(*_TOO_LONG)
            raise ValueError  # which ends the reading
        self._in_head, self._since = False, None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._received, self._in_head = 0, True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:  # and no other request has come meanwhile
            self._since = self.loop.time()

    def handle_websocket_upgrade(self) -> None:
        self._unwatched()  # it has a patience of its own
        super().handle_websocket_upgrade()

    def send_400_response(self, _: str) -> None:
        """What uvicorn calls where it cannot go on reading."""
        self._refuse(400, "The request is not HTTP.")

    def _check_timeout(self) -> None:
        """A timer for each request would cost more than this one, which looks from time to time."""
        waited = 0.0 if self._since is None else self.loop.time() - self._since
        if waited < self.patience:
            self._watch = self.loop.call_later(self.patience - waited, self._check_timeout)
        elif self._in_head and self._received:
            self._refuse(408, "The request did not arrive in time.")
        else:
            self.transport.close()

    def _length_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _unwatched(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    def _refuse(self, status: int, message: str) -> None:
        """Says so in the form of every other error, and closes; the first refusal is the one that is said."""
        if self.transport.is_closing():
            return
        body = orjson.dumps(error_payload(message, ErrorCode.BAD_USER_INPUT))
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "connection: close",
        )
        self.transport.write("\r\n".join((*head, "", "")).encode() + body)
        self.transport.close()
