"""API keys: which are accepted, over HTTP and WebSocket."""

from datetime import UTC, datetime, timedelta

import pytest

from server.access.keys import create_key
from tests.harness import running_service

from .callers import KEY, ONE_KEY, api_key, bearer_status, keys_of, socket_accepts, status

EXPIRED = create_key()
REFUSED_KEYS = {
    "another key": create_key(),
    "revoked or expired": EXPIRED,
    "one character short": KEY[:-1],
    "one character long": KEY + "A",
    "empty": "",
    "no prefix": KEY.removeprefix("ig_"),
    "not ASCII": KEY[:-1] + "\xe9",
    "two keys": f"{KEY}, {KEY}",
}
NOW = datetime.now(UTC)
ACCESS = keys_of(
    api_key("finance", KEY, expires=NOW + timedelta(days=1)),
    api_key("old", EXPIRED, expires=NOW - timedelta(seconds=1)),
)


async def test_a_key_is_accepted_in_either_header() -> None:
    async with running_service(access=ONE_KEY) as service:
        statuses = [
            await bearer_status(service, KEY),
            await status(service, Authorization=f"bearer {KEY}"),
            await status(service, **{"X-API-Key": KEY}),
        ]

    assert statuses == [200, 200, 200]


async def test_without_a_key_no_request_is_accepted() -> None:
    async with running_service(access=ONE_KEY) as service:
        statuses = [await status(service), await status(service, Authorization=f"Basic {KEY}")]
        get = await service.get({"query": "{ accounts { id } }"})
        malformed = await service.client.post("/graphql", content=b"{", headers={"Content-Type": "text/html"})
        page, health = await service.client.get("/graphql", headers={"Accept": "text/html"}), "/healthz"
        assert (await service.client.get(health)).status_code == 200

    assert statuses == [401, 401]
    assert (get.status_code, malformed.status_code) == (401, 401)
    assert page.status_code in {200, 503}  # GraphiQL has no data; 503 if it is not built
    assert service.all_calls() == []


@pytest.mark.parametrize("key", REFUSED_KEYS.values(), ids=REFUSED_KEYS.keys())
async def test_other_keys_are_refused(key: str) -> None:
    async with running_service(access=ACCESS) as service:
        assert await bearer_status(service, key) == 401
        assert not await socket_accepts(service, {"Authorization": f"Bearer {key}"})
        assert await bearer_status(service, KEY) == 200


@pytest.mark.parametrize("weak", ["", "password", KEY[:-1]], ids=["empty", "a word", "too short"])
async def test_a_configured_hash_of_a_weak_key_opens_nothing(weak: str) -> None:
    async with running_service(access=keys_of(api_key("weak", weak))) as service:
        assert await bearer_status(service, weak) == 401
        assert await status(service, **{"X-API-Key": weak}) == 401


async def test_two_credentials_are_refused() -> None:
    async with running_service(access=ONE_KEY) as service:
        headers = [("Authorization", f"Bearer {KEY}"), ("Authorization", f"Bearer {KEY}"), ("X-API-Key", KEY)]
        both = await status(service, **{"Authorization": f"Bearer {KEY}", "X-API-Key": KEY})
        repeated = await service.client.post("/graphql", json={"query": "{ a }"}, headers=headers[:2])

    assert (both, repeated.status_code) == (401, 401)


@pytest.mark.parametrize("member", ["Authorization", "authorization", "X-API-Key", "x-api-key"])
async def test_a_websocket_presents_its_key_in_its_payload(member: str) -> None:
    value = KEY if "api" in member.lower() else f"Bearer {KEY}"
    async with running_service(access=ONE_KEY) as service:
        assert await socket_accepts(service, {member: value})


async def test_a_websocket_may_present_its_key_as_a_header() -> None:
    async with running_service(access=ONE_KEY) as service:
        assert await socket_accepts(service, None, Authorization=f"Bearer {KEY}")
        assert not await socket_accepts(service, {"Authorization": "Bearer x"}, Authorization=f"Bearer {KEY}")


@pytest.mark.parametrize("payload", [None, {}, {"token": KEY}, {"Authorization": [KEY]}, {"Authorization": None}])
async def test_a_websocket_without_a_key_is_refused(payload: dict[str, object] | None) -> None:
    async with running_service(access=ONE_KEY) as service:
        assert not await socket_accepts(service, payload)
