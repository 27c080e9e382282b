"""The keys of an issuer: rotation, and an issuer that is down or lies."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import running_service
from tests.streams.clients import open_socket

from .callers import QUERY, bearer_status
from .issuer import OTHER_KEY, RSA_KEY, jwk, running_issuer

DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"


async def test_a_rotated_key_is_fetched_once() -> None:
    async with running_issuer() as issuer, running_service(access=issuer.access()) as service:
        assert await bearer_status(service, issuer.token()) == 200
        issuer.keys = [jwk(OTHER_KEY, "two")]
        assert await bearer_status(service, issuer.token(OTHER_KEY, headers={"kid": "two"})) == 200
        for kid in ("three", "four", "five"):
            assert await bearer_status(service, issuer.token(OTHER_KEY, headers={"kid": kid})) == 401
        # A token that was verified before its key was withdrawn is no longer accepted.
        assert await bearer_status(service, issuer.token()) == 401

    assert issuer.paths == [DISCOVERY, KEYS] * 2


async def test_known_keys_outlast_an_issuer_that_is_down() -> None:
    async with running_issuer() as issuer, running_service(access=issuer.access()) as service:
        assert await bearer_status(service, issuer.token()) == 200
        issuer.is_down = True
        assert await bearer_status(service, issuer.token(OTHER_KEY, headers={"kid": "two"})) == 401
        assert await bearer_status(service, issuer.token(sub="bob")) == 200

    assert issuer.paths == [DISCOVERY, KEYS, DISCOVERY]


async def test_without_any_key_the_service_is_unavailable() -> None:
    async with running_issuer() as issuer:
        issuer.is_down = True
        async with running_service(access=issuer.access()) as service:
            response = await service.post(QUERY, Authorization=f"Bearer {issuer.token()}")
            async with open_socket(service, init=False) as socket:
                await socket.send("connection_init", payload={"Authorization": f"Bearer {issuer.token()}"})
                closed = await socket.wait_closed()

    message = "The service cannot check tokens at the moment. Retry in a moment."
    assert (response.status_code, response.headers["retry-after"], closed) == (503, "1", (1013, message))
    assert response.json() == {"errors": [{"message": message, "extensions": {"code": "UNAVAILABLE"}}]}


@pytest.mark.parametrize(
    "document",
    [{"issuer": "https://other.example"}, {"jwks_uri": "http://192.0.2.1/keys"}, {"jwks_uri": None}],
    ids=["another issuer", "no https", "no keys"],
)
async def test_a_wrong_discovery_document_is_not_used(document: dict[str, Any]) -> None:
    async with running_issuer() as issuer:
        issuer.discovery = document
        async with running_service(access=issuer.access()) as service:
            response = await service.post(QUERY, Authorization=f"Bearer {issuer.token()}")

    assert (response.status_code, issuer.paths) == (503, [DISCOVERY])


async def test_keys_come_from_a_url_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [{"kty": "unknown"}, jwk(RSA_KEY, "one")]}))
    async with running_issuer() as issuer:
        async with running_service(access=issuer.access(jwks_file=str(file))) as service:
            assert await bearer_status(service, issuer.token()) == 200
        assert issuer.paths == []
        async with running_service(access=issuer.access(jwks_url=f"{issuer.url}/keys")) as service:
            assert await bearer_status(service, issuer.token()) == 200
        assert issuer.paths == [KEYS]
