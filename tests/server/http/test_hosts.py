"""The hosts that requests may name, and the origins of pages that may send them."""

from collections.abc import AsyncIterator

import pytest

from tests.harness import Service, running_service
from tests.server.wire import error_codes_and_messages
from tests.streams.test_origins import HANDSHAKE

MISDIRECTED = (
    "This service does not accept the host that the request names. The operator of the service can add it to "
    "allowed_hosts in [server]."
)
FOREIGN = (
    "This request comes from a page of another origin. The operator of the service can add the origin to "
    "public_origins in [server]."
)
QUERY = {"query": "{ invoices(first: 1) { nodes { id } } }"}


@pytest.fixture
async def public_service() -> AsyncIterator[Service]:
    async with running_service(
        allowed_hosts=("invoices.example",), public_origins=("https://finance.example:8443",)
    ) as service:
        yield service


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "invoices.example.evil.example",
        "www.invoices.example",
        "invoices.example@evil.example",
        "127.0.0.1:99999",
        pytest.param(f"[::1%{'a' * 300}]", id="a long scope"),
        pytest.param(f"127.0.0.1:{'0' * 300}80", id="a long port"),
        "",
    ],
)
async def test_request_for_another_host_gets_421(public_service: Service, host: str) -> None:
    answers = [
        await public_service.post(QUERY, Host=host),
        await public_service.client.get("/healthz", headers={"Host": host}),
        await public_service.client.get("/graphql", headers={**HANDSHAKE, "Host": host}),
    ]

    assert [answer.status_code for answer in answers] == [421] * 3
    assert error_codes_and_messages(answers[0]) == [("BAD_USER_INPUT", MISDIRECTED)]
    assert public_service.all_calls() == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:1",
        "localhost",
        "LOCALHOST:8000",
        "[::1]:8000",
        "10.1.2.3:8000",
        "Invoices.Example.",
        "invoices.example:443",
        "finance.example",
    ],
)
async def test_addresses_and_allowed_hosts_are_accepted(public_service: Service, host: str) -> None:
    assert (await public_service.client.get("/healthz", headers={"Host": host})).status_code == 200


async def test_every_host_can_be_allowed() -> None:
    async with running_service(allowed_hosts=("*",)) as service:
        assert (await service.client.get("/healthz", headers={"Host": "any.example"})).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "chrome-extension://a"])
async def test_page_of_another_origin_sends_no_query(public_service: Service, origin: str) -> None:
    response = await public_service.post(QUERY, Origin=origin)

    assert (response.status_code, error_codes_and_messages(response)) == (403, [("BAD_USER_INPUT", FOREIGN)])
    assert public_service.all_calls() == []


async def test_an_origin_is_no_longer_than_a_host(public_service: Service) -> None:
    assert (await public_service.post(QUERY, Origin=public_service.url + "/" * 300)).status_code == 403
    assert public_service.all_calls() == []


async def test_own_pages_send_queries(public_service: Service) -> None:
    for headers in (
        {"Origin": public_service.url},
        {"Origin": "https://finance.example:8443"},
        {"Origin": "https://invoices.example", "Host": "invoices.example"},
    ):
        assert (await public_service.post({"query": "{ __typename }"}, **headers)).status_code == 200
