"""Fastly's sandbox returns what Fastly documents."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from providers.fastly.sandbox import KEY, Sandbox
from providers.sandbox import Fault
from tests.providers.sandbox.client import Get, decode_exactly, open_client

NOW = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
INVOICES = "/billing/v3/invoices"
client_of = partial(open_client, header="Fastly-Key", key=KEY)


def sandbox_at(now: datetime = NOW, **options: Any) -> Sandbox:
    return Sandbox(now=lambda: now, **options)


async def fetch_all(get: Get) -> list[Any]:
    return list(decode_exactly(await get(f"{INVOICES}?limit=200"))["data"])


async def test_wrong_key_is_401_in_plain_text() -> None:
    async with client_of(sandbox_at(), key="wrong") as get:
        response = await get(INVOICES)
    assert response.status_code == 401
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.text == '{"msg":"Provided credentials are missing or invalid"}'


async def test_invoice_equals_its_list_entry() -> None:
    async with client_of(sandbox_at()) as get:
        for invoice in (await fetch_all(get))[::35]:
            assert decode_exactly(await get(f"{INVOICES}/{invoice['invoice_id']}")) == invoice


async def test_unknown_id_is_404_with_numeric_status() -> None:
    async with client_of(sandbox_at()) as get:
        response = await get(f"{INVOICES}/INV-0")
    assert response.status_code == 404
    assert response.text == '{"title":"requested id:INV-0 doesn\'t exist","status":404}'


async def test_line_items_add_up_exactly() -> None:
    sandbox = sandbox_at(per_month=2)
    sandbox.post_invoice()
    async with client_of(sandbox) as get:
        invoices = await fetch_all(get)
    assert len(invoices) == 73
    for invoice in invoices:
        lines = invoice["transaction_line_items"]
        assert invoice["monthly_transaction_amount"] == sum(line["amount"] for line in lines)
        for line in lines:
            assert line["amount"] == (line["rate"] * line["units"]).quantize(Decimal("0.01"), "ROUND_HALF_UP")


async def test_history_has_every_kind_of_line_item() -> None:
    async with client_of(sandbox_at()) as get:
        invoices = await fetch_all(get)
    lines = [line for invoice in invoices for line in invoice["transaction_line_items"]]
    coupons = {line["credit_coupon_code"] for line in lines if line["amount"] < 0}
    assert "" in coupons
    assert len(coupons) > 1
    assert any(line["amount"] == 0 for line in lines)
    assert {invoice["currency_code"] for invoice in invoices} == {"EUR", "USD"}


async def test_older_months_keep_their_format() -> None:
    async with client_of(sandbox_at()) as get:
        invoices = {invoice["billing_start_date"][:7]: invoice for invoice in await fetch_all(get)}
    early, june, july, august = (invoices[month] for month in ("2024-05", "2024-06", "2024-07", "2024-08"))
    assert "ProductLine" not in early["transaction_line_items"][0]
    assert june["transaction_line_items"][0]["ProductLine"] == "Network Services"
    assert july["transaction_line_items"][0]["ProductName"] == "North America Requests"
    assert august["transaction_line_items"][0]["product_name"] == "North America Requests"
    assert (july["invoice_id"].isdecimal(), august["invoice_id"][:4]) == (True, "INV-")
    assert ("payment_status" in july, "payment_status" in august) == (False, True)
    assert (july["billing_end_date"], august["billing_end_date"]) == ("2024-07-31T23:59:59Z", "2024-08-31T00:00:00Z")


async def test_past_months_do_not_change() -> None:
    later = NOW + timedelta(days=400)
    async with client_of(sandbox_at()) as get:
        earlier = await fetch_all(get)
    async with client_of(sandbox_at(later, first=date(2020, 1, 1))) as get:
        later_invoices = {invoice["invoice_id"]: invoice for invoice in await fetch_all(get)}
        earlier_invoices = {invoice["invoice_id"]: invoice for invoice in earlier}
    past_ids = [key for key, invoice in earlier_invoices.items() if invoice["billing_start_date"] < "2026-09"]
    assert len(later_invoices) > len(earlier)
    assert [later_invoices[key] for key in past_ids] == [earlier_invoices[key] for key in past_ids]
    assert {*earlier_invoices} <= {*later_invoices}


async def test_seed_determines_the_history() -> None:
    async with client_of(sandbox_at(seed=1)) as get_first, client_of(sandbox_at(seed=2)) as get_second:
        assert (await get_first(INVOICES)).content != (await get_second(INVOICES)).content


async def test_payment_is_outstanding_and_later_paid() -> None:
    words = []
    for now in (datetime(2026, 11, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)):
        async with client_of(sandbox_at(now)) as get:
            page = (await get(f"{INVOICES}?billing_start_date=2026-10-01&billing_end_date=2026-10-01")).json()
            words.append(page["data"][0]["payment_status"])
    assert words == ["outstanding", "paid"]


async def test_payment_can_be_advanced() -> None:
    sandbox = sandbox_at(datetime(2026, 11, 1, 1, tzinfo=UTC))
    invoice_id = sandbox.post_invoice()
    async with client_of(sandbox) as get:
        before = (await get(f"{INVOICES}/{invoice_id}")).json()["payment_status"]
        assert sandbox.advance_payment(invoice_id) == "paid"
        after = (await get(f"{INVOICES}/{invoice_id}")).json()["payment_status"]
    assert (before, after) == ("outstanding", "paid")
    with pytest.raises(LookupError):
        sandbox.advance_payment("INV-0")


async def test_correction_is_a_second_invoice_of_its_month() -> None:
    sandbox = sandbox_at()
    invoice_id = sandbox.post_invoice(date(2026, 3, 1))
    async with client_of(sandbox) as get:
        correction = decode_exactly(await get(f"{INVOICES}/{invoice_id}"))
        march = (await get(f"{INVOICES}?billing_start_date=2026-03-01&billing_end_date=2026-03-31")).json()["data"]
    assert correction["transaction_line_items"][0]["amount"] < 0
    assert [len(march), march[0]["invoice_id"]] == [2, invoice_id]


async def test_month_to_date_has_other_keys() -> None:
    async with client_of(sandbox_at()) as get:
        first, second = (
            decode_exactly(await get(f"{INVOICES}/month-to-date")),
            decode_exactly(await get(f"{INVOICES}/month-to-date")),
        )
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


async def test_month_to_date_is_202_while_computing() -> None:
    sandbox = sandbox_at()
    sandbox.control.faults.append(Fault(kind="status", status=202, path="month-to-date", times=2))
    async with client_of(sandbox) as get:
        responses = [await get(f"{INVOICES}/month-to-date") for _ in range(3)]
    assert [response.status_code for response in responses] == [202, 202, 200]
    assert responses[0].text == '{"title":"Accepted","status":"202"}'


@pytest.mark.parametrize(
    ("status", "keys"),
    [
        (403, ["msg", "detail"]),
        (422, ["type", "title", "code", "status"]),
        (429, ["msg"]),
        (500, ["type", "title", "code", "status"]),
    ],
)
async def test_each_status_has_its_own_body(status: int, keys: list[str]) -> None:
    sandbox = sandbox_at()
    sandbox.control.faults.append(Fault(kind="status", status=status))
    async with client_of(sandbox) as get:
        response = await get(INVOICES)
    assert (response.status_code, list(response.json())) == (status, keys)
    assert ("Fastly-RateLimit-Reset" in response.headers) == (status == 429)
