"""Palette's words in the graph's vocabulary: the invoice and its details, exactly, and nothing besides."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.errors import Unintelligible
from providers.spectrocloud.details import (
    PostalAddress,
    ProductCredits,
    SpectroCloudInvoiceDetails,
    SpectroCloudProduct,
)
from schema.invoice import InvoiceStatus
from schema.scalars import format_decimal, stringify_numbers
from schema.values import BillingPeriod
from tests.recorded import recorded

from .palette import BASE, EUR, SEEN, UID, USD, bill, details, grants, lines, translated, usd


def test_an_invoice_says_who_when_and_how_much() -> None:
    invoice = translated(bill())

    assert invoice.id == f"{BASE}/invoice/{UID}"
    assert invoice.account_id == BASE
    assert invoice.period == BillingPeriod(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 2, 1, tzinfo=UTC))
    assert invoice.total_without_lookup == usd("1253.06")
    assert (invoice.number, invoice.issued_at) == (None, None)  # neither is on the wire
    assert (invoice.status, invoice.observed_at, invoice.stale) == (InvoiceStatus.ISSUED, SEEN, False)


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
    allocated_credits=None,
    free_credits=None,
    used_credits=Decimal(1),
    total_used_credits=Decimal(1),
    billable_credits=Decimal(1),
    breached_credits=None,
    discount=None,
    overage_limit_percentage=None,
)


def test_the_details_hold_what_only_palette_says() -> None:
    assert details(translated(bill())) == SpectroCloudInvoiceDetails(
        reference=UID,
        name="2026-01",
        environment="OnPrem",
        plan="MonthlyOnDemand",
        month=date(2026, 1, 1),
        address=PostalAddress(
            line1="1 Main St", line2=None, city="San Jose", state="CA", postal_code="95110", country="US"
        ),
        stripe_invoice="in_1ABC",
        free_credits=[ProductCredits(product="Pure", credits=Decimal(25))],
        products=[PURE, ALLOY],
    )


def test_the_digits_of_the_wire_stay() -> None:
    invoice = translated(bill())

    assert format_decimal(details(invoice).products[0].used_credits or Decimal("NaN")) == "66.1520"
    assert [format_decimal(line.cost.amount) for line in lines(invoice) or [] if line.cost] == ["1234.56", "18.50"]


def test_a_trial_without_status_states_a_period_and_no_money() -> None:
    wire = recorded("spectrocloud", "invoice-trial.200")

    invoice = translated(wire)

    assert invoice.period == BillingPeriod(
        start=datetime(2023, 11, 1, tzinfo=UTC), end=datetime(2023, 12, 1, tzinfo=UTC)
    )
    assert (invoice.total_without_lookup, invoice.payment_states, invoice.payment_status) == (None, None, None)
    assert (lines(invoice), grants(invoice), invoice.projects()) == (None, None, None)
    assert details(invoice) == SpectroCloudInvoiceDetails(
        reference="65692317a1b2c3d4e5f60718",
        name=None,
        environment="Trial",
        plan="Trial",
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
def test_the_period_is_the_stated_one_and_else_the_month(start: Any, end: Any, month: Any, expected: Any) -> None:
    wire = bill()
    wire["spec"] |= {"billingPeriod": {"start": start, "end": end}, "month": month}

    period = translated(wire).period

    assert (period.start.date().isoformat(), period.end.date().isoformat()) == expected


@pytest.mark.parametrize(
    ("unit", "configured", "currency"),
    [
        ("usd", None, "USD"),
        ("USD", EUR, "USD"),
        ("eur", USD, "EUR"),
        (None, EUR, "EUR"),
        ("", EUR, "EUR"),
        (None, None, None),
        ("credits", None, None),
        ("credits", EUR, None),  # it names a unit, and that is no euro
    ],
)
def test_money_is_in_the_unit_of_payment_and_else_in_the_configured_currency(
    unit: Any, configured: Any, currency: Any
) -> None:
    wire = bill()
    wire["spec"]["paymentUnit"] = unit
    invoice = translated(wire, AccountRef("spectrocloud", "Palette", "palette", configured))

    found = [
        invoice.total_without_lookup,
        (invoice.projects() or [])[0].cost,
        (lines(invoice) or [])[0].cost,
        (lines(invoice) or [])[0].unit_price,
        details(invoice).products[0].tier_price,
    ]

    assert [money.currency if money else None for money in found] == [currency] * 5


@pytest.mark.parametrize("part", ["address", "credits", "plan", "envType"])
@pytest.mark.parametrize("value", [None, {}, [], "", 5])
def test_a_part_that_is_missing_or_odd_is_null_and_the_rest_stands(part: str, value: Any) -> None:
    wire = bill()
    wire["spec"][part] = value

    invoice = translated(wire)

    assert invoice.total_without_lookup == usd("1253.06")
    assert len(lines(invoice) or []) == 2
    if part == "address":
        assert details(invoice).address is None
    if part == "plan":
        assert (details(invoice).plan, grants(invoice)) == (None, None)


@pytest.mark.parametrize(("credits", "expected"), [(None, None), ({}, []), ({"alloyFreeCredits": 0}, [("Alloy", 0)])])
def test_free_credits_are_those_that_are_stated(credits: Any, expected: Any) -> None:
    wire = bill()
    wire["spec"]["credits"] = credits

    found = details(translated(wire)).free_credits

    assert (None if found is None else [(each.product, each.credits) for each in found]) == expected


@pytest.mark.parametrize(
    "broken",
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
def test_a_body_without_uid_or_period_is_unintelligible(broken: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its uid or its period"):
        translated(broken)


def test_a_uid_is_opaque_and_percent_encoded() -> None:
    wire = bill()
    wire["metadata"]["uid"] = "../a b?ü"

    invoice = translated(wire)

    assert invoice.id == f"{BASE}/invoice/..%2Fa%20b%3F%C3%BC"
    assert (lines(invoice) or [])[0].id == f"{BASE}/line-item/..%2Fa%20b%3F%C3%BC/pure"
    assert invoice.details.reference == "../a b?ü"


def test_raw_is_the_whole_object_with_every_number_as_its_digits() -> None:
    wire = bill()
    wire["status"]["unheardOf"] = {"n": 1}

    raw: Any = stringify_numbers(translated(wire).payload)

    assert raw["status"]["unheardOf"] == {"n": "1"}
    assert raw["status"]["productInvoice"]["pure"]["usedCredits"] == "66.1520"
    assert raw["status"]["productInvoice"]["pure"]["discount"] == "10"
    assert raw["metadata"] == wire["metadata"]
    assert raw["spec"]["plan"]["freeCredits"][0]["totalCpuCoreHours"] == "21000"
