"""Stale-if-error: cached values replace failures, are marked as stale, and are dropped when too old."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from providers import PROVIDERS
from providers.ttl import CacheTtl

from .cached_graph import Graph, cached_graph

LIST = """{ invoices(first: 200) {
  nodes { id stale observedAt }
  coverage { status code asOf message }
} }"""
PARTS = """{ invoices(first: 200) { nodes {
  id total { amount } credits { id } projects { name }
  lineItems(first: 3) { totalCount nodes { id cost { amount currency } } }
} } }"""
SHORT_TTL = CacheTtl(settled=1, invoice=1, list=1, month_to_date=1, absent=1, stale_for=100)
FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "401": ({"status": 401}, "UNAUTHORIZED"),
    "403": ({"status": 403}, "FORBIDDEN"),
    "404": ({"status": 404}, "NOT_FOUND"),
    "429": ({"status": 429, "headers": {"Retry-After": "3600"}}, "RATE_LIMITED"),
    "500": ({"status": 500}, "UNAVAILABLE"),
    "503": ({"status": 503}, "UNAVAILABLE"),
    "reset": ({"kind": "reset"}, "UNAVAILABLE"),
    "half": ({"kind": "half"}, "UNINTELLIGIBLE"),
    "garbage": ({"kind": "garbage"}, "UNINTELLIGIBLE"),
}


def ids_and_times(nodes: list[Any]) -> list[tuple[str, str]]:
    return [(node["id"], node["observedAt"]) for node in nodes]


async def list_invoices(graph: Graph, seconds: float = 10) -> tuple[list[Any], dict[str, Any]]:
    """Return the invoices, and the coverage of the only account."""
    connection = (await graph.data(LIST, seconds))["invoices"]
    (entry,) = connection["coverage"]
    return connection["nodes"], entry


def short_lived_graph(provider: str) -> Any:
    return cached_graph(provider, freshness=SHORT_TTL, rate_limit=None)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_parts_stay_available_during_a_failure(provider: str) -> None:
    async with short_lived_graph(provider) as graph:
        before = await graph.data(PARTS)
        graph.inject_fault(provider)
        graph.clock.now = 2

        after = await graph.data(PARTS)

    assert after == before
    assert before["invoices"]["nodes"]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_returns_stale_invoices(provider: str, failure: str) -> None:
    fault, code = FAILURES[failure]
    async with short_lived_graph(provider) as graph:
        before, complete_entry = await list_invoices(graph)
        graph.inject_fault(provider, **fault)
        graph.clock.now = 2

        after, entry = await list_invoices(graph)

    assert ids_and_times(after) == ids_and_times(before)
    assert {node["stale"] for node in before} == {False}
    assert {node["stale"] for node in after} == {True}
    assert (entry["status"], entry["asOf"]) == ("STALE", complete_entry["asOf"])
    assert entry["code"] in {code, "UNAVAILABLE"}  # the circuit breaker may be open by then
    assert "An earlier response is returned instead." in entry["message"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_hanging_provider_returns_stale_invoices(provider: str) -> None:
    async with short_lived_graph(provider) as graph:
        before, _ = await list_invoices(graph)
        graph.inject_fault(provider, kind="hang")
        graph.clock.now = 2

        after, entry = await list_invoices(graph, seconds=0.3)

    assert ids_and_times(after) == ids_and_times(before)
    assert (entry["status"], entry["code"]) == ("STALE", "TIMED_OUT")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_value_too_old_is_dropped(provider: str) -> None:
    async with short_lived_graph(provider) as graph:
        await list_invoices(graph)
        graph.inject_fault(provider)
        graph.clock.now = 100.9
        stale_nodes, _ = await list_invoices(graph)
        assert stale_nodes

        graph.clock.now = 101
        nodes, entry = await list_invoices(graph)

    assert nodes == []
    assert (entry["status"], entry["code"], entry["asOf"]) == ("MISSING", "UNAVAILABLE", None)


@pytest.mark.parametrize("provider", ["archera", "fastly"])
async def test_an_unreadable_row_keeps_its_stale_invoice(provider: str) -> None:
    async with short_lived_graph(provider) as graph:
        before, _ = await list_invoices(graph)
        graph.inject_fault(provider, kind="garbage", body=await _list_with_null_row(graph))
        graph.clock.now = 2

        after, entry = await list_invoices(graph)

    assert [node["id"] for node in after] == [node["id"] for node in before]
    assert [node["stale"] for node in after].count(True) == 1
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNINTELLIGIBLE")


async def _list_with_null_row(graph: Graph) -> str:
    """Return the provider's list with null as its first row."""
    (source,) = graph.sources
    (path,) = graph.pop_calls(source.settings.provider)
    headers = {source.settings.key_header: source.settings.api_key.get_secret_value()}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        body = (await client.get(source.settings.base_url + path)).json()
    rows = body if isinstance(body, list) else body["data"]
    rows[0] = None
    return json.dumps(body)


async def test_a_recovered_provider_returns_fresh_invoices() -> None:
    async with short_lived_graph("archera") as graph:
        before, _ = await list_invoices(graph)
        graph.inject_fault("archera")
        graph.clock.now = 2
        await list_invoices(graph)
        graph.clear_faults("archera")

        after, entry = await list_invoices(graph)

    assert {node["stale"] for node in after} == {False}
    assert entry["status"] == "COMPLETE"
    assert min(node["observedAt"] for node in after) > max(node["observedAt"] for node in before)


async def test_only_expired_invoices_are_stale() -> None:
    """Palette's settled invoices are fresh for a day. The list still names the others, which cannot be fetched."""
    async with cached_graph("spectrocloud", rate_limit=None) as graph:
        before, _ = await list_invoices(graph)
        graph.inject_fault("spectrocloud")
        graph.clock.now = 301

        after, entry = await list_invoices(graph)

    stale_nodes = [node for node in after if node["stale"]]
    assert ids_and_times(after) == ids_and_times(before)
    assert 0 < len(stale_nodes) < len(after)
    assert entry["status"] == "STALE"


async def test_a_month_to_date_invoice_can_disappear() -> None:
    async with short_lived_graph("fastly") as graph:
        query = "{ monthToDate { nodes { id } } }"
        assert len((await graph.data(query))["monthToDate"]["nodes"]) == 1
        graph.inject_fault("fastly", status=404)
        graph.clock.now = 2

        assert (await graph.data(query))["monthToDate"]["nodes"] == []


async def test_a_cached_absence_does_not_hide_a_failure() -> None:
    async with short_lived_graph("fastly") as graph:
        query = '{ invoice(id: "fastly/sandbox-fastly/invoice/INV-0") { id } }'
        await graph.data(LIST)
        assert (await graph.data(query))["invoice"] is None
        graph.inject_fault("fastly")
        graph.clock.now = 2

        with pytest.raises(AssertionError, match="could not be reached"):
            await graph.data(query)


async def test_concurrent_requests_all_get_stale_invoices() -> None:
    async with short_lived_graph("spectrocloud") as graph:
        before, _ = await list_invoices(graph)
        graph.inject_fault("spectrocloud")
        graph.clock.now = 2

        results = await graph.concurrent_data(LIST, 50)

        assert {len(result["invoices"]["nodes"]) for result in results} == {len(before)}
        assert {result["invoices"]["coverage"][0]["status"] for result in results} == {"STALE"}


async def test_a_list_is_refreshed_before_it_expires() -> None:
    async with cached_graph("archera") as graph:
        before, _ = await list_invoices(graph)
        graph.pop_calls("archera")
        graph.inject_fault("archera", kind="delay", seconds=0.2)
        graph.clock.now = 271
        cached_nodes, _ = await list_invoices(graph)
        control = graph.sandbox.apis["archera"].control
        async with asyncio.timeout(5):
            await control.wait_for_in_flight(1)
        assert ids_and_times(cached_nodes) == ids_and_times(before)

        graph.clock.now = 500
        refreshed, entry = await list_invoices(graph)
        assert len(graph.pop_calls("archera")) == 1
        await list_invoices(graph)

    assert entry["status"] == "COMPLETE"
    assert min(node["observedAt"] for node in refreshed) > max(node["observedAt"] for node in before)
    assert graph.pop_calls("archera") == []
