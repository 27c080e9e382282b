"""The ASGI application: the console at /, GraphQL and GraphiQL at /graphql, files at /export, and probes."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send
from starlette.websockets import WebSocket

from execution.errors import ErrorCode
from server.accounts import AccountsContext
from server.config.settings import ServerSettings, Settings
from server.config.watcher import WatchSettings
from server.operations.response import error_payload, error_response
from server.telemetry.telemetry import NO_TELEMETRY, Telemetry

from .access_log import AccessLogMiddleware
from .compression import CompressionMiddleware
from .console import Console
from .cors import CorsMiddleware, CorsPolicy
from .export import PREFIX as EXPORT_PREFIX
from .graphiql import GRAPHIQL, GraphiQLFiles, graphiql_page
from .hosts import MISDIRECTED, HostGuard, HostMiddleware
from .lifespan import running
from .shutdown import DrainMiddleware
from .state import Application
from .tracing import TraceMiddleware

_HTTP_ERRORS = {
    404: "This URL does not exist. Send GraphQL requests to /graphql.",
    405: "This URL does not support the HTTP method of the request. Send GraphQL requests to /graphql by GET or POST.",
    406: "This URL is a page for browsers. Send GraphQL requests to /graphql.",
}
_OTHER_HTTP_ERROR = "This request cannot be processed. Send GraphQL requests to /graphql."


class GraphQLMiddleware:
    """Passes operations and requests for files to their endpoints, and other requests on to the routes.

    Routing takes as long as a cached response, so operations come first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["path"] == "/graphql" and _is_operation(scope):
            app = scope["app"].state.endpoint
        elif scope["type"] == "http" and scope["path"].startswith(EXPORT_PREFIX):
            app = scope["app"].state.exports  # past the compression, which would drop the length
        await app(scope, receive, send)


def _is_operation(scope: Scope) -> bool:
    """Return whether the request is for the endpoint: a POST, or a GET unless a browser asks for a page."""
    if scope["method"] != "GET":
        return bool(scope["method"] == "POST")
    request = Request(scope)
    wants_page = "text/html" in request.headers.get("accept", "")
    return not (wants_page and request.query_params.keys().isdisjoint({"query", "extensions"}))


def create_app(
    accounts: AccountsContext,
    settings: Settings | None = None,
    watch_settings: WatchSettings | None = None,
    telemetry: Telemetry = NO_TELEMETRY,
    console: Console | None = None,
) -> Application:
    """Create the application.

    `accounts` yields the account settings for as long as the application runs; those of `settings` are not read.
    `watch_settings` applies changed settings while it runs. `telemetry` is what it reports to. `console` is the page
    at /; None: the one that was built.
    """
    settings = settings or Settings()

    def lifespan(application: Application) -> AbstractAsyncContextManager[None]:
        return running(application.state, accounts, settings, watch_settings, telemetry)

    observing = _observing_middleware(settings.server, telemetry)
    application = _application(lifespan, observing, console or Console())
    application.state.hosts, application.state.cors = HostGuard(settings.server), CorsPolicy(settings.server)
    return application


def _observing_middleware(settings: ServerSettings, telemetry: Telemetry) -> list[Middleware]:
    """Return the middleware of the access log and of traces, if they are enabled."""
    access_log = [Middleware(AccessLogMiddleware)] if settings.access_log else []
    return access_log + ([Middleware(TraceMiddleware, tracing=telemetry.tracing)] if telemetry.tracing else [])


def _application(lifespan: Lifespan[Application], observing: Sequence[Middleware], console: Console) -> Application:
    application = Application(
        routes=_routes(console),
        exception_handlers=dict.fromkeys((HTTPException, Exception), partial(error_handler, console)),
        middleware=[
            *observing,
            Middleware(CorsMiddleware),
            Middleware(HostMiddleware),
            Middleware(DrainMiddleware),
            Middleware(GraphQLMiddleware),
            Middleware(CompressionMiddleware),
        ],
        lifespan=lifespan,
    )
    application.router.redirect_slashes = False  # another path gets 404, also if only a slash differs
    return application


def _routes(console: Console) -> list[BaseRoute]:
    page_route = Route("/graphql", page)
    # Set here, because Starlette adds HEAD to methods passed to Route. POST is named for the header Allow of a 405.
    page_route.methods = {"GET", "POST"}
    return [
        page_route,
        *console.routes(),
        WebSocketRoute("/graphql", sockets),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Mount("/graphiql", GraphiQLFiles(directory=GRAPHIQL, check_dir=False)),
    ]


async def sockets(websocket: WebSocket) -> None:
    """Run operations over a WebSocket."""
    application: Application = websocket.app
    if not application.state.hosts.is_allowed_host(websocket.scope["headers"]):
        await websocket.send_denial_response(MISDIRECTED)
        return
    await application.state.sockets(websocket)


async def page(request: Request) -> Response:
    """Return GraphiQL for the current accounts."""
    application: Application = request.app
    return graphiql_page(application.state.runner.views.current)


async def healthz(_: Request) -> Response:
    """Respond 200 for as long as the process runs, independent of the providers."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Respond 200 while the service accepts requests, also without its store, and 503 while it stops."""
    application: Application = request.app
    stopping, store = application.state.stopping, application.state.store
    status = {"status": "stopping" if stopping else "ready"}
    if store is not None:
        status["cache"] = store.status if await store.ping() else f"own memory: the {store.name} does not respond"
    return JSONResponse(status, 503 if stopping else 200)


async def error_handler(console: Console, request: Request, error: Exception) -> Response:
    """Respond to a request without a route, or to a bug outside of any operation, in the format of all errors.

    A browser without a route gets the console's page, if there is one.
    """
    if isinstance(error, HTTPException):
        if error.status_code == 404 and (page := console.page_of_unknown(request)):
            return page
        message = _HTTP_ERRORS.get(error.status_code, _OTHER_HTTP_ERROR)
        return JSONResponse(error_payload(message, ErrorCode.BAD_USER_INPUT), error.status_code, error.headers)
    request_id = uuid4().hex
    response = error_response(error, request_id)
    return JSONResponse(response.content, response.status, {"X-Request-Id": request_id})
