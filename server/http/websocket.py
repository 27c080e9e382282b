"""The endpoint of WebSockets at /graphql, in the protocol graphql-transport-ws."""

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from execution.errors import ErrorCode
from server.access.authenticator import Authenticator
from server.config.origin import is_own_origin
from server.operations.response import (
    error_payload,
)
from server.operations.runner import OperationRunner

from .socket_places import SocketPlaces
from .websocket_messages import (
    NOT_ACCEPTABLE,
    PROTOCOL,
    CloseSession,
)
from .websocket_session import WebSocketSession

_FOREIGN_PAGE = (
    "This WebSocket comes from a page of another origin. The operator of the service can add the origin to "
    "public_origins."
)


class WebSocketEndpoint:
    """The handler of WebSockets at /graphql, which limits their number."""

    def __init__(self, runner: OperationRunner, authenticator: Authenticator | None = None) -> None:
        """Without an authenticator, every caller is anonymous."""
        self._runner, self._authenticator = runner, authenticator or Authenticator()
        self._places = SocketPlaces()

    async def __call__(self, websocket: WebSocket) -> None:
        if self._is_foreign_page(websocket):
            response = error_payload(_FOREIGN_PAGE, ErrorCode.BAD_USER_INPUT)
            await websocket.send_denial_response(JSONResponse(response, 403))
            return
        is_supported = PROTOCOL in websocket.scope["subprotocols"]
        await websocket.accept(PROTOCOL if is_supported else None)
        if not is_supported:
            await websocket.close(NOT_ACCEPTABLE, f"Subprotocol not acceptable: use {PROTOCOL}.")
            return
        try:
            with self._places.enter(self._runner.streams.slots.max_slots) as place:
                await WebSocketSession(websocket, self._runner, self._authenticator, place).run()
        except CloseSession as close:
            await close.send(websocket)
        except WebSocketDisconnect:
            pass

    def _is_foreign_page(self, websocket: WebSocket) -> bool:
        """Return whether a page of another host opened the WebSocket. Only browsers send Origin."""
        origin, host = websocket.headers.get("origin"), websocket.headers.get("host", "")
        settings = self._runner.settings
        return origin is not None and not is_own_origin(origin, host, settings.public_origins + settings.cors_origins)
