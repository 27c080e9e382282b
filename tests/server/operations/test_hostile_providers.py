"""For any bytes from a provider, the graph returns what can be read, and UNINTELLIGIBLE for the rest."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from providers import PROVIDERS
from providers.sandbox import serve
from tests.server.hostile import HostileGraph, full_query, short_history_sandbox

FULL_QUERY = full_query()
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
