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
from server.accounts import Accounts, Connections, connected, graph, sandboxed
from server.config.cache import OWN, CacheSettings
from server.config.settings import WATCHED, ServerSettings, Settings, SubscriptionSettings
from server.config.watcher import Follow, Use
from server.operations.response import refusal, unanswered
from server.operations.runner import Runner

from .compression import Compression
from .endpoint import Endpoint
from .fast_path import Express
from .shutdown import Farewell
from .websocket import Sockets

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


class Assets(StaticFiles):
    """GraphiQL's files, under the page's own rules."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_PAGE_HEADERS)
        return response


def create_app(
    accounts: Accounts = sandboxed,
    server: ServerSettings | None = None,
    follow: Follow | None = None,
    cache: CacheSettings = OWN,
    subscriptions: SubscriptionSettings = WATCHED,
) -> Starlette:
    """The application over the accounts that `accounts` gives while it is entered; the sandboxes by default.

    While it runs, `follow` gives it other settings.
    """
    settings = server or ServerSettings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with accounts() as chosen, connected(chosen, cache, settings.workers) as connections:
            app.state.store = connections.store
            schema = graph(compiled=settings.compiled)
            runner = app.state.runner = Runner(
                schema, lambda: connections.roster, settings, subscriptions, cache.most_answers // settings.workers
            )
            app.state.endpoint, app.state.sockets = Endpoint(runner), Sockets(runner)
            async with follow(_put_to_use(connections, runner)) if follow else nullcontext():
                yield
            app.state.stopping = True
            await runner.changes.close()

    application = Starlette(
        routes=_routes(),
        exception_handlers={HTTPException: refuse, Exception: refuse},
        middleware=[Middleware(Farewell), Middleware(Express), Middleware(Compression)],
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
        Mount("/graphiql", Assets(directory=GRAPHIQL, check_dir=False)),
    ]


def _put_to_use(connections: Connections, runner: Runner) -> Use:
    """What happens to the settings of a file that was read again."""

    def use(settings: Settings) -> None:
        new = settings.accounts, settings.server, settings.subscriptions
        if new == (connections.accounts, runner.settings, runner.subscriptions):
            return
        connections.use(settings.accounts)
        runner.use(settings.server, settings.subscriptions)
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
    connections: Sockets = websocket.app.state.sockets
    await connections(websocket)


def page() -> Response:
    index = GRAPHIQL / "index.html"
    if index.is_file():
        return FileResponse(index, headers=_PAGE_HEADERS)
    return JSONResponse(refusal(_NO_PAGE, FailureCode.UNAVAILABLE.name), 503)


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


async def refuse(_: Request, error: Exception) -> Response:
    """What no route takes, or a mistake of ours outside of any operation, in the form of every other error."""
    if isinstance(error, HTTPException):
        said = refusal(_REFUSALS.get(error.status_code, "That cannot be done."), ErrorCode.BAD_USER_INPUT)
        return JSONResponse(said, error.status_code, error.headers)
    answer = unanswered(error, uuid4().hex)
    return JSONResponse(answer.content, answer.status)
