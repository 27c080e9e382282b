"""A service with callers of different grants. Each has an API key that follows from its name."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx

from resolvers.grants import EVERYTHING, Grants
from schema.scopes import Scope
from server.access.keys import hash_key
from server.config.access import AccessSettings
from server.config.keys import KeySettings
from tests.harness import Service, running_service
from tests.streams.clients import Socket, open_socket

CACHED: dict[str, Any] = {"attempts": 1, "rate_limit": None}  # account settings: the default cache lifetimes
FASTLY, PALETTE, ARCHERA = "fastly/sandbox-fastly", "spectrocloud/sandbox-palette", "archera/sandbox-archera"
READ = frozenset({Scope.INVOICES_READ})


def read(*accounts: str) -> Grants:
    """Return grants to read these accounts, without any other scope."""
    return Grants(frozenset(accounts), READ)


def key_of(caller: str) -> str:
    return f"ig_{caller:0<43}"


def key_header(caller: str) -> dict[str, Any]:
    return {"X-API-Key": key_of(caller)}


def access_of(grants: dict[str, Grants]) -> AccessSettings:
    """Return settings with a key for each caller."""
    keys = [
        KeySettings(
            name=name, hash=hash_key(key_of(name).encode()), accounts=tuple(each.accounts), scopes=tuple(each.scopes)
        )
        for name, each in grants.items()
    ]
    return AccessSettings(keys=tuple(keys))


@asynccontextmanager
async def service_with_callers(grants: dict[str, Grants], **options: Any) -> AsyncIterator[Service]:
    """Run a service that knows these callers, and `admin`, which may do everything. `options`: of running_service."""
    access = access_of({"admin": EVERYTHING, **grants})
    async with running_service(**{"settings": CACHED, "access": access, **options}) as service:
        yield service


async def post(service: Service, caller: str, query: str, **headers: str) -> httpx.Response:
    """Send an operation as a caller."""
    return await service.post({"query": query}, **{**key_header(caller), **headers})


async def data(service: Service, caller: str, query: str) -> Any:
    """Return the data that a caller gets. Fails if there are errors."""
    payload = (await post(service, caller, query)).json()
    assert "errors" not in payload, payload["errors"]
    return payload["data"]


def socket_of(service: Service, caller: str) -> AbstractAsyncContextManager[Socket]:
    """Open a WebSocket as a caller."""
    return open_socket(service, **key_header(caller))
