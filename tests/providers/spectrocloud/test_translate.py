"""Translation of Palette's invoices and their details: exactly the documented fields."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.errors import Unintelligible
from providers.spectrocloud.details import PostalAddress, SpectroCloudInvoiceDetails
from providers.spectrocloud.products import ProductCredits, SpectroCloudProduct
from schema.invoice import InvoiceStatus
from schema.scalars import format_decimal, stringify_numbers
from schema.values import BillingPeriod
from tests.recorded import recorded_payload

from .palette import (
    ACCOUNT_ID,
    EUR,
    OBSERVED_AT,
    UID,
    USD,
    details,
    invoice_payload,
    line_items,
    plan_credits,
    translate_invoice,
    usd,
)


def test_invoice_has_id_period_and_total() -> None:
    invoice = translate_invoice(invoice_payload())

    assert invoice.id == f"{ACCOUNT_ID}/invoice/{UID}"
    assert invoice.account_id == ACCOUNT_ID
    assert invoice.period == BillingPeriod(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 2, 1, tzinfo=UTC))
    assert invoice.total_without_lookup == usd("1253.06")
    assert (invoice.number, invoice.issued_at) == (None, None)  # the payload has neither
    assert (invoice.status, invoice.observed_at, invoice.stale) == (InvoiceStatus.ISSUED, OBSERVED_AT, False)


PURE = SpectroCloudProduct(
    product="Pure",
    amount=usd("1234.56"),
    tier_name="Tier 2",
    tier_price=usd("30"),
    allocated_credits=Decimal(60),
    free_credits=Decimal(25),
    used_credits=Decimal("66.1520"),
    total_used_credits=Decimal("91.152"),
    billable_credits=Decimal("41.152"),
    breached_credits=Decimal("6.152"),
    discount=Decimal(10),
    overage_limit_percentage=Decimal(25),
)
ALLOY = SpectroCloudProduct(
    product="Alloy",
    amount=usd("18.50"),
    tier_name="Tier 1",
    tier_price=usd("18.5"),
    allocated_credits=Decimal(0),
    free_credits=Decimal(0),
    used_credits=Decimal(1),
    total_used_credits=Decimal(1),
    billable_credits=Decimal(1),
    breached_credits=Decimal(0),
    discount=Decimal(0),
    overage_limit_percentage=Decimal(0),
)


def test_details_hold_palette_only_facts() -> None:
    assert details(translate_invoice(invoice_payload())) == SpectroCloudInvoiceDetails(
        reference=UID,
        name="2026-01",
        environment="OnPrem",
        plan="MonthlyOnDemand",
        created_at=datetime(2026, 2, 1, 0, 5, 11, 204_000, tzinfo=UTC),
        changed_at=datetime(2026, 2, 3, 10, tzinfo=UTC),
        month=date(2026, 1, 1),
        address=PostalAddress(
            line1="1 Main St", line2=None, city="San Jose", state="CA", postal_code="95110", country="US"
        ),
        stripe_invoice="in_1ABC",
        free_credits=[ProductCredits(product="Pure", credits=Decimal(25))],
        products=[PURE, ALLOY],
    )


def test_digits_of_the_payload_are_kept() -> None:
    invoice = translate_invoice(invoice_payload())

    assert format_decimal(details(invoice).products[0].used_credits or Decimal("NaN")) == "66.1520"
    assert [format_decimal(line.cost.amount) for line in line_items(invoice) or [] if line.cost] == ["1234.56", "18.50"]


def test_trial_without_status_has_no_money() -> None:
    payload = recorded_payload("spectrocloud", "invoice-trial.200")

    invoice = translate_invoice(payload)

    assert invoice.period == BillingPeriod(
        start=datetime(2023, 11, 1, tzinfo=UTC), end=datetime(2023, 12, 1, tzinfo=UTC)
    )
    assert (invoice.total_without_lookup, invoice.payment_states, invoice.payment_status) == (None, None, None)
    assert (line_items(invoice), plan_credits(invoice), invoice.projects()) == (None, None, None)
    assert details(invoice) == SpectroCloudInvoiceDetails(
        reference="65692317a1b2c3d4e5f60718",
        name=None,
        environment="Trial",
        plan="Trial",
        created_at=datetime(2023, 12, 1, 0, 5, 11, 204_000, tzinfo=UTC),
        changed_at=None,
        month=date(2023, 11, 1),
        address=None,
        stripe_invoice=None,
        free_credits=None,
        products=[],
    )


@pytest.mark.parametrize(
    ("start", "end", "month", "expected"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z", None, ("2026-01-01", "2026-02-01")),
        ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", None, ("2026-01-01", "2026-02-01")),
        ("2026-01-10T00:00:00Z", "2026-01-20T00:00:00Z", "2026-01-01T00:00:00Z", ("2026-01-10", "2026-01-21")),
        ("2026-01-10T00:00:00Z", None, "2026-01-01T00:00:00Z", ("2026-01-10", "2026-02-01")),
        (None, "2026-01-20T00:00:00Z", "2026-01-01T00:00:00Z", ("2026-01-01", "2026-01-21")),
        (None, None, "2025-12-01T00:00:00Z", ("2025-12-01", "2026-01-01")),
    ],
)
def test_month_replaces_a_missing_start_or_end(start: Any, end: Any, month: Any, expected: Any) -> None:
    payload = invoice_payload()
    payload["spec"] |= {"billingPeriod": {"start": start, "end": end}, "month": month}

    period = translate_invoice(payload).period

    assert (period.start.date().isoformat(), period.end.date().isoformat()) == expected


@pytest.mark.parametrize(
    ("unit", "configured_currency", "currency"),
    [
        ("usd", None, "USD"),
        ("USD", EUR, "USD"),
        ("eur", USD, "EUR"),
        (None, EUR, "EUR"),
        ("", EUR, "EUR"),
        (None, None, None),
        ("credits", None, None),
        ("credits", EUR, None),  # the unit is stated, and it is not the euro
    ],
)
def test_payment_unit_precedes_configured_currency(unit: Any, configured_currency: Any, currency: Any) -> None:
    payload = invoice_payload()
    payload["spec"]["paymentUnit"] = unit
    invoice = translate_invoice(payload, AccountRef("spectrocloud", "Palette", "palette", configured_currency))

    amounts = [
        invoice.total_without_lookup,
        (invoice.projects() or [])[0].cost,
        (line_items(invoice) or [])[0].cost,
        (line_items(invoice) or [])[0].unit_price,
        details(invoice).products[0].tier_price,
    ]

    assert [money.currency if money else None for money in amounts] == [currency] * 5


@pytest.mark.parametrize("part", ["address", "credits", "plan", "envType"])
@pytest.mark.parametrize("value", [None, {}, [], "", 5])
def test_invalid_part_is_null_and_the_rest_is_kept(part: str, value: Any) -> None:
    payload = invoice_payload()
    payload["spec"][part] = value

    invoice = translate_invoice(payload)

    assert invoice.total_without_lookup == usd("1253.06")
    assert len(line_items(invoice) or []) == 2
    if part == "address":
        assert details(invoice).address is None
    if part == "plan":
        assert (details(invoice).plan, plan_credits(invoice)) == (None, None)


@pytest.mark.parametrize(("credits", "expected"), [(None, None), ({}, []), ({"alloyFreeCredits": 0}, [("Alloy", 0)])])
def test_only_stated_free_credits_are_listed(credits: Any, expected: Any) -> None:
    payload = invoice_payload()
    payload["spec"]["credits"] = credits

    free_credits = details(translate_invoice(payload)).free_credits

    assert (
        None if free_credits is None else [(credits.product, credits.credits) for credits in free_credits]
    ) == expected


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"metadata": {"uid": ""}},
        {"metadata": None},
        {"metadata": {"uid": UID}},
        {"metadata": {"uid": UID}, "spec": {}},
        {"metadata": {"uid": UID}, "spec": {"month": "0001-01-01T00:00:00.000Z"}},
        {"metadata": {"uid": UID}, "spec": {"billingPeriod": {"start": "2026-02-01", "end": "2026-01-01"}}},
        {"metadata": {"uid": ["x"]}, "spec": {"month": "2026-01-01T00:00:00Z"}},
    ],
)
def test_invoice_without_uid_or_period_is_unintelligible(payload: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its uid or its period"):
        translate_invoice(payload)


def test_uid_is_opaque_and_percent_encoded() -> None:
    payload = invoice_payload()
    payload["metadata"]["uid"] = "../a b?ü"

    invoice = translate_invoice(payload)

    assert invoice.id == f"{ACCOUNT_ID}/invoice/..%2Fa%20b%3F%C3%BC"
    assert (line_items(invoice) or [])[0].id == f"{ACCOUNT_ID}/line-item/..%2Fa%20b%3F%C3%BC/pure"
    assert invoice.details.reference == "../a b?ü"


def test_raw_is_complete_and_keeps_digits() -> None:
    payload = invoice_payload()
    payload["status"]["unheardOf"] = {"n": 1}

    raw: Any = stringify_numbers(translate_invoice(payload).payload)

    assert raw["status"]["unheardOf"] == {"n": "1"}
    assert raw["status"]["productInvoice"]["pure"]["usedCredits"] == "66.1520"
    assert raw["status"]["productInvoice"]["pure"]["discount"] == "10"
    assert raw["metadata"] == payload["metadata"]
    assert raw["spec"]["plan"]["freeCredits"][0]["totalCpuCoreHours"] == "21000"
