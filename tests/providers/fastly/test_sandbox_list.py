"""Fastly's sandbox lists and pages as Fastly does."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from providers.fastly.sandbox import KEY, Sandbox
from providers.sandbox import serve

NOW = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
INVOICES = "/billing/v3/invoices"
Get = Callable[[str], Awaitable[httpx.Response]]


def built(now: datetime = NOW, **more: Any) -> Sandbox:
    return Sandbox(now=lambda: now, **more)


@asynccontextmanager
async def asking(sandbox: Sandbox, key: str = KEY) -> AsyncIterator[Get]:
    async with (
        serve(sandbox) as url,
        httpx.AsyncClient(verify=False, base_url=url, headers={"Fastly-Key": key}) as client,
    ):
        yield client.get


def exact(answer: httpx.Response) -> Any:
    return json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)


async def everything(get: Get, limit: int = 200, between: Callable[[], object] | None = None) -> list[Any]:
    found, cursor = [], ""
    while True:
        page = exact(await get(f"{INVOICES}?limit={limit}&cursor={quote(cursor, safe='')}"))
        found += page["data"]
        cursor = page["meta"]["next_cursor"]
        if not cursor:
            return found
        if between:
            between()


async def test_the_list_is_every_finished_month_newest_first() -> None:
    async with asking(built()) as get:
        answer = await get(INVOICES)
    page = answer.json()
    starts = [invoice["billing_start_date"] for invoice in page["data"]]
    assert answer.headers["Content-Type"] == "application/json"
    assert (len(starts), starts[0], starts[-1]) == (36, "2026-10-01T00:00:00Z", "2023-11-01T00:00:00Z")
    assert starts == sorted(starts, reverse=True)
    assert page["meta"] == {"next_cursor": "", "limit": 100, "total": 36, "sort": "-billing_start_date"}


async def test_pages_join_without_gap_or_repeat_though_an_invoice_arrives_between_them() -> None:
    sandbox = built()
    async with asking(sandbox) as get:
        before = await everything(get)
        paged = await everything(get, limit=5, between=sandbox.post_invoice)
        after = await everything(get)
    assert paged == before
    assert len(after) == len(before) + 7


async def test_a_cursor_must_be_percent_encoded_and_belongs_to_its_filters() -> None:
    async with asking(built()) as get:
        cursor = (await get(f"{INVOICES}?limit=7")).json()["meta"]["next_cursor"]
        statuses = [
            (await get(f"{INVOICES}?limit=7&cursor={text}")).status_code
            for text in (quote(cursor, safe=""), cursor, "nonsense", "AAAA")
        ]
        other = await get(f"{INVOICES}?billing_start_date=2026-01-01&cursor={quote(cursor, safe='')}")
    assert "+" in cursor
    assert cursor.endswith("=")
    assert statuses == [200, 400, 400, 400]
    assert other.status_code == 400
    assert set(other.json().values()) >= {"400", "cursor is invalid"}


@pytest.mark.parametrize(("limit", "status", "size"), [("7", 200, 7), ("", 200, 100), ("201", 200, 200)])
async def test_a_limit_is_clamped(limit: str, status: int, size: int) -> None:
    async with asking(built(per_month=8)) as get:
        answer = await get(f"{INVOICES}?limit={limit}")
    assert answer.status_code == status
    assert (len(answer.json()["data"]), answer.json()["meta"]["limit"]) == (size, size)


@pytest.mark.parametrize("limit", ["500", "0", "-1", "many"])
async def test_an_absurd_limit_is_refused(limit: str) -> None:
    async with asking(built()) as get:
        answer = await get(f"{INVOICES}?limit={limit}")
    assert (answer.status_code, answer.json()["status"]) == (400, "400")


async def test_dates_filter_by_the_billing_start_both_included() -> None:
    async with asking(built()) as get:
        answer = await get(f"{INVOICES}?billing_start_date=2026-02-01&billing_end_date=2026-04-01T00:00:00Z")
        wrong = await get(f"{INVOICES}?billing_start_date=yesterday")
    starts = [invoice["billing_start_date"][:7] for invoice in answer.json()["data"]]
    assert (starts, answer.json()["meta"]["total"]) == (["2026-04", "2026-03", "2026-02"], 3)
    assert wrong.status_code == 400


async def test_two_thousand_invoices_are_had_by_many_a_month() -> None:
    sandbox = built(per_month=50, first=date(2023, 7, 1), currency="JPY")
    async with asking(sandbox) as get:
        page = (await get(f"{INVOICES}?limit=20")).json()
    assert (page["meta"]["total"], len(page["data"])) == (2000, 20)
    assert {invoice["currency_code"] for invoice in page["data"]} == {"JPY"}
