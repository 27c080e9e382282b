"""Responses while the service drains: it is stopping and completes the requests that it has."""

import asyncio

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.coverage import FailureCode
from server.operations.response import error_payload

from .state import Application


class DrainMiddleware:
    """While draining, adds `Connection: close` to responses and answers cancelled requests with 503."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        application: Application = scope["app"]
        state, started = application.state, False

        async def send_and_close(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if state.stopping:
                    message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        try:
            await self._app(scope, receive, send_and_close)
        except asyncio.CancelledError:
            if started or not state.stopping:
                raise
            await _interrupted(scope, receive, send_and_close)


_interrupted = JSONResponse(
    error_payload(
        "The service stopped before the response was ready. Send the request again.", FailureCode.UNAVAILABLE.name
    ),
    503,
    {"Retry-After": "1"},
)
