"""The span of each GraphQL request. The middleware is part of the application only if traces are enabled."""

from typing import TYPE_CHECKING, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.operations.operation import OperationRequest, OperationTrace

if TYPE_CHECKING:
    from server.telemetry.tracing import Tracing

TRACE = "invoicegraph.trace"  # the key of the scope under which the endpoints find the span of the request
GRAPHQL = "/graphql"


class RequestTrace(Protocol):
    """The span of a request."""

    def start_operation(self, operation: OperationRequest) -> OperationTrace:
        """Start the span of one of its operations."""


class TraceMiddleware:
    """Starts a span for each sampled request to /graphql, and ends it after the response."""

    def __init__(self, app: ASGIApp, tracing: "Tracing") -> None:
        self._app, self._tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"] != GRAPHQL:
            await self._app(scope, receive, send)
            return
        span = self._tracing.start_request(scope.get("method", "GET"), GRAPHQL, scope["headers"])
        if span is None:
            await self._app(scope, receive, send)
            return
        scope[TRACE], status = span, None

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            span.end(status)
