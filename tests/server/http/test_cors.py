"""CORS: closed by default, open for the origins that the settings name exactly."""

from typing import Any

import httpx
import pytest

from tests.harness import Service, running_service
from tests.server.access.callers import KEY, ONE_KEY
from tests.streams.clients import open_socket

ORIGIN, OTHER = "https://dashboard.example", "https://dashboard.example.evil"
QUERY = {"query": "{ __typename }"}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


def _cors(response: httpx.Response) -> dict[str, str]:
    """Return the headers of CORS, and Vary, of a response."""
    return {
        name: value for name, value in response.headers.items() if name.startswith("access-control") or name == "vary"
    }


async def _preflight(service: Service, origin: str) -> httpx.Response:
    return await service.client.options("/graphql", headers=PREFLIGHT | {"Origin": origin})


async def test_cors_is_closed_by_default(service: Service) -> None:
    responses = [await service.post(QUERY, Origin=ORIGIN), await _preflight(service, ORIGIN)]

    assert [(response.status_code, _cors(response)) for response in responses] == [(403, {})] * 2
    assert _cors(await service.post(QUERY)) == {}


async def test_a_named_origin_reads_responses() -> None:
    async with running_service(cors_origins=(ORIGIN,), access=ONE_KEY) as service:
        preflight = await _preflight(service, ORIGIN)
        refused = await service.post(QUERY, Origin=ORIGIN)
        accepted = await service.post(QUERY, Origin=ORIGIN, Authorization=f"Bearer {KEY}")

    assert (preflight.status_code, refused.status_code) == (200, 401)
    assert accepted.json()["data"] == {"__typename": "Query"}
    headers = _cors(preflight)
    allowed = {"authorization", "content-type", "traceparent", "tracestate"}
    assert allowed <= set(headers["access-control-allow-headers"].lower().split(", "))
    assert headers["vary"].split(", ")[0] == "Origin"
    assert (headers["access-control-allow-origin"], headers["access-control-allow-methods"]) == (ORIGIN, "GET, POST")
    expected = {
        "access-control-allow-origin": ORIGIN,
        "access-control-expose-headers": "Age, ETag, Retry-After, WWW-Authenticate, X-Request-Id",
        "vary": "Origin",
    }
    assert [_cors(refused), _cors(accepted)] == [expected, expected]


@pytest.mark.parametrize("origin", [OTHER, "http://dashboard.example", "https://dashboard.example:8443", "null", "*"])
async def test_another_origin_reads_nothing(origin: str) -> None:
    async with running_service(cors_origins=(ORIGIN,)) as service:
        responses = [await service.post(QUERY, Origin=origin), await _preflight(service, origin)]

    assert [(response.status_code, _cors(response)) for response in responses] == [(403, {"vary": "Origin"})] * 2


async def test_responses_without_origin_vary_too() -> None:
    async with running_service(cors_origins=(ORIGIN,)) as service:
        assert _cors(await service.post(QUERY)) == {"vary": "Origin"}


@pytest.mark.parametrize(("options", "credentials"), [({}, None), ({"cors_credentials": True}, "true")])
async def test_credentials_need_a_setting(options: dict[str, Any], credentials: str | None) -> None:
    async with running_service(cors_origins=(ORIGIN,), **options) as service:
        response = await service.post(QUERY, Origin=ORIGIN, Cookie="a=b")

    assert response.headers.get("access-control-allow-credentials") == credentials
    assert response.headers["access-control-allow-origin"] == ORIGIN


async def test_a_named_origin_opens_websockets() -> None:
    async with running_service(cors_origins=(ORIGIN,)) as service, open_socket(service, Origin=ORIGIN):
        pass
