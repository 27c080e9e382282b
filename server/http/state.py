"""The ASGI application's class, with typed state."""

from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import State

from providers.store.protocol import Store
from schema import InvoiceSchema
from server.access.authenticator import Authenticator
from server.export.exporter import Exporter
from server.operations.runner import OperationRunner

from .cors import CorsPolicy
from .endpoint import Endpoint
from .export import ExportEndpoint
from .hosts import HostGuard
from .websocket import WebSocketEndpoint


class AppState(State):
    """What the handlers of one application share. All but hosts and CORS exist as long as its lifespan lasts."""

    authenticator: Authenticator
    hosts: HostGuard
    cors: CorsPolicy
    graph: InvoiceSchema
    runner: OperationRunner
    endpoint: Endpoint
    sockets: WebSocketEndpoint
    exporter: Exporter
    exports: ExportEndpoint
    store: Store | None
    stopping: bool


class Application(Starlette):
    """A Starlette application whose state is an AppState."""

    state: AppState

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.state = AppState({"stopping": False, "store": None})
