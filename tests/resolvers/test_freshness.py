"""TTLs: which requests call a provider, and which are served from the cache."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.account import AccountRef
from providers.cache.policy import classify_by_age, classify_invoice
from providers.settings import RateLimitSettings
from providers.spectrocloud.sandbox import Sandbox as SpectroCloudSandbox
from providers.spectrocloud.translate import SpectroCloudInvoice
from providers.ttl import CacheClass, CacheTtl
from schema.payment import PaymentStatus
from tests.harness import now
from tests.recorded import recorded_payload

from .cached_graph import Graph, cached_graph

LIST = """{ invoices(first: 200) {
  nodes { id paymentStatus period { end } restatedAt lineItems { nodes { id invoice { id } } } }
  coverage { status code }
} }"""
MONTH_TO_DATE = "{ monthToDate { nodes { id } } }"
NOW = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "days", "cache_class"),
    [
        (PaymentStatus.PAID, 1, CacheClass.SETTLED),
        (PaymentStatus.PENDING, 400, CacheClass.INVOICE),
        (PaymentStatus.UNRECOGNIZED, 400, CacheClass.INVOICE),
        (None, 60, CacheClass.INVOICE),
        (None, 61, CacheClass.SETTLED),
    ],
)
def test_paid_or_old_invoices_are_settled(status: PaymentStatus | None, days: int, cache_class: CacheClass) -> None:
    """The age, 60 days after the period, counts only if the provider does not report payments."""
    payload = recorded_payload("spectrocloud", "invoice.200")
    words = {PaymentStatus.PAID: "Paid", PaymentStatus.PENDING: "PaymentPending"}
    payload["status"]["states"] = [{"state": words.get(status, "Odd")}] if status else None

    invoice = SpectroCloudInvoice.translate(payload, AccountRef("spectrocloud", "Palette", "palette"), NOW)
    invoice.period.end = NOW - timedelta(days=days)

    assert classify_invoice(invoice, NOW) is cache_class


def test_absence_and_age_have_classes() -> None:
    assert classify_invoice(None, NOW) is CacheClass.ABSENT
    assert classify_by_age(NOW - timedelta(days=60), NOW) is CacheClass.INVOICE
    assert classify_by_age(NOW - timedelta(days=60, seconds=1), NOW) is CacheClass.SETTLED


def test_default_ttls_match_the_documentation() -> None:
    assert CacheTtl().model_dump() == {
        "settled": 86_400,
        "invoice": 300,
        "list": 300,
        "month_to_date": 900,
        "absent": 60,
        "stale_for": 86_400,
    }


@pytest.mark.parametrize("provider", ["fastly", "spectrocloud", "archera"])
async def test_500_concurrent_requests_fetch_each_resource_once(provider: str) -> None:
    uids = SpectroCloudSandbox(now=now).uids[:6] if provider == "spectrocloud" else []
    settings = {"invoice_uids": uids} if uids else {}
    async with cached_graph(provider, **settings) as graph:
        results = await graph.concurrent_data("{ invoices(first: 3) { nodes { id } } }", 500, seconds=60)

        assert len({json.dumps(result) for result in results}) == 1
        assert len(results[0]["invoices"]["nodes"]) == 3
        calls = graph.pop_calls(provider)

    assert len(calls) == len(set(calls)) == len(uids or "1")


async def test_a_warm_query_fetches_only_expired_invoices() -> None:
    async with cached_graph("spectrocloud", rate_limit=None) as graph:
        nodes = (await graph.data(LIST))["invoices"]["nodes"]
        all_paths = graph.pop_calls("spectrocloud")
        assert len(all_paths) == len(nodes) == 36
        unsettled_paths = [path for path in all_paths if _cache_class(path, nodes) is CacheClass.INVOICE]
        assert 0 < len(unsettled_paths) < 36

        graph.clock.now = 269
        await graph.data(LIST)
        assert graph.pop_calls("spectrocloud") == []
        graph.clock.now = 301
        await graph.data(LIST)
        assert graph.pop_calls("spectrocloud") == unsettled_paths
        graph.clock.now = 86_401
        await graph.data(LIST)
        assert graph.pop_calls("spectrocloud") == all_paths


def _cache_class(path: str, nodes: list[Any]) -> CacheClass:
    node = next(node for node in nodes if node["id"].endswith(path.rpartition("/")[2]))
    end = datetime.fromisoformat(node["period"]["end"])
    has_payments = node["paymentStatus"] is not None
    is_settled = node["paymentStatus"] == "PAID" if has_payments else end < datetime.now(UTC) - timedelta(days=60)
    return CacheClass.SETTLED if is_settled else CacheClass.INVOICE


@pytest.mark.parametrize("provider", ["fastly", "archera"])
async def test_a_list_is_fresh_for_five_minutes(provider: str) -> None:
    async with cached_graph(provider) as graph:
        calls = []
        for graph.clock.now in (0, 269, 301, 302):
            await graph.data("{ invoices(first: 5) { nodes { id } } }")
            calls.append(len(graph.pop_calls(provider)))

    assert calls == [1, 0, 1, 0]


async def test_month_to_date_is_fresh_for_15_minutes() -> None:
    async with cached_graph("fastly") as graph:
        calls = []
        for graph.clock.now in (0, 600, 809, 901, 902):
            await graph.data(MONTH_TO_DATE)
            calls.append(len(graph.pop_calls("fastly")))

    assert calls == [1, 0, 0, 1, 0]


async def test_an_absence_is_fresh_for_a_minute() -> None:
    async with cached_graph("fastly") as graph:
        await graph.data("{ invoices(first: 1) { nodes { id } } }")
        graph.pop_calls("fastly")
        calls = []
        for graph.clock.now in (0, 30, 53, 61, 62):
            await graph.data('{ invoice(id: "fastly/sandbox-fastly/invoice/INV-0") { id } }')
            calls.append(len(graph.pop_calls("fastly")))

    assert calls == [1, 0, 0, 1, 0]


async def test_line_items_have_the_ttl_of_their_invoice() -> None:
    query = "{ invoices(first: 36) { nodes { id lineItems { nodes { id } } } } }"
    async with cached_graph("archera") as graph:
        await graph.data(query)
        first_paths = [path for path in graph.pop_calls("archera") if path.endswith("line-items")]
        graph.clock.now = 301
        await graph.data(query)
        later_paths = [path for path in graph.pop_calls("archera") if path.endswith("line-items")]

    assert len(first_paths) > 30
    assert 1 <= len(later_paths) <= 3


async def test_each_class_has_its_own_setting() -> None:
    async with cached_graph("fastly", freshness=CacheTtl(list=10)) as graph:
        calls = []
        for graph.clock.now in (0, 8, 11):
            await graph.data("{ invoices(first: 5) { nodes { id } } }")
            await graph.data(MONTH_TO_DATE)
            calls.append(graph.pop_calls("fastly"))

    assert [len(paths) for paths in calls] == [2, 0, 1]


async def test_rate_limited_requests_keep_what_they_fetched() -> None:
    """200 requests for the same 12 invoices. The limit allows a burst of 4 calls, then 1 call a second."""
    query = "{ invoices(first: 200) { nodes { id } coverage { status code } } }"
    uids = SpectroCloudSandbox(now=now).uids[:12]
    limit = RateLimitSettings(per_second=1, burst=4)
    async with cached_graph("spectrocloud", rate_limit=limit, invoice_uids=uids) as graph:
        results = await graph.concurrent_data(query, 200, seconds=8)
        first_paths = graph.pop_calls("spectrocloud")

        limited = [{"status": "PARTIAL", "code": "RATE_LIMITED"}]
        assert [result["invoices"]["coverage"] for result in results] == [limited] * 200
        assert {len(result["invoices"]["nodes"]) for result in results} <= set(range(4, len(first_paths) + 1))
        assert 4 <= len(first_paths) < 12

        complete = await graph.data(query, seconds=60)  # at 1 call a second
        assert len(complete["invoices"]["nodes"]) == 12
        assert sorted(first_paths + graph.pop_calls("spectrocloud")) == sorted(_path(graph, uid) for uid in uids)
        assert _max_above_rate(1, graph.arrivals["spectrocloud"]) <= 4


def _path(graph: Graph, uid: str) -> str:
    return f"/v1/tenants/{graph.sources[0].reference}/invoices/{uid}"


def _max_above_rate(rate: float, times: list[float]) -> float:
    """Return by how many calls any stretch of time exceeds the rate at most."""
    return max(
        last - first + 1 - rate * (times[last] - times[first])
        for first in range(len(times))
        for last in range(first, len(times))
    )
