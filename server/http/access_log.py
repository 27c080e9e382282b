"""The access log: one line for each HTTP request, if it is enabled."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from providers.deadline import loop_time

from .console import ADDRESSES, FILES

EVENT = "A request has ended."
# The line names no other path: a client may write a secret into it.
_PATHS = {"/", "/graphql", "/healthz", "/readyz", *ADDRESSES}
_FOLDERS = {"/graphiql/": "/graphiql", FILES: "/console"}
_log = structlog.get_logger()


class AccessLogMiddleware:
    """Writes a line after each response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        line = AccessLine()

        async def watch(message: Message) -> None:
            line.add(message)
            await send(message)

        started_at = loop_time()
        try:
            await self._app(scope, receive, watch)
        finally:
            _log.info(
                EVENT,
                method=scope["method"],
                path=_path(scope["path"]),
                status=line.status,
                bytes=line.bytes,
                duration_ms=round((loop_time() - started_at) * 1000, 1),
                peer=scope["client"][0] if scope.get("client") else None,
                request_id=line.request_id,
            )


class AccessLine:
    """What a line says of the response. `status` stays None if the client left before it."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.bytes = 0  # of the body, as it was sent
        self.request_id: str | None = None

    def add(self, message: Message) -> None:
        """Read a message of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            request_id = dict(message.get("headers", ())).get(b"x-request-id")
            self.request_id = request_id.decode("latin-1") if request_id else None
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))


def _path(path: str) -> str | None:
    if path in _PATHS:
        return path
    return next((name for folder, name in _FOLDERS.items() if path.startswith(folder)), None)
