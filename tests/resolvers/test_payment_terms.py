"""When payment is due, what is overdue, and which payments failed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness import NO_CACHE_NO_RETRY

from .fastly import invoice_payload, line_payload
from .finance.world import FASTLY, PALETTE, World, palette_payload, running_world

FIELDS = "{ invoices%s { nodes { id dueAt overdue failedAttempts } coverage { account { id } status message } } }"
PERIOD_END = {"due_from": "period_end"}
NET_30 = {"payment_terms": "Net 30"}


@asynccontextmanager
async def world_with(**terms: Any) -> AsyncIterator[World]:
    """Run a world whose accounts have these terms."""
    async with running_world(account_settings=NO_CACHE_NO_RETRY | terms) as world:
        yield world


def month_before(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m}"


async def nodes(world: World, provider: str = "fastly") -> list[Any]:
    result = await world.service.data(FIELDS % f'(filterBy: {{providers: ["{provider}"]}})')
    return [{key: value for key, value in node.items() if key != "id"} for node in result["invoices"]["nodes"]]


async def matches(world: World, filter_by: str) -> tuple[list[str], dict[str, str]]:
    """Return the keys of the invoices that match, and the status of each account."""
    result = (await world.service.data(FIELDS % f"(filterBy: {{{filter_by}}})"))["invoices"]
    statuses = {entry["account"]["id"].partition("/")[0]: entry["status"] for entry in result["coverage"]}
    return [node["id"].rpartition("/")[2] for node in result["nodes"]], statuses


@pytest.mark.parametrize(
    ("terms", "due_at"),
    [
        (NET_30, "2026-08-02T09:00:00Z"),
        ({"payment_terms": "NET 45 days"}, "2026-08-17T09:00:00Z"),
        ({"payment_terms": "net-0"}, "2026-07-03T09:00:00Z"),
        ({"net_days": 14}, "2026-07-17T09:00:00Z"),
        ({"payment_terms": "Net 30", "net_days": 60}, "2026-09-01T09:00:00Z"),
        (NET_30 | PERIOD_END, "2026-07-31T00:00:00Z"),
        ({"payment_terms": "Due on receipt"}, None),
        (PERIOD_END, None),
        ({}, None),
    ],
)
async def test_due_date_by_the_terms(terms: dict[str, Any], due_at: str | None) -> None:
    async with world_with(**terms) as world:
        world.fastly(
            invoice_payload(
                "A", "2026-06", invoice_posted_on="2026-07-03T09:00:00Z", billing_end_date="2026-06-30T00:00:00Z"
            )
        )
        assert [node["dueAt"] for node in await nodes(world)] == [due_at]


async def test_without_an_issue_date_nothing_is_due() -> None:
    async with world_with(**NET_30) as world:
        world.fastly(invoice_payload("A", "2026-06", invoice_posted_on="2026-06-01T00:00:00Z"))
        assert await nodes(world) == [{"dueAt": None, "overdue": None, "failedAttempts": None}]


async def test_the_running_invoice_is_never_due() -> None:
    async with world_with(**NET_30, **PERIOD_END) as world:
        world.service.control("fastly").faults.clear()
        data = await world.service.data("{ monthToDate { nodes { dueAt overdue } } }")
        assert data["monthToDate"]["nodes"] == [{"dueAt": None, "overdue": None}]


async def test_the_end_of_time_is_no_due_date() -> None:
    async with world_with(net_days=365, **PERIOD_END) as world:
        world.fastly(invoice_payload("A", "9999-11", billing_end_date="9999-11-30T00:00:00Z"))
        assert [node["dueAt"] for node in await nodes(world)] == [None]


@pytest.mark.parametrize(
    ("word", "days_ago", "overdue"),
    [("outstanding", 100, True), ("outstanding", 0, False), ("paid", 100, False), (None, 100, None)],
)
async def test_overdue(word: str | None, days_ago: int, *, overdue: bool | None) -> None:
    async with world_with(**NET_30, **PERIOD_END) as world:
        world.fastly(invoice_payload("A", month_before(days_ago), payment_status=word))
        assert [node["overdue"] for node in await nodes(world)] == [overdue]


async def test_the_due_instant_itself_is_overdue() -> None:
    end = datetime.now(UTC).replace(microsecond=0)
    start = f"{end - timedelta(days=40):%Y-%m-%dT%H:%M:%SZ}"
    async with world_with(net_days=0, **PERIOD_END) as world:
        payload = invoice_payload("A", billing_start_date=start, billing_end_date=f"{end:%Y-%m-%dT%H:%M:%SZ}")
        world.fastly(payload | {"payment_status": "outstanding"})
        [node] = await nodes(world)
        assert node["overdue"] is (datetime.fromisoformat(node["dueAt"]) <= datetime.now(UTC))


@pytest.mark.parametrize(
    ("filter_by", "keys", "statuses"),
    [
        ("overdue: true", ["B"], {"fastly": "PARTIAL", "spectrocloud": "PARTIAL", "archera": "PARTIAL"}),
        ("overdue: false", ["C"], {"fastly": "PARTIAL", "spectrocloud": "PARTIAL", "archera": "PARTIAL"}),
        ('overdue: true, providers: ["archera"]', [], {"archera": "PARTIAL"}),
    ],
)
async def test_filter_on_overdue(filter_by: str, keys: list[str], statuses: dict[str, str]) -> None:
    async with world_with(**NET_30, **PERIOD_END) as world:
        world.fastly(
            invoice_payload("C", "2026-05", payment_status="paid"),
            invoice_payload("B", "2026-04", payment_status="outstanding"),
            invoice_payload("A", "2026-03", payment_status=None),
        )
        assert await matches(world, filter_by) == (keys, statuses)
        assert world.service.calls("archera") == []


async def test_accounts_without_terms_are_not_called() -> None:
    async with world_with() as world:
        world.fastly(invoice_payload("A", "2026-03", payment_status="outstanding"))

        for filter_by in ("overdue: true", "overdue: false"):
            keys, statuses = await matches(world, filter_by)
            assert (keys, set(statuses.values())) == ([], {"PARTIAL"})

        assert world.service.all_calls() == []


def history(*words: str) -> dict[str, Any]:
    payload = palette_payload(products={"pure": 1})
    states = [{"state": word, "timestamp": f"2026-11-0{day}T10:00:00Z"} for day, word in enumerate(words, 1)]
    payload["status"]["states"] = states
    return payload


@pytest.mark.parametrize(
    ("words", "failed"),
    [
        (["PaymentPending", "PaymentFailed", "PaymentFailed", "Paid"], 2),
        (["Paid"], 0),
        ([], 0),
    ],
)
async def test_failed_attempts(words: list[str], failed: int) -> None:
    async with world_with() as world:
        world.palette([history(*words)])
        assert [node["failedAttempts"] for node in await nodes(world, "spectrocloud")] == [failed]

        ever_failed, _ = await matches(world, f'everFailed: true, accounts: ["{PALETTE}"]')
        never_failed, _ = await matches(world, f'everFailed: false, accounts: ["{PALETTE}"]')
        assert (len(ever_failed), len(never_failed)) == (int(failed > 0), int(failed == 0))


async def test_a_current_status_is_no_history() -> None:
    async with world_with() as world:
        world.fastly(invoice_payload("A", payment_status="paid"))
        world.palette([palette_payload()])
        assert [node["failedAttempts"] for node in await nodes(world)] == [None]
        assert [node["failedAttempts"] for node in await nodes(world, "spectrocloud")] == [None]
        world.service.reset_calls()

        for value in ("true", "false"):
            keys, statuses = await matches(world, f"everFailed: {value}")
            assert (keys, set(statuses.values())) == ([], {"PARTIAL"})
        assert (world.service.calls("fastly"), world.service.calls("archera")) == ([], [])


@pytest.mark.parametrize(
    ("selection", "is_cached"),
    [("dueAt", 1), ("overdue", 0), ("credits { state }", 0), ('credits { state(asOf: "2026-01-01T00:00:00Z") }', 1)],
)
async def test_what_depends_on_the_time_is_not_cached(selection: str, is_cached: int) -> None:
    async with running_world(account_settings={"attempts": 1, **NET_30, **PERIOD_END}) as world:
        coupon = line_payload("Coupon", -1, credit_coupon_code="C")
        world.fastly(invoice_payload("A", "2026-03", coupon, payment_status="outstanding"))
        await world.service.data(f'{{ invoices(filterBy: {{accounts: ["{FASTLY}"]}}) {{ nodes {{ {selection} }} }} }}')

        assert len(world.service.app.state.runner.response_cache) == is_cached
