"""Settings of access for tests, and clients that present credentials."""

from typing import Any

from websockets.exceptions import ConnectionClosed

from server.access.keys import create_key, hash_key
from server.config.access import AccessSettings
from server.config.keys import KeySettings
from tests.harness import Service
from tests.streams.clients import open_socket

QUERY = {"query": "{ accounts { id } }"}
REFUSED = {
    "message": "This request is not authenticated. Send a valid API key or token in the header Authorization.",
    "extensions": {"code": "UNAUTHENTICATED"},
}
REFUSED_SOCKET = (4403, REFUSED["message"])


def api_key(name: str, key: str, accounts: tuple[str, ...] = ("*",), **more: Any) -> KeySettings:
    return KeySettings(name=name, hash=hash_key(key.encode()), accounts=accounts, **more)


def keys_of(*keys: KeySettings) -> AccessSettings:
    return AccessSettings(keys=keys)


KEY = create_key()
ONE_KEY = keys_of(api_key("finance", KEY))


async def status(service: Service, **headers: str) -> int:
    """Return 200 if these headers are accepted, or 401 if the response is exactly that of a refusal."""
    encoded = [(name.encode(), value.strip().encode("latin-1")) for name, value in headers.items()]
    response = await service.client.post("/graphql", json=QUERY, headers=encoded)
    if response.status_code == 401:
        assert response.json() == {"errors": [REFUSED]}
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["cache-control"] == "private, no-store"
    return response.status_code


async def bearer_status(service: Service, token: str) -> int:
    return await status(service, Authorization=f"Bearer {token}")


async def socket_accepts(service: Service, payload: dict[str, Any] | None, **headers: str) -> bool:
    """Return whether `connection_init` with this payload is acknowledged. If not, check the close code."""
    async with open_socket(service, init=False, **headers) as socket:
        await socket.send("connection_init", payload=payload)
        try:
            return bool(await socket.receive() == {"type": "connection_ack"})
        except ConnectionClosed:
            assert await socket.wait_closed() == REFUSED_SOCKET
            return False
