"""uvicorn's WebSocket protocol with the bounds that it lacks: bytes that wait, and handshakes that it cannot parse."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from execution.errors import ErrorCode

from .bounds import ConnectionBounds, GuardedWriting, WriteGuard
from .rejection import reject

INVALID_HANDSHAKE = "The WebSocket handshake is invalid. Send it by GET without a body, as RFC 6455 defines."


class GuardedWebSocketProtocol(GuardedWriting, WebSocketsSansIOProtocol):
    """One WebSocket. It is aborted if its client does not read."""

    def __init__(self, *arguments: Any, bounds: ConnectionBounds, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._bounds = bounds
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._guard = WriteGuard(self._bounds, self.transport)
        self._check_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._guard is not None and self._timer is not None:
            self._guard.stop()
            self._timer.cancel()
        self._guard = None  # breaks a reference cycle
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated:  # uvicorn passes the whole head at once, so its parser has failed
            reject(self.transport, 400, INVALID_HANDSHAKE, ErrorCode.BAD_USER_INPUT)

    def _check_closing(self) -> None:
        if self._guard is not None:
            self._timer = self.loop.call_later(self._bounds.write_timeout, self._check_closing)
            self._guard.abort_if_still_closing()
