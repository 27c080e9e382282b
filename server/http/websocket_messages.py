"""Messages and close codes of the protocol graphql-transport-ws."""

from contextlib import suppress
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

PROTOCOL = "graphql-transport-ws"
GOING_AWAY, TOO_BIG, TRY_LATER = 1001, 1009, 1013  # close codes of WebSocket
INVALID_MESSAGE, UNAUTHORIZED, FORBIDDEN, NOT_ACCEPTABLE = 4400, 4401, 4403, 4406  # close codes of graphql-transport-ws
INIT_TIMEOUT, DUPLICATE_ID, TOO_MANY_INITS = 4408, 4409, 4429


class Message(msgspec.Struct):
    """A message from a client."""

    type: str
    id: str | None = None
    payload: Any = None


class CloseSession(Exception):
    """The connection must be closed with this code and reason. A reason has at most 123 bytes (RFC 6455)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason

    async def send(self, websocket: WebSocket) -> None:
        """Close the connection, unless the client has closed it first."""
        with suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(self.code, self.reason)
