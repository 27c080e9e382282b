"""Fastly's sandbox speaks Fastly's wire."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from providers.fastly.sandbox import KEY, Sandbox
from providers.sandbox import Fault, serve

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


async def everything(get: Get) -> list[Any]:
    return list(exact(await get(f"{INVOICES}?limit=200"))["data"])


async def test_a_wrong_key_is_401_in_plain_text() -> None:
    async with asking(built(), key="wrong") as get:
        answer = await get(INVOICES)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text == '{"msg":"Provided credentials are missing or invalid"}'


async def test_one_invoice_is_not_wrapped_and_like_in_the_list() -> None:
    async with asking(built()) as get:
        for invoice in (await everything(get))[::35]:
            assert exact(await get(f"{INVOICES}/{invoice['invoice_id']}")) == invoice


async def test_an_unknown_id_is_404_with_a_numeric_status() -> None:
    async with asking(built()) as get:
        answer = await get(f"{INVOICES}/INV-0")
    assert answer.status_code == 404
    assert answer.text == '{"title":"requested id:INV-0 doesn\'t exist","status":404}'


async def test_lines_add_up_to_the_total_in_exact_digits() -> None:
    sandbox = built(per_month=2)
    sandbox.post_invoice()
    async with asking(sandbox) as get:
        invoices = await everything(get)
    assert len(invoices) == 73
    for invoice in invoices:
        lines = invoice["transaction_line_items"]
        assert invoice["monthly_transaction_amount"] == sum(line["amount"] for line in lines)
        for line in lines:
            assert line["amount"] == (line["rate"] * line["units"]).quantize(Decimal("0.01"), "ROUND_HALF_UP")


async def test_the_history_has_coupons_adjustments_zero_lines_and_two_currencies() -> None:
    async with asking(built()) as get:
        invoices = await everything(get)
    lines = [line for invoice in invoices for line in invoice["transaction_line_items"]]
    coupons = {line["credit_coupon_code"] for line in lines if line["amount"] < 0}
    assert "" in coupons
    assert len(coupons) > 1
    assert any(line["amount"] == 0 for line in lines)
    assert {invoice["currency_code"] for invoice in invoices} == {"EUR", "USD"}


async def test_older_months_keep_the_form_of_their_time() -> None:
    async with asking(built()) as get:
        invoices = {invoice["billing_start_date"][:7]: invoice for invoice in await everything(get)}
    early, june, july, august = (invoices[month] for month in ("2024-05", "2024-06", "2024-07", "2024-08"))
    assert "ProductLine" not in early["transaction_line_items"][0]
    assert june["transaction_line_items"][0]["ProductLine"] == "Network Services"
    assert july["transaction_line_items"][0]["ProductName"] == "North America Requests"
    assert august["transaction_line_items"][0]["product_name"] == "North America Requests"
    assert (july["invoice_id"].isdecimal(), august["invoice_id"][:4]) == (True, "INV-")
    assert ("payment_status" in july, "payment_status" in august) == (False, True)
    assert (july["billing_end_date"], august["billing_end_date"]) == ("2024-07-31T23:59:59Z", "2024-08-31T00:00:00Z")


async def test_a_past_month_is_the_same_whatever_the_clock_and_the_history() -> None:
    later = NOW + timedelta(days=400)
    async with asking(built()) as get:
        known = await everything(get)
    async with asking(built(later, first=date(2020, 1, 1))) as get:
        grown = {invoice["invoice_id"]: invoice for invoice in await everything(get)}
        ours = {invoice["invoice_id"]: invoice for invoice in known}
    settled = [native for native, invoice in ours.items() if invoice["billing_start_date"] < "2026-09"]
    assert len(grown) > len(known)
    assert [grown[native] for native in settled] == [ours[native] for native in settled]
    assert {*ours} <= {*grown}


async def test_another_seed_is_another_customer_history() -> None:
    async with asking(built(seed=1)) as one, asking(built(seed=2)) as two:
        assert (await one(INVOICES)).content != (await two(INVOICES)).content


async def test_payment_is_outstanding_at_first_and_paid_in_the_end() -> None:
    words = []
    for now in (datetime(2026, 11, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)):
        async with asking(built(now)) as get:
            page = (await get(f"{INVOICES}?billing_start_date=2026-10-01&billing_end_date=2026-10-01")).json()
            words.append(page["data"][0]["payment_status"])
    assert words == ["outstanding", "paid"]


async def test_a_payment_moves_when_it_is_told_to() -> None:
    sandbox = built(datetime(2026, 11, 1, 1, tzinfo=UTC))
    native = sandbox.post_invoice()
    async with asking(sandbox) as get:
        before = (await get(f"{INVOICES}/{native}")).json()["payment_status"]
        assert sandbox.advance_payment(native) == "paid"
        after = (await get(f"{INVOICES}/{native}")).json()["payment_status"]
    assert (before, after) == ("outstanding", "paid")
    with pytest.raises(LookupError):
        sandbox.advance_payment("INV-0")


async def test_a_correction_is_a_second_invoice_of_its_month() -> None:
    sandbox = built()
    native = sandbox.post_invoice(date(2026, 3, 1))
    async with asking(sandbox) as get:
        correction = exact(await get(f"{INVOICES}/{native}"))
        march = (await get(f"{INVOICES}?billing_start_date=2026-03-01&billing_end_date=2026-03-31")).json()["data"]
    assert correction["transaction_line_items"][0]["amount"] < 0
    assert [len(march), march[0]["invoice_id"]] == [2, native]


async def test_month_to_date_differs_from_a_posted_invoice() -> None:
    async with asking(built()) as get:
        first, second = exact(await get(f"{INVOICES}/month-to-date")), exact(await get(f"{INVOICES}/month-to-date"))
    assert list(first) == [
        "customer_id",
        "invoice_id",
        "billing_start_date",
        "billing_end_date",
        "monthly_transaction_amount",
        "transaction_line_items",
    ]
    assert (first["billing_start_date"], first["billing_end_date"]) == ("2026-11-01T00:00:00Z", "2026-11-22T09:30:00Z")
    assert first["invoice_id"] != second["invoice_id"]
    assert first["invoice_id"].startswith(first["customer_id"] + "-")
    lines = first["transaction_line_items"]
    assert isinstance(first["monthly_transaction_amount"], str)
    assert Decimal(first["monthly_transaction_amount"]) == sum(line["amount"] for line in lines)
    assert not any("credit_coupon_code" in line for line in lines)
    assert {line["description"]: line["amount"] for line in lines}["Gold Support"] == 1500
    assert [line["amount"] for line in lines if line["product_group"] == "N/A"] == [0]


async def test_month_to_date_is_202_while_it_is_computed() -> None:
    sandbox = built()
    sandbox.control.faults.append(Fault(kind="status", status=202, path="month-to-date", times=2))
    async with asking(sandbox) as get:
        answers = [await get(f"{INVOICES}/month-to-date") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 200]
    assert answers[0].text == '{"title":"Accepted","status":"202"}'


@pytest.mark.parametrize(
    ("status", "keys"),
    [
        (403, ["msg", "detail"]),
        (422, ["type", "title", "code", "status"]),
        (429, ["msg"]),
        (500, ["type", "title", "code", "status"]),
    ],
)
async def test_every_status_has_its_envelope(status: int, keys: list[str]) -> None:
    sandbox = built()
    sandbox.control.faults.append(Fault(kind="status", status=status))
    async with asking(sandbox) as get:
        answer = await get(INVOICES)
    assert (answer.status_code, list(answer.json())) == (status, keys)
    assert ("Fastly-RateLimit-Reset" in answer.headers) == (status == 429)
