"""For any bytes from a provider, the graph returns what can be read, and UNINTELLIGIBLE for the rest."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from providers import PROVIDERS
from providers.rest import MAX_INVOICES
from providers.sandbox import serve
from providers.settings import AccountSettings
from server.http.app import create_app
from tests.server.hostile import HostileGraph, full_query, short_history_sandbox

FULL_QUERY = full_query()
LIST = "{ invoices { nodes { id } coverage { status code message } } }"
FEW_EXAMPLES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROW = '{"invoice_id": "A", "billing_start_date": "2026-01-01", "billing_end_date": "2026-01-31", "odd": %s}'
ODD_VALUES = ["-0", "1e400", "-1E-400", '"\\ud800"', '"\\u0000"', "9" * 60, '"NaN"', "true", "[[[]]]", "{}", '" "']
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


RECORDED = ["archera", "fastly", "spectrocloud"]  # the providers of `recorded_bodies`


@pytest.fixture(scope="module")
def recorded_bodies() -> dict[str, Any]:
    """Real responses of the sandboxes: Fastly's list, Archera's list, and one of Palette's invoices."""

    async def read() -> dict[str, Any]:
        sandbox = short_history_sandbox()
        async with serve(sandbox) as url, httpx.AsyncClient(trust_env=False) as client:

            async def get(provider: str, path: str) -> Any:
                headers = {sandbox.apis[provider].key_header: sandbox.apis[provider].key}
                return (await client.get(f"{url}/{provider}{path}", headers=headers)).json()

            accounts = {str(account["provider"]): account for account in sandbox.accounts(url)}
            palette = accounts["spectrocloud"]
            uids: Any = palette["invoice_uids"]
            return {
                "archera": await get("archera", f"/beta/v1/org/{accounts['archera']['org_id']}/invoices"),
                "fastly": await get("fastly", "/billing/v3/invoices?limit=2"),
                "spectrocloud": await get("spectrocloud", f"/v1/tenants/{palette['tenant_uid']}/invoices/{uids[0]}"),
            }

    return asyncio.run(read())


@pytest.fixture(scope="module")
def hostile() -> Iterator[tuple[asyncio.Runner, HostileGraph]]:
    """One graph for all examples, with the event loop that it belongs to."""
    with asyncio.Runner() as runner:
        graph = HostileGraph()
        runner.run(graph.__aenter__())
        yield runner, graph
        runner.run(graph.__aexit__())


def response_to(hostile: tuple[asyncio.Runner, HostileGraph], body: bytes | str) -> dict[str, Any]:
    """Return the response to the full query if every provider sends this body. It must have no internal error."""
    runner, graph = hostile
    graph.response = httpx.Response(200, content=body)
    with capture_logs() as logs:
        response = runner.run(graph.query(FULL_QUERY))
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == []
    assert {error["extensions"]["code"] for error in response.get("errors", [])} <= {"UNINTELLIGIBLE", "NOT_FOUND"}
    assert len(response["data"]["invoices"]["coverage"]) == len(PROVIDERS)
    return response


@FEW_EXAMPLES
@given(body=JSON)
@example(body={"data": [{}], "meta": {"next_cursor": "x", "total": -1}})
@example(body={"data": {"0": []}, "meta": []})
@example(body=[[]])
def test_arbitrary_json_is_unintelligible(hostile: tuple[asyncio.Runner, HostileGraph], body: Any) -> None:
    response = response_to(hostile, json.dumps(body))

    invoices = response["data"]["invoices"]
    assert invoices["nodes"] == []
    assert {entry["code"] for entry in invoices["coverage"]} <= {"UNINTELLIGIBLE", None}


@pytest.mark.parametrize("provider", RECORDED)
def test_a_recorded_body_is_read(
    hostile: tuple[asyncio.Runner, HostileGraph], recorded_bodies: dict[str, Any], provider: str
) -> None:
    nodes = response_to(hostile, json.dumps(recorded_bodies[provider]))["data"]["invoices"]["nodes"]

    assert {node["id"].split("/")[0] for node in nodes} == {provider}


@pytest.mark.parametrize("provider", RECORDED)
@FEW_EXAMPLES
@given(data=st.data())
def test_an_arbitrary_value_costs_at_most_the_body(
    hostile: tuple[asyncio.Runner, HostileGraph], recorded_bodies: dict[str, Any], provider: str, data: st.DataObject
) -> None:
    body = json.loads(json.dumps(recorded_bodies[provider]))
    positions = list(_positions(body))
    for _ in range(data.draw(st.integers(1, 3))):
        parent, key = data.draw(st.sampled_from(positions))
        parent[key] = data.draw(JSON)

    response = response_to(hostile, json.dumps(body))

    for entry in response["data"]["invoices"]["coverage"]:
        assert entry["code"] in {None, "UNINTELLIGIBLE"}


def _positions(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the position of each value: its container, and its key or index."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _positions(inner)


@pytest.mark.parametrize("odd", ODD_VALUES)
def test_an_odd_value_costs_at_most_the_body(hostile: tuple[asyncio.Runner, HostileGraph], odd: str) -> None:
    response = response_to(hostile, f'{{"data": [{ROW % odd}]}}')

    entry = response["data"]["invoices"]["coverage"][list(PROVIDERS).index("fastly")]
    ids = [node["id"] for node in response["data"]["invoices"]["nodes"]]
    assert (entry["code"], ids) in [(None, ["fastly/sandbox-fastly/invoice/A"]), ("UNINTELLIGIBLE", [])]


@pytest.mark.parametrize("depth", [200, 400, 900, 2_000, 100_000])
@pytest.mark.parametrize("beside", ["1", "-0"], ids=["fast parser", "exact parser"])
def test_a_deeply_nested_body_is_unintelligible(
    hostile: tuple[asyncio.Runner, HostileGraph], depth: int, beside: str
) -> None:
    nested = "[" * depth + beside + "]" * depth

    response = response_to(hostile, f'{{"data": [{ROW % nested}]}}')

    assert {entry["code"] for entry in response["data"]["invoices"]["coverage"]} == {"UNINTELLIGIBLE"}


async def coverage_of(body: bytes, **headers: str) -> list[tuple[str | None, str | None]]:
    """Return code and message in the coverage of a Fastly account whose provider sends these bytes over a socket."""

    async def provider(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(body, headers=headers)(scope, receive, send)

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        async with serve(provider) as url:
            sandbox_account = next(
                account for account in short_history_sandbox().accounts(url) if account["provider"] == "fastly"
            )
            yield [PROVIDERS["fastly"].settings.model_validate(sandbox_account)]

    app = create_app(accounts)
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
    ):
        response = (await client.post(f"{url}/graphql", json={"query": LIST})).json()
    return [(entry["code"], entry["message"]) for entry in response["data"]["invoices"]["coverage"]]


def unintelligible(why: str) -> list[tuple[str | None, str | None]]:
    sentence = f"Fastly sent account sandbox-fastly a response that cannot be understood: {why}."
    return [("UNINTELLIGIBLE", sentence)]


async def test_reading_stops_in_a_body_of_70_mb() -> None:
    assert await coverage_of(b" " * 70_000_000) == unintelligible("it is too long")


async def test_decompression_stops_in_a_body_of_70_mb() -> None:
    compressed = gzip.compress(b" " * 70_000_000, 1)

    assert await coverage_of(compressed, **{"Content-Encoding": "gzip"}) == unintelligible("it is too long")


async def test_a_body_that_expands_far_is_not_decompressed() -> None:
    compressed = gzip.compress(b'{"data": [' + b",".join([b"{}"] * 300_000) + b"]}")
    assert len(compressed) < 1_000

    coverage = await coverage_of(compressed, **{"Content-Encoding": "gzip"})

    assert coverage == unintelligible("its compressed body expands more than 100 times")


async def test_a_usual_compressed_body_is_read() -> None:
    rows = [json.loads(ROW % index) | {"invoice_id": f"A{index}"} for index in range(MAX_INVOICES)]
    compressed = gzip.compress(json.dumps({"data": rows}).encode())

    assert await coverage_of(compressed, **{"Content-Encoding": "gzip"}) == [(None, None)]


@pytest.mark.parametrize(
    ("row", "count", "reason"),
    [
        (b"{}", MAX_INVOICES + 1, "it lists more than 2,000 invoices"),
        (b"{}", 300_000, "it lists more than 2,000 invoices"),
        (b'{"data": [0, 0]}', 500_000, "it has more than 1,000,000 values"),
    ],
)
async def test_a_long_list_is_not_translated(row: bytes, count: int, reason: str) -> None:
    assert await coverage_of(b'{"data": [' + b",".join([row] * count) + b"]}") == unintelligible(reason)


async def test_every_bad_row_is_counted() -> None:
    [(code, message)] = await coverage_of(b'{"data": [' + b",".join([b"{}"] * 1_500) + b"]}")

    [(_, sentence)] = unintelligible("an invoice lacks its id or its period")
    assert (code, message) == ("UNINTELLIGIBLE", f"{sentence} 1500 failures occurred in total.")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b'{"data": []}', mtime=0), mtime=0)),
        ("br", brotli.compress(b'{"data": []}')),
        ("rot13", b"packed"),
    ],
)
async def test_an_unrequested_encoding_is_not_decoded(encoding: str, body: bytes) -> None:
    coverage = await coverage_of(body, **{"Content-Encoding": encoding})

    assert coverage == unintelligible("it has a content encoding that was not requested")


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"\x1f\x8b\x08junk", {"Content-Encoding": "gzip"}, "it is cut short"),
        ('{"data": []}'.encode("utf-16"), {}, "it is not JSON"),
        (b'{"data": "\xff"}', {}, "it is not JSON"),
        (b'{"data": []} trailing', {}, "it is not JSON"),
        (b"{}", {"Location": "http://[", "Set-Cookie": "a=\xff; Max-Age=z"}, "a list of invoices was expected"),
    ],
)
async def test_an_unreadable_body_has_a_reason(body: bytes, headers: dict[str, str], reason: str) -> None:
    assert await coverage_of(body, **headers) == unintelligible(reason)
