"""What is asked of a provider, and what is known already."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.account import AccountRef
from providers.cache.policy import classify_by_age, classify_invoice
from providers.settings import RateLimitSettings
from providers.spectrocloud import translate
from providers.spectrocloud.sandbox import Sandbox as SpectroCloudSandbox
from providers.ttl import CacheClass, CacheTtl
from schema.payment import PaymentStatus
from tests.harness import now
from tests.recorded import recorded

from .cached_graph import Graph, remembering

LIST = """{ invoices(first: 200) {
  nodes { id paymentStatus period { end } restatedAt lineItems { nodes { id invoice { id } } } }
  coverage { status code }
} }"""
RUNNING = "{ monthToDate { nodes { id } } }"
NOW = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "days", "kind"),
    [
        (PaymentStatus.PAID, 1, CacheClass.SETTLED),
        (PaymentStatus.PENDING, 400, CacheClass.INVOICE),
        (PaymentStatus.UNRECOGNIZED, 400, CacheClass.INVOICE),
        (None, 60, CacheClass.INVOICE),
        (None, 61, CacheClass.SETTLED),
    ],
)
def test_settled_is_paid_or_not_followed_and_two_months_past(
    status: PaymentStatus | None, days: int, kind: CacheClass
) -> None:
    wire = recorded("spectrocloud", "invoice.200")
    words = {PaymentStatus.PAID: "Paid", PaymentStatus.PENDING: "PaymentPending"}
    wire["status"]["states"] = [{"state": words.get(status, "Odd")}] if status else None

    invoice = translate.invoice(wire, AccountRef("spectrocloud", "Palette", "palette"), NOW)
    invoice.period.end = NOW - timedelta(days=days)

    assert classify_invoice(invoice, NOW) is kind


def test_no_invoice_is_absent_and_lines_are_as_old_as_their_period() -> None:
    assert classify_invoice(None, NOW) is CacheClass.ABSENT
    assert classify_by_age(NOW - timedelta(days=60), NOW) is CacheClass.INVOICE
    assert classify_by_age(NOW - timedelta(days=60, seconds=1), NOW) is CacheClass.SETTLED


def test_the_defaults_are_those_that_the_configuration_s_page_names() -> None:
    assert CacheTtl().model_dump() == {
        "settled": 86_400,
        "invoice": 300,
        "list": 300,
        "month_to_date": 900,
        "absent": 60,
        "stale_for": 86_400,
    }


@pytest.mark.parametrize("provider", ["fastly", "spectrocloud", "archera"])
async def test_500_requests_at_once_on_a_cold_memory_fetch_each_resource_once(provider: str) -> None:
    uids = SpectroCloudSandbox(now=now).uids[:6] if provider == "spectrocloud" else []
    few = {"invoice_uids": uids} if uids else {}
    async with remembering(provider, **few) as graph:
        answers = await graph.at_once("{ invoices(first: 3) { nodes { id } } }", 500, seconds=60)

        assert len({json.dumps(answer) for answer in answers}) == 1
        assert len(answers[0]["invoices"]["nodes"]) == 3
        calls = graph.calls(provider)

    assert len(calls) == len(set(calls)) == len(uids or "1")


async def test_a_warm_query_over_settled_invoices_calls_nobody_and_then_exactly_for_what_ran_out() -> None:
    async with remembering("spectrocloud", rate_limit=None) as graph:
        nodes = (await graph.data(LIST))["invoices"]["nodes"]
        first = graph.calls("spectrocloud")
        assert len(first) == len(nodes) == 36
        open_ = [path for path in first if _kind(path, nodes) is CacheClass.INVOICE]
        assert 0 < len(open_) < 36

        graph.clock.now = 269
        await graph.data(LIST)
        assert graph.calls("spectrocloud") == []
        graph.clock.now = 301
        await graph.data(LIST)
        assert graph.calls("spectrocloud") == open_
        graph.clock.now = 86_401
        await graph.data(LIST)
        assert graph.calls("spectrocloud") == first


def _kind(path: str, nodes: list[Any]) -> CacheClass:
    node = next(node for node in nodes if node["id"].endswith(path.rpartition("/")[2]))
    end = datetime.fromisoformat(node["period"]["end"])
    followed = node["paymentStatus"] is not None
    settled = node["paymentStatus"] == "PAID" if followed else end < datetime.now(UTC) - timedelta(days=60)
    return CacheClass.SETTLED if settled else CacheClass.INVOICE


@pytest.mark.parametrize("provider", ["fastly", "archera"])
async def test_a_list_stands_for_five_minutes(provider: str) -> None:
    async with remembering(provider) as graph:
        asked = []
        for graph.clock.now in (0, 269, 301, 302):
            await graph.data("{ invoices(first: 5) { nodes { id } } }")
            asked.append(len(graph.calls(provider)))

    assert asked == [1, 0, 1, 0]


async def test_the_running_invoice_stands_for_a_quarter_of_an_hour() -> None:
    async with remembering("fastly") as graph:
        asked = []
        for graph.clock.now in (0, 600, 809, 901, 902):
            await graph.data(RUNNING)
            asked.append(len(graph.calls("fastly")))

    assert asked == [1, 0, 0, 1, 0]


async def test_that_there_is_no_such_invoice_stands_for_a_minute() -> None:
    async with remembering("fastly") as graph:
        asked = []
        for graph.clock.now in (0, 30, 53, 61, 62):
            await graph.data('{ invoice(id: "fastly/sandbox-fastly/invoice/INV-0") { id } }')
            asked.append(len(graph.calls("fastly")))

    assert asked == [1, 0, 0, 1, 0]


async def test_lines_that_are_a_call_of_their_own_stand_as_long_as_their_invoice_would() -> None:
    query = "{ invoices(first: 36) { nodes { id lineItems { nodes { id } } } } }"
    async with remembering("archera") as graph:
        await graph.data(query)
        lines = [path for path in graph.calls("archera") if path.endswith("line-items")]
        graph.clock.now = 301
        await graph.data(query)
        again = [path for path in graph.calls("archera") if path.endswith("line-items")]

    assert len(lines) > 30
    assert 1 <= len(again) <= 3


async def test_each_kind_is_configured_by_itself() -> None:
    async with remembering("fastly", freshness=CacheTtl(list=10)) as graph:
        asked = []
        for graph.clock.now in (0, 8, 11):
            await graph.data("{ invoices(first: 5) { nodes { id } } }")
            await graph.data(RUNNING)
            asked.append(graph.calls("fastly"))

    assert [len(calls) for calls in asked] == [2, 0, 1]


async def test_requests_at_once_leave_at_the_rate_and_what_was_fetched_stays_known() -> None:
    """200 requests for the same 12 invoices, of which 4 and 1 a second may be asked for."""
    query = "{ invoices(first: 200) { nodes { id } coverage { status code } } }"
    uids = SpectroCloudSandbox(now=now).uids[:12]
    limit = RateLimitSettings(per_second=1, burst=4)
    async with remembering("spectrocloud", rate_limit=limit, invoice_uids=uids) as graph:
        answers = await graph.at_once(query, 200, seconds=8)
        asked = graph.calls("spectrocloud")

        limited = [{"status": "PARTIAL", "code": "RATE_LIMITED"}]
        assert [answer["invoices"]["coverage"] for answer in answers] == [limited] * 200
        assert {len(answer["invoices"]["nodes"]) for answer in answers} <= set(range(4, len(asked) + 1))
        assert 4 <= len(asked) < 12

        whole = await graph.data(query, seconds=60)  # it takes as long as the rate does
        assert len(whole["invoices"]["nodes"]) == 12
        assert sorted(asked + graph.calls("spectrocloud")) == sorted(_path(graph, uid) for uid in uids)
        assert _most_above(1, graph.arrivals["spectrocloud"]) <= 4


def _path(graph: Graph, uid: str) -> str:
    return f"/v1/tenants/{graph.sources[0].reference}/invoices/{uid}"


def _most_above(rate: float, times: list[float]) -> float:
    return max(
        last - first + 1 - rate * (times[last] - times[first])
        for first in range(len(times))
        for last in range(first, len(times))
    )
