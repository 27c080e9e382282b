"""Which pages may open a WebSocket: the service's own, also behind a proxy."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import Service, running_service

PUBLIC = ("https://invoices.example", "http://[::1]:8080")


@pytest.fixture
async def proxied_service() -> AsyncIterator[Service]:
    async with running_service(public_origins=PUBLIC) as service:
        yield service


@pytest.fixture
async def named_service() -> AsyncIterator[Service]:
    async with running_service(allowed_hosts=("invoices.example",)) as service:
        yield service


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Protocol": "graphql-transport-ws",
}


async def status(service: Service, origin: str, host: str | None = None) -> int:
    """Return the HTTP status of the WebSocket handshake. Without `host` the header Host is the service's address."""
    headers = {**HANDSHAKE, "Origin": origin} | ({"Host": host} if host else {})
    async with service.client.stream("GET", "/graphql", headers=headers) as response:
        return response.status_code


OTHER_PAGES = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://127.0.0.1.evil.example",
    "http://[",
    "",
    "file://",
    "https://invoices.example.evil.example",
    "http://invoices.example",
    "https://invoices.example:8443",
    "https://user@invoices.example",
]


@pytest.mark.parametrize("origin", OTHER_PAGES)
async def test_page_of_another_host_gets_403(proxied_service: Service, origin: str) -> None:
    assert await status(proxied_service, origin) == 403


async def test_the_rejection_says_what_to_change(service: Service) -> None:
    response = await service.client.get("/graphql", headers={**HANDSHAKE, "Origin": "https://evil.example"})

    message = (
        "This WebSocket comes from a page of another origin. The operator of the service can add the origin to "
        "public_origins."
    )
    assert response.json() == {"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]}


async def test_page_of_the_same_host_is_accepted(service: Service) -> None:
    assert await status(service, service.url) == 101


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        ("http://invoices.example", "invoices.example:80", 101),
        ("https://invoices.example", "invoices.example:443", 101),
        ("https://invoices.example", "invoices.example", 101),
        ("https://Invoices.Example", "invoices.example:443", 101),
        ("http://invoices.example:8080", "invoices.example:8080", 101),
        ("https://[::1]", "[::1]:443", 101),
        ("https://invoices.example", "invoices.example:8443", 403),
        ("https://invoices.example:8443", "invoices.example", 403),
        ("https://evil.example", "invoices.example:443", 403),
    ],
)
async def test_host_may_name_the_default_port(named_service: Service, origin: str, host: str, expected: int) -> None:
    assert await status(named_service, origin, host) == expected


@pytest.mark.parametrize("origin", [*PUBLIC, "https://invoices.example:443", "HTTPS://INVOICES.example"])
async def test_pages_of_public_origins_are_accepted(proxied_service: Service, origin: str) -> None:
    assert await status(proxied_service, origin) == 101
