"""Fastly's sandbox: its list, pages, filters and cursors."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from providers.fastly.sandbox import KEY, Sandbox
from tests.providers.sandbox.client import Get, decode_exactly, open_client

NOW = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
INVOICES = "/billing/v3/invoices"
client_of = partial(open_client, header="Fastly-Key", key=KEY)


def sandbox_at(now: datetime = NOW, **options: Any) -> Sandbox:
    return Sandbox(now=lambda: now, **options)


async def fetch_all(get: Get, limit: int = 200, between_pages: Callable[[], object] | None = None) -> list[Any]:
    invoices, cursor = [], ""
    while True:
        page = decode_exactly(await get(f"{INVOICES}?limit={limit}&cursor={quote(cursor, safe='')}"))
        invoices += page["data"]
        cursor = page["meta"]["next_cursor"]
        if not cursor:
            return invoices
        if between_pages:
            between_pages()


async def test_list_has_every_finished_month_newest_first() -> None:
    async with client_of(sandbox_at()) as get:
        response = await get(INVOICES)
    page = response.json()
    starts = [invoice["billing_start_date"] for invoice in page["data"]]
    assert response.headers["Content-Type"] == "application/json"
    assert (len(starts), starts[0], starts[-1]) == (36, "2026-10-01T00:00:00Z", "2023-11-01T00:00:00Z")
    assert starts == sorted(starts, reverse=True)
    assert page["meta"] == {"next_cursor": "", "limit": 100, "total": 36, "sort": "-billing_start_date"}


async def test_new_invoices_do_not_shift_pages() -> None:
    sandbox = sandbox_at()
    async with client_of(sandbox) as get:
        before = await fetch_all(get)
        during = await fetch_all(get, limit=5, between_pages=sandbox.post_invoice)
        after = await fetch_all(get)
    assert during == before
    assert len(after) == len(before) + 7


async def test_cursor_needs_encoding_and_its_own_filter() -> None:
    async with client_of(sandbox_at()) as get:
        cursor = (await get(f"{INVOICES}?limit=7")).json()["meta"]["next_cursor"]
        statuses = [
            (await get(f"{INVOICES}?limit=7&cursor={text}")).status_code
            for text in (quote(cursor, safe=""), cursor, "nonsense", "AAAA")
        ]
        other_filter = await get(f"{INVOICES}?billing_start_date=2026-01-01&cursor={quote(cursor, safe='')}")
    assert "+" in cursor
    assert cursor.endswith("=")
    assert statuses == [200, 400, 400, 400]
    assert other_filter.status_code == 400
    assert set(other_filter.json().values()) >= {"400", "cursor is invalid"}


@pytest.mark.parametrize(("limit", "status", "size"), [("7", 200, 7), ("", 200, 100), ("201", 200, 200)])
async def test_limit_is_clamped_to_200(limit: str, status: int, size: int) -> None:
    async with client_of(sandbox_at(per_month=8)) as get:
        response = await get(f"{INVOICES}?limit={limit}")
    assert response.status_code == status
    assert (len(response.json()["data"]), response.json()["meta"]["limit"]) == (size, size)


@pytest.mark.parametrize("limit", ["500", "0", "-1", "many"])
async def test_limit_out_of_range_is_refused(limit: str) -> None:
    async with client_of(sandbox_at()) as get:
        response = await get(f"{INVOICES}?limit={limit}")
    assert (response.status_code, response.json()["status"]) == (400, "400")


async def test_date_filter_includes_both_bounds() -> None:
    async with client_of(sandbox_at()) as get:
        response = await get(f"{INVOICES}?billing_start_date=2026-02-01&billing_end_date=2026-04-01T00:00:00Z")
        invalid = await get(f"{INVOICES}?billing_start_date=yesterday")
    starts = [invoice["billing_start_date"][:7] for invoice in response.json()["data"]]
    assert (starts, response.json()["meta"]["total"]) == (["2026-04", "2026-03", "2026-02"], 3)
    assert invalid.status_code == 400


async def test_many_invoices_per_month() -> None:
    sandbox = sandbox_at(per_month=50, first=date(2023, 7, 1), currency="JPY")
    async with client_of(sandbox) as get:
        page = (await get(f"{INVOICES}?limit=20")).json()
    assert (page["meta"]["total"], len(page["data"])) == (2000, 20)
    assert {invoice["currency_code"] for invoice in page["data"]} == {"JPY"}
