"""Archera's sandbox speaks Archera's wire."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from providers.archera.sandbox import KEY, ORG, Sandbox
from providers.sandbox import Fault, serve

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
INVOICES = f"/beta/v1/org/{ORG}/invoices"
Get = Callable[[str], Awaitable[httpx.Response]]


def built(now: datetime = NOW, **more: Any) -> Sandbox:
    return Sandbox(now=lambda: now, **more)


@asynccontextmanager
async def asking(sandbox: Sandbox, key: str = KEY) -> AsyncIterator[Get]:
    async with (
        serve(sandbox) as url,
        httpx.AsyncClient(verify=False, base_url=url, headers={"x-api-key": key}) as client,
    ):
        yield client.get


def exact(answer: httpx.Response) -> Any:
    return json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)


async def test_a_wrong_key_is_401_in_the_declared_envelope() -> None:
    async with asking(built(), key="wrong") as get:
        answer = await get(INVOICES)
    assert answer.status_code == 401
    assert answer.json() == {
        "message": "Unauthorized",
        "detail": None,
        "code": None,
        "url": INVOICES,
        "timestamp": "2026-11-22T09:00:00Z",
        "type": "Unauthorized",
    }


async def test_the_list_is_a_bare_array_newest_first() -> None:
    async with asking(built()) as get:
        invoices = (await get(INVOICES)).json()
    assert len(invoices) == 36
    assert list(invoices[0]) == ["id", "year", "month", "invoice_date", "total_cloud_bill"]
    assert [(invoice["year"], invoice["month"]) for invoice in invoices[::35]] == [(2026, 10), (2023, 11)]
    assert invoices[0]["invoice_date"] == "2026-10-01"


async def test_a_new_organisation_has_an_empty_list() -> None:
    async with asking(built(first=date(2026, 11, 1))) as get:
        assert (await get(INVOICES)).text == "[]"


async def test_a_month_is_published_on_the_fifth_of_the_next() -> None:
    newest = []
    for day in (4, 5):
        async with asking(built(datetime(2026, 11, day, tzinfo=UTC))) as get:
            newest.append((await get(INVOICES)).json()[0]["id"])
    assert newest == ["inv_2026_09", "inv_2026_10"]


async def test_the_cloud_bill_is_a_number_a_text_or_null() -> None:
    async with asking(built()) as get:
        bills = {(i["year"], i["month"]): i["total_cloud_bill"] for i in exact(await get(INVOICES))}
    assert bills[2026, 3] is None
    assert isinstance(bills[2026, 6], str)
    assert str(bills[2026, 8]).endswith("00000003")
    assert -bills[2026, 9].as_tuple().exponent <= 2


@pytest.mark.parametrize("path", ["/2026/11", "/2026/13", "/2026/x", "/2026/11/line-items", "/2019/1"])
async def test_a_month_without_an_invoice_is_not_found(path: str) -> None:
    async with asking(built()) as get:
        answer = await get(INVOICES + path)
    assert (answer.status_code, answer.json()["type"]) == (404, "NotFound")


async def test_a_foreign_organisation_is_forbidden() -> None:
    foreign = "/beta/v1/org/00000000-0000-4000-a000-000000000000/invoices"
    async with asking(built()) as get:
        statuses = [(await get(foreign + path)).status_code for path in ("", "/2026/9", "/2026/9/line-items")]
    assert statuses == [403, 403, 403]


@pytest.mark.parametrize(("status", "kind"), [(500, "type"), (404, "type"), (422, "errors"), (429, "errors")])
async def test_undeclared_statuses_have_another_envelope(status: int, kind: str) -> None:
    sandbox = built()
    sandbox.control.faults.append(Fault(kind="status", status=status))
    async with asking(sandbox) as get:
        answer = await get(INVOICES)
    assert (answer.status_code, kind in answer.json()) == (status, True)


async def test_lines_are_odd_in_every_way_that_is_known() -> None:
    async with asking(built()) as get:
        lines = (await get(f"{INVOICES}/2026/9/line-items")).json()
    assert len(lines) == 8
    assert lines[0]["commitment_id"] == lines[1]["commitment_id"]
    assert lines[2]["contract_term"] is None
    assert lines[3]["contract_term"] == "eighteen_month_flex"
    assert list(lines[4]) == ["id", "commitment_id", "utilization", "contract_term"]
    assert len({line["id"] for line in lines}) == 8


async def test_money_is_nested_in_even_months_and_adds_up() -> None:
    async with asking(built(lines=40)) as get:
        lines = exact(await get(f"{INVOICES}/2026/10/line-items"))
    blocks = [line["commitment_financials"] for line in lines if "commitment_financials" in line]
    assert len(blocks) == 39
    for block in blocks:
        cost, savings = block["commitment_cost"], block["commitment_savings"]
        cloud, premium = cost["breakdown"]["cloud_provider_cost"]["total"], cost["breakdown"]["archera_premium"]
        assert cost["total"] == cloud + premium
        assert block["covered_ondemand_cost"] == cloud + savings["gross"]
        assert savings["net"] == savings["gross"] - premium + savings["rebate"]


async def test_money_is_flat_in_odd_months_and_sums_by_term_in_the_detail() -> None:
    keys = ("archera_premiums", "rebates", "total_savings", "net_savings")
    async with asking(built(lines=40)) as get:
        detail, lines = exact(await get(f"{INVOICES}/2026/9")), exact(await get(f"{INVOICES}/2026/9/line-items"))
        listed = exact(await get(INVOICES))[1]
    assert detail == listed | {"by_term": detail["by_term"]}
    for key in keys:
        assert sum(term[key] for term in detail["by_term"]) == sum(line.get(key, 0) for line in lines)
    assert any(line.get("rebates") for line in lines)
    assert {term["contract_term"] for term in detail["by_term"]} >= {None, "eighteen_month_flex"}


async def test_a_past_month_is_the_same_whatever_the_clock_and_the_history() -> None:
    paths = ("/2026/9", "/2026/9/line-items", "/2024/2/line-items")
    async with asking(built()) as get, asking(built(NOW + timedelta(days=500), first=date(2021, 1, 1))) as grown:
        for path in paths:
            assert (await get(INVOICES + path)).content == (await grown(INVOICES + path)).content


async def test_the_next_month_can_be_posted_before_its_time() -> None:
    sandbox = built()
    assert [sandbox.post_invoice(), sandbox.post_invoice()] == ["2026-11", "2026-12"]
    async with asking(sandbox) as get:
        assert [invoice["id"] for invoice in (await get(INVOICES)).json()[:2]] == ["inv_2026_12", "inv_2026_11"]
        assert (await get(f"{INVOICES}/2026/12/line-items")).status_code == 200


def test_payment_is_nothing_that_archera_speaks_of() -> None:
    with pytest.raises(LookupError):
        built().advance_payment("2026-09")


async def test_the_organisations_of_the_key_are_listed() -> None:
    async with asking(built()) as get:
        assert (await get("/v1/orgs")).json()[0]["org_id"] == ORG
