"""Archera's sandbox returns what Archera documents."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from providers.archera.sandbox import KEY, ORG, Sandbox
from providers.sandbox import Fault
from tests.providers.sandbox.client import decode_exactly, open_client

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
INVOICES = f"/beta/v1/org/{ORG}/invoices"
client_of = partial(open_client, header="x-api-key", key=KEY)


def sandbox_at(now: datetime = NOW, **options: Any) -> Sandbox:
    return Sandbox(now=lambda: now, **options)


async def test_wrong_key_is_401_with_the_declared_body() -> None:
    async with client_of(sandbox_at(), key="wrong") as get:
        response = await get(INVOICES)
    assert response.status_code == 401
    assert response.json() == {
        "message": "Unauthorized",
        "detail": None,
        "code": None,
        "url": INVOICES,
        "timestamp": "2026-11-22T09:00:00Z",
        "type": "Unauthorized",
    }


async def test_list_is_a_bare_array_newest_first() -> None:
    async with client_of(sandbox_at()) as get:
        invoices = (await get(INVOICES)).json()
    assert len(invoices) == 36
    assert list(invoices[0]) == ["id", "year", "month", "invoice_date", "total_cloud_bill"]
    assert [(invoice["year"], invoice["month"]) for invoice in invoices[::35]] == [(2026, 10), (2023, 11)]
    assert invoices[0]["invoice_date"] == "2026-10-01"


async def test_new_organisation_has_an_empty_list() -> None:
    async with client_of(sandbox_at(first=date(2026, 11, 1))) as get:
        assert (await get(INVOICES)).text == "[]"


async def test_months_are_published_on_the_fifth() -> None:
    newest = []
    for day in (4, 5):
        async with client_of(sandbox_at(datetime(2026, 11, day, tzinfo=UTC))) as get:
            newest.append((await get(INVOICES)).json()[0]["id"])
    assert newest == ["inv_2026_09", "inv_2026_10"]


async def test_cloud_bill_is_number_text_or_null() -> None:
    async with client_of(sandbox_at()) as get:
        totals = {(i["year"], i["month"]): i["total_cloud_bill"] for i in decode_exactly(await get(INVOICES))}
    assert totals[2026, 3] is None
    assert isinstance(totals[2026, 6], str)
    assert str(totals[2026, 8]).endswith("00000003")
    assert -totals[2026, 9].as_tuple().exponent <= 2


@pytest.mark.parametrize("path", ["/2026/11", "/2026/13", "/2026/x", "/2026/11/line-items", "/2019/1"])
async def test_month_without_an_invoice_is_not_found(path: str) -> None:
    async with client_of(sandbox_at()) as get:
        response = await get(INVOICES + path)
    assert (response.status_code, response.json()["type"]) == (404, "NotFound")


async def test_other_organisation_is_forbidden() -> None:
    other_org = "/beta/v1/org/00000000-0000-4000-a000-000000000000/invoices"
    async with client_of(sandbox_at()) as get:
        statuses = [(await get(other_org + path)).status_code for path in ("", "/2026/9", "/2026/9/line-items")]
    assert statuses == [403, 403, 403]


@pytest.mark.parametrize(("status", "key"), [(500, "type"), (404, "type"), (422, "errors"), (429, "errors")])
async def test_undeclared_statuses_have_another_body(status: int, key: str) -> None:
    sandbox = sandbox_at()
    sandbox.control.faults.append(Fault(kind="status", status=status))
    async with client_of(sandbox) as get:
        response = await get(INVOICES)
    assert (response.status_code, key in response.json()) == (status, True)


async def test_line_items_have_every_known_peculiarity() -> None:
    async with client_of(sandbox_at()) as get:
        lines = (await get(f"{INVOICES}/2026/9/line-items")).json()
    assert len(lines) == 8
    assert lines[0]["commitment_id"] == lines[1]["commitment_id"]
    assert lines[2]["contract_term"] is None
    assert lines[3]["contract_term"] == "eighteen_month_flex"
    assert list(lines[4]) == ["id", "commitment_id", "utilization", "contract_term"]
    assert len({line["id"] for line in lines}) == 8


async def test_nested_money_adds_up_in_even_months() -> None:
    async with client_of(sandbox_at(lines=40)) as get:
        lines = decode_exactly(await get(f"{INVOICES}/2026/10/line-items"))
    blocks = [line["commitment_financials"] for line in lines if "commitment_financials" in line]
    assert len(blocks) == 39
    for block in blocks:
        cost, savings = block["commitment_cost"], block["commitment_savings"]
        cloud, premium = cost["breakdown"]["cloud_provider_cost"]["total"], cost["breakdown"]["archera_premium"]
        assert cost["total"] == cloud + premium
        assert block["covered_ondemand_cost"] == cloud + savings["gross"]
        assert savings["net"] == savings["gross"] - premium + savings["rebate"]


async def test_flat_money_adds_up_by_term_in_odd_months() -> None:
    keys = ("archera_premiums", "rebates", "total_savings", "net_savings")
    async with client_of(sandbox_at(lines=40)) as get:
        detail, lines = (
            decode_exactly(await get(f"{INVOICES}/2026/9")),
            decode_exactly(await get(f"{INVOICES}/2026/9/line-items")),
        )
        list_entry = decode_exactly(await get(INVOICES))[1]
    assert detail == list_entry | {"by_term": detail["by_term"]}
    for key in keys:
        assert sum(term[key] for term in detail["by_term"]) == sum(line.get(key, 0) for line in lines)
    assert any(line.get("rebates") for line in lines)
    assert {term["contract_term"] for term in detail["by_term"]} >= {None, "eighteen_month_flex"}


async def test_past_months_do_not_change() -> None:
    paths = ("/2026/9", "/2026/9/line-items", "/2024/2/line-items")
    async with (
        client_of(sandbox_at()) as get,
        client_of(sandbox_at(NOW + timedelta(days=500), first=date(2021, 1, 1))) as get_later,
    ):
        for path in paths:
            assert (await get(INVOICES + path)).content == (await get_later(INVOICES + path)).content


async def test_next_month_can_be_posted_early() -> None:
    sandbox = sandbox_at()
    assert [sandbox.post_invoice(), sandbox.post_invoice()] == ["2026-11", "2026-12"]
    async with client_of(sandbox) as get:
        assert [invoice["id"] for invoice in (await get(INVOICES)).json()[:2]] == ["inv_2026_12", "inv_2026_11"]
        assert (await get(f"{INVOICES}/2026/12/line-items")).status_code == 200


def test_payment_cannot_advance() -> None:
    with pytest.raises(LookupError):
        sandbox_at().advance_payment("2026-09")


async def test_organisations_of_the_key_are_listed() -> None:
    async with client_of(sandbox_at()) as get:
        assert (await get("/v1/orgs")).json()[0]["org_id"] == ORG
