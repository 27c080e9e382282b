"""Callers behind a gateway: a secret, or identity headers from listed addresses only."""

from typing import Any

import pytest
from pydantic import SecretStr

from server.config.access import AccessSettings, GatewaySettings
from server.config.grants import GrantSettings
from tests.harness import running_service

from .callers import KEY, api_key, bearer_status, socket_accepts, status

SECRET = "a-secret-of-the-gateway"
EVERYONE = GrantSettings(accounts=("*",))
GROUPS = {"finance": EVERYONE}
USER = {"X-Forwarded-User": "ada", "X-Forwarded-Groups": "staff, finance"}
HERE, ELSEWHERE = ("127.0.0.0/8",), ("192.0.2.0/24",)


def _access(**settings: Any) -> AccessSettings:
    if "secret" in settings:
        settings["secret"] = SecretStr(settings["secret"])
    return AccessSettings(gateway=GatewaySettings.model_validate(settings))


IDENTITY = {"name_header": "X-Forwarded-User", "groups_header": "X-Forwarded-Groups", "grants": GROUPS}
WITH_SECRET, WITH_ADDRESS = _access(secret=SECRET, everyone=EVERYONE), _access(addresses=HERE, **IDENTITY)


async def test_the_secret_lets_the_gateway_in() -> None:
    async with running_service(access=WITH_SECRET) as service:
        assert await status(service, **{"X-Gateway-Secret": SECRET}) == 200
        assert await socket_accepts(service, None, **{"X-Gateway-Secret": SECRET})
        assert await status(service) == 401
        for wrong in (SECRET[:-1], f"{SECRET}x", "x"):
            assert await status(service, **{"X-Gateway-Secret": wrong}) == 401
        assert not await socket_accepts(service, {"X-Gateway-Secret": SECRET})


async def test_identity_headers_count_from_listed_addresses() -> None:
    async with running_service(access=WITH_ADDRESS) as service:
        assert await status(service, **USER) == 200
        assert await status(service) == 401
    async with running_service(access=_access(addresses=ELSEWHERE, **IDENTITY)) as service:
        assert await status(service, **USER, **{"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1"}) == 401


async def test_secret_and_address_are_both_needed() -> None:
    async with running_service(access=_access(secret=SECRET, addresses=HERE, **IDENTITY)) as service:
        assert await status(service, **USER) == 401
        assert await status(service, **USER, **{"X-Gateway-Secret": SECRET}) == 200
    async with running_service(access=_access(secret=SECRET, addresses=ELSEWHERE, **IDENTITY)) as service:
        assert await status(service, **USER, **{"X-Gateway-Secret": SECRET}) == 401


@pytest.mark.parametrize("name", USER)
async def test_a_repeated_identity_header_is_refused(name: str) -> None:
    async with running_service(access=WITH_ADDRESS) as service:
        headers = [*USER.items(), (name, "finance")]
        response = await service.client.post("/graphql", json={"query": "{ a }"}, headers=headers)

    assert response.status_code == 401


async def test_a_key_decides_before_the_gateway() -> None:
    settings = {"keys": (api_key("finance", KEY),), "gateway": WITH_SECRET.gateway}
    async with running_service(access=AccessSettings.model_validate(settings)) as service:
        assert await bearer_status(service, KEY) == 200
        assert await status(service, **{"X-Gateway-Secret": SECRET}) == 200
        assert await status(service, **{"X-Gateway-Secret": SECRET, "Authorization": "Bearer ig_x"}) == 401


async def test_a_gateway_alone_ignores_authorization() -> None:
    async with running_service(access=WITH_SECRET) as service:
        assert await status(service, **{"X-Gateway-Secret": SECRET, "Authorization": "Bearer x"}) == 200
