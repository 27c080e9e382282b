"""The application: GraphQL and GraphiQL at /graphql, and what an orchestrator asks for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from execution.errors import ErrorCode
from schema.coverage import FailureCode
from server.accounts import AccountConnections, Accounts, build_graph, connect_accounts, serve_sandbox_accounts
from server.config.cache import DEFAULT_CACHE, CacheSettings
from server.config.settings import DEFAULT_SUBSCRIPTIONS, ServerSettings, Settings, SubscriptionSettings
from server.config.watcher import ApplySettings, WatchSettings
from server.operations.response import error_payload, error_response
from server.operations.runner import OperationRunner

from .compression import Compression
from .endpoint import Endpoint
from .fast_path import FastPathMiddleware
from .shutdown import DrainMiddleware
from .websocket import WebSocketEndpoint

GRAPHIQL = Path(__file__).parents[2] / "graphiql" / "dist"
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # the entry files keep their names when their content changes
}
_REFUSALS = {
    404: "There is nothing at this address: the graph is at /graphql.",
    405: "This address does not take that method.",
}
_NO_PAGE = "GraphiQL has not been built: run `make setup`. POST /graphql works without it."
_log = structlog.get_logger()


class GraphiQLFiles(StaticFiles):
    """GraphiQL's files, under the page's own rules."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_PAGE_HEADERS)
        return response


def create_app(
    accounts: Accounts = serve_sandbox_accounts,
    server: ServerSettings | None = None,
    follow: WatchSettings | None = None,
    cache: CacheSettings = DEFAULT_CACHE,
    subscriptions: SubscriptionSettings = DEFAULT_SUBSCRIPTIONS,
) -> Starlette:
    """The application over the accounts that `accounts` gives while it is entered; the sandboxes by default.

    While it runs, `follow` gives it other settings.
    """
    settings = server or ServerSettings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with accounts() as chosen, connect_accounts(chosen, cache, settings.workers) as connections:
            app.state.store = connections.store
            schema = build_graph(compiled=settings.compiled)
            runner = app.state.runner = OperationRunner(
                schema,
                lambda: connections.registry,
                settings,
                subscriptions,
                cache.max_response_bytes // settings.workers,
            )
            app.state.endpoint, app.state.sockets = Endpoint(runner), WebSocketEndpoint(runner)
            async with follow(_apply_settings(connections, runner)) if follow else nullcontext():
                yield
            app.state.stopping = True
            await runner.change_feed.close()

    application = Starlette(
        routes=_routes(),
        exception_handlers={HTTPException: error_handler, Exception: error_handler},
        middleware=[Middleware(DrainMiddleware), Middleware(FastPathMiddleware), Middleware(Compression)],
        lifespan=lifespan,
    )
    application.router.redirect_slashes = False  # another address is told so, whatever it ends with
    application.state.stopping, application.state.store = False, None
    return application


def _routes() -> list[BaseRoute]:
    at_graphql = Route("/graphql", graphql)
    at_graphql.methods = {"GET", "POST"}  # said so, Starlette would add HEAD
    return [
        at_graphql,
        WebSocketRoute("/graphql", sockets),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Mount("/graphiql", GraphiQLFiles(directory=GRAPHIQL, check_dir=False)),
    ]


def _apply_settings(connections: AccountConnections, runner: OperationRunner) -> ApplySettings:
    """What happens to the settings of a file that was read again."""

    def use(settings: Settings) -> None:
        new = settings.accounts, settings.server, settings.subscriptions
        if new == (connections.accounts, runner.settings, runner.subscriptions):
            return
        connections.use(settings.accounts)
        runner.apply_settings(settings.server, settings.subscriptions)
        _log.info("the configuration is in use", accounts=len(settings.accounts))

    return use


async def graphql(request: Request) -> Response:
    """An operation, or the page to write one for whoever asks for a page."""
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if wants_page and request.query_params.keys().isdisjoint({"query", "extensions"}):
        return page()
    endpoint: Endpoint = request.app.state.endpoint
    return await endpoint(request)


async def sockets(websocket: WebSocket) -> None:
    """Operations over a connection that stays."""
    connections: WebSocketEndpoint = websocket.app.state.sockets
    await connections(websocket)


def page() -> Response:
    index = GRAPHIQL / "index.html"
    if index.is_file():
        return FileResponse(index, headers=_PAGE_HEADERS)
    return JSONResponse(error_payload(_NO_PAGE, FailureCode.UNAVAILABLE.name), 503)


async def healthz(_: Request) -> Response:
    """The process answers, whatever the providers do."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The service takes requests, also while the cache that it should share is away."""
    stopping, store = request.app.state.stopping, request.app.state.store
    said = {"status": "stopping" if stopping else "ready"}
    if store is not None:
        said["cache"] = "shared" if await store.ping() else "own memory: the shared cache does not answer"
    return JSONResponse(said, 503 if stopping else 200)


async def error_handler(_: Request, error: Exception) -> Response:
    """What no route takes, or a mistake of ours outside of any operation, in the form of every other error."""
    if isinstance(error, HTTPException):
        said = error_payload(_REFUSALS.get(error.status_code, "That cannot be done."), ErrorCode.BAD_USER_INPUT)
        return JSONResponse(said, error.status_code, error.headers)
    answer = error_response(error, uuid4().hex)
    return JSONResponse(answer.content, answer.status)
