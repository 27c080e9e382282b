"""Whatever bytes a provider sends, the graph answers: with what can be read, and UNINTELLIGIBLE for the rest."""

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
from providers.sandbox import serve
from providers.settings import AccountSettings
from server.http.app import create_app
from tests.server.hostile import Hostile, everything, few_months

EVERYTHING = everything()
LIST = "{ invoices { nodes { id } coverage { status code message } } }"
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROW = '{"invoice_id": "A", "billing_start_date": "2026-01-01", "billing_end_date": "2026-01-31", "odd": %s}'
ODD_VALUES = ["-0", "1e400", "-1E-400", '"\\ud800"', '"\\u0000"', "9" * 60, '"NaN"', "true", "[[[]]]", "{}", '" "']
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def true_bodies() -> dict[str, Any]:
    """What the sandboxes answer: Fastly's list and Archera's, and one of Palette's invoices."""

    async def read() -> dict[str, Any]:
        sandbox = few_months()
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
def hostile() -> Iterator[tuple[asyncio.Runner, Hostile]]:
    """One graph for all examples, and the loop that it lives in."""
    with asyncio.Runner() as runner:
        graph = Hostile()
        runner.run(graph.__aenter__())
        yield runner, graph
        runner.run(graph.__aexit__())


def answered(hostile: tuple[asyncio.Runner, Hostile], body: bytes | str) -> dict[str, Any]:
    """The answer to everything there is to ask, in which nothing is a mistake of ours."""
    runner, graph = hostile
    graph.answer = httpx.Response(200, content=body)
    with capture_logs() as logs:
        answer = runner.run(graph.ask(EVERYTHING))
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == []
    assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= {"UNINTELLIGIBLE", "NOT_FOUND"}
    assert len(answer["data"]["invoices"]["coverage"]) == len(PROVIDERS)
    return answer


@FEW
@given(body=JSON)
@example(body={"data": [{}], "meta": {"next_cursor": "x", "total": -1}})
@example(body={"data": {"0": []}, "meta": []})
@example(body=[[]])
def test_any_json_for_an_answer_is_said_to_be_unintelligible(
    hostile: tuple[asyncio.Runner, Hostile], body: Any
) -> None:
    answer = answered(hostile, json.dumps(body))

    listed = answer["data"]["invoices"]
    assert listed["nodes"] == []
    assert {entry["code"] for entry in listed["coverage"]} <= {"UNINTELLIGIBLE", None}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_true_answer_is_read(
    hostile: tuple[asyncio.Runner, Hostile], true_bodies: dict[str, Any], provider: str
) -> None:
    nodes = answered(hostile, json.dumps(true_bodies[provider]))["data"]["invoices"]["nodes"]

    assert {node["id"].split("/")[0] for node in nodes} == {provider}


@pytest.mark.parametrize("provider", PROVIDERS)
@FEW
@given(data=st.data())
def test_any_value_in_a_true_answer_costs_at_most_what_it_stands_in(
    hostile: tuple[asyncio.Runner, Hostile], true_bodies: dict[str, Any], provider: str, data: st.DataObject
) -> None:
    body = json.loads(json.dumps(true_bodies[provider]))
    places = list(_places(body))
    for _ in range(data.draw(st.integers(1, 3))):
        parent, key = data.draw(st.sampled_from(places))
        parent[key] = data.draw(JSON)

    answer = answered(hostile, json.dumps(body))

    for entry in answer["data"]["invoices"]["coverage"]:
        assert entry["code"] in {None, "UNINTELLIGIBLE"}


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Everywhere that something stands: in what, under which key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)


@pytest.mark.parametrize("odd", ODD_VALUES)
def test_an_odd_value_beside_what_is_needed_costs_at_most_the_body(
    hostile: tuple[asyncio.Runner, Hostile], odd: str
) -> None:
    answer = answered(hostile, f'{{"data": [{ROW % odd}]}}')

    entry = answer["data"]["invoices"]["coverage"][list(PROVIDERS).index("fastly")]
    listed = [node["id"] for node in answer["data"]["invoices"]["nodes"]]
    assert (entry["code"], listed) in [(None, ["fastly/sandbox-fastly/invoice/A"]), ("UNINTELLIGIBLE", [])]


@pytest.mark.parametrize("depth", [200, 400, 900, 2_000, 100_000])
@pytest.mark.parametrize("beside", ["1", "-0"], ids=["the fast way", "the exact way"])
def test_a_deeply_nested_body_is_unintelligible(
    hostile: tuple[asyncio.Runner, Hostile], depth: int, beside: str
) -> None:
    nested = "[" * depth + beside + "]" * depth

    answer = answered(hostile, f'{{"data": [{ROW % nested}]}}')

    assert {entry["code"] for entry in answer["data"]["invoices"]["coverage"]} == {"UNINTELLIGIBLE"}


async def said_of(body: bytes, **headers: str) -> list[tuple[str, str]]:
    """What coverage says of a Fastly account whose provider answers every call with these bytes, on a socket."""

    async def provider(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(body, headers=headers)(scope, receive, send)

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        async with serve(provider) as url:
            demo = next(account for account in few_months().accounts(url) if account["provider"] == "fastly")
            yield [PROVIDERS["fastly"].settings.model_validate(demo)]

    app = create_app(accounts)
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
    ):
        answer = (await client.post(f"{url}/graphql", json={"query": LIST})).json()
    return [(entry["code"], entry["message"]) for entry in answer["data"]["invoices"]["coverage"]]


def unintelligible(why: str) -> list[tuple[str, str]]:
    sentence = f"Fastly sent account sandbox-fastly a response that cannot be understood: {why}."
    return [("UNINTELLIGIBLE", sentence)]


async def test_a_body_of_70_mb_is_not_read_to_its_end() -> None:
    assert await said_of(b" " * 70_000_000) == unintelligible("it is too long")


async def test_a_body_that_unpacks_into_70_mb_is_not_unpacked_to_its_end() -> None:
    packed = gzip.compress(b" " * 70_000_000, 1)

    assert await said_of(packed, **{"Content-Encoding": "gzip"}) == unintelligible("it is too long")


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b'{"data": []}', mtime=0), mtime=0)),
        ("br", brotli.compress(b'{"data": []}')),
        ("rot13", b"packed"),
    ],
)
async def test_a_body_that_is_packed_twice_or_otherwise_than_asked_is_not_unpacked_at_all(
    packing: str, body: bytes
) -> None:
    said = await said_of(body, **{"Content-Encoding": packing})

    assert said == unintelligible("it has a content encoding that was not requested")


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (b"\x1f\x8b\x08junk", {"Content-Encoding": "gzip"}, "it is cut short"),
        ('{"data": []}'.encode("utf-16"), {}, "it is not JSON"),
        (b'{"data": "\xff"}', {}, "it is not JSON"),
        (b'{"data": []} trailing', {}, "it is not JSON"),
        (b"{}", {"Location": "http://[", "Set-Cookie": "a=\xff; Max-Age=z"}, "a list of invoices was expected"),
    ],
)
async def test_what_cannot_be_read_is_said_to_be_so(body: bytes, headers: dict[str, str], why: str) -> None:
    assert await said_of(body, **headers) == unintelligible(why)
