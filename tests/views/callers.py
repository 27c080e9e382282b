"""A service with callers of different grants. A request names its caller in X-API-Key."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx

from resolvers.grants import EVERYTHING, Grants
from schema.scopes import Scope
from server.access.authenticator import Authenticator
from server.access.caller import Caller
from server.access.credentials import API_KEY, Credentials
from server.access.errors import Unauthenticated
from server.http.endpoint import Endpoint
from server.http.websocket import WebSocketEndpoint
from tests.harness import Service, running_service
from tests.streams.clients import Socket, open_socket

CACHED: dict[str, Any] = {"attempts": 1, "rate_limit": None}  # account settings: the default cache lifetimes
FASTLY, PALETTE, ARCHERA = "fastly/sandbox-fastly", "spectrocloud/sandbox-palette", "archera/sandbox-archera"
READ = frozenset({Scope.INVOICES_READ})


def read(*accounts: str) -> Grants:
    """Return grants to read these accounts, without any other scope."""
    return Grants(frozenset(accounts), READ)


class NamedCallers(Authenticator):
    """Authenticates the callers whose names it has."""

    def __init__(self, grants: dict[str, Grants]) -> None:
        self._callers = {name: Caller(name, caller_grants) for name, caller_grants in grants.items()}

    async def authenticate(self, credentials: Credentials) -> Caller:
        name = (credentials.field(API_KEY) or b"").decode()
        if name not in self._callers:
            raise Unauthenticated("no such caller")
        return self._callers[name]


@asynccontextmanager
async def service_with_callers(grants: dict[str, Grants], **options: Any) -> AsyncIterator[Service]:
    """Run a service that knows these callers, and `admin`, which may do everything. `options`: of running_service."""
    async with running_service(**{"settings": CACHED, **options}) as service:
        state, authenticator = service.app.state, NamedCallers({"admin": EVERYTHING, **grants})
        state.endpoint = Endpoint(state.runner, authenticator)
        state.sockets = WebSocketEndpoint(state.runner, authenticator)
        yield service


async def post(service: Service, caller: str, query: str, **headers: str) -> httpx.Response:
    """Send an operation as a caller."""
    return await service.post({"query": query}, **{"X-API-Key": caller, **headers})


async def data(service: Service, caller: str, query: str) -> Any:
    """Return the data that a caller gets. Fails if there are errors."""
    payload = (await post(service, caller, query)).json()
    assert "errors" not in payload, payload["errors"]
    return payload["data"]


def socket_of(service: Service, caller: str) -> AbstractAsyncContextManager[Socket]:
    """Open a WebSocket as a caller."""
    headers: dict[str, Any] = {"X-API-Key": caller}
    return open_socket(service, **headers)
