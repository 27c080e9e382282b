"""Archera's words in the graph's vocabulary: every documented field, exactly, and nothing besides."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.archera import translate
from providers.archera.details import ArcheraInvoiceDetails
from providers.errors import Unintelligible
from schema.invoice import InvoiceStatus
from schema.line_item import LineItem
from schema.scalars import CurrencyCode, stringify_numbers
from schema.values import BillingPeriod, Money
from tests.recorded import recorded

SEEN = datetime(2026, 4, 6, tzinfo=UTC)
USD, EUR = CurrencyCode("USD"), CurrencyCode("EUR")
OWNER = AccountRef("archera", "Archera", "savings")
MONTH = "2026-01"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=USD)


def listed() -> Any:
    return recorded("archera", "invoices.200")


def rows(case: str = "line-items.200") -> Any:
    return recorded("archera", case)


def lines(wire: Any, owner: AccountRef = OWNER) -> list[LineItem]:
    lines = translate.Lines(wire, owner, MONTH)
    return [translate.LINE(row, lines) for row in wire]


def test_an_invoice_says_its_month_and_never_a_total_a_payment_or_a_date_of_issue() -> None:
    invoice = translate.invoice(listed()[2], OWNER, SEEN)

    assert invoice.id == "archera/savings/invoice/2026-01"
    assert invoice.account_id == "archera/savings"
    assert invoice.period == BillingPeriod(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 2, 1, tzinfo=UTC))
    assert (invoice.total_without_lookup, invoice.number, invoice.issued_at) == (None, None, None)
    assert (invoice.payment_states, invoice.payment_status) == (None, None)
    assert (invoice.status, invoice.observed_at, invoice.stale) == (InvoiceStatus.ISSUED, SEEN, False)
    assert (invoice.line_part, invoice.credit_part, invoice.charge_part) == (
        None,
        None,
        None,
    )  # another call has the lines
    assert invoice.projects() is None


@pytest.mark.parametrize(("row", "bill"), [(0, None), (1, usd("201877.40")), (2, usd("183422.17000000001"))])
def test_the_cloud_bill_is_a_number_a_text_or_null(row: int, bill: Money | None) -> None:
    found = translate.invoice(listed()[row], OWNER, SEEN).details

    month = 3 - row
    assert found == ArcheraInvoiceDetails(
        reference=f"inv_2026_0{month}", total_cloud_bill=bill, invoice_date=date(2026, month, 1)
    )


@pytest.mark.parametrize("bill", ["", "about 5", "NaN", "1,234.5", True, [], "1E999999999"])
def test_a_cloud_bill_that_cannot_be_read_is_null(bill: Any) -> None:
    found = translate.invoice(listed()[0] | {"total_cloud_bill": bill}, OWNER, SEEN).details

    assert isinstance(found, ArcheraInvoiceDetails)
    assert found.total_cloud_bill is None


@pytest.mark.parametrize(("configured", "currency"), [(None, USD), (EUR, EUR)])
def test_money_is_in_dollars_unless_the_configuration_says_otherwise(configured: Any, currency: CurrencyCode) -> None:
    owner = AccountRef("archera", "Archera", "savings", configured)
    found = translate.invoice(listed()[1], owner, SEEN).details
    line = lines(rows(), owner)[0]

    assert isinstance(found, ArcheraInvoiceDetails)
    assert found.total_cloud_bill == Money(amount=Decimal("201877.40"), currency=currency)
    assert line.cost == Money(amount=Decimal("10.0"), currency=currency)


@pytest.mark.parametrize("absent", [{}, {"id": None}, {"id": ""}, {"id": []}])
def test_an_invoice_without_an_id_is_referred_to_by_its_month(absent: Any) -> None:
    invoice = translate.invoice({"year": 2026, "month": 9} | absent, OWNER, SEEN)

    assert invoice.id == "archera/savings/invoice/2026-09"
    assert invoice.details == ArcheraInvoiceDetails(reference="2026-09", total_cloud_bill=None, invoice_date=None)


def test_a_zero_date_is_none() -> None:
    invoice = translate.invoice(listed()[0] | {"invoice_date": "0001-01-01"}, OWNER, SEEN)

    assert isinstance(invoice.details, ArcheraInvoiceDetails)
    assert invoice.details.invoice_date is None


@pytest.mark.parametrize("month", [{"year": "2026", "month": "9"}, {"year": "2026.0", "month": 9}])
def test_a_month_may_be_spelled_as_text(month: Any) -> None:
    assert translate.invoice(month, OWNER, SEEN).id == "archera/savings/invoice/2026-09"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"year": 2026},
        {"month": 9},
        {"year": None, "month": 9},
        {"year": 2026, "month": 0},
        {"year": 2026, "month": 13},
        {"year": 2026, "month": "9.5"},
        {"year": 2026, "month": True},
        {"year": 0, "month": 1},
        {"year": 1, "month": 1},  # year 1 is how a date that was never set is written
        {"year": 10**20, "month": 1},
        {"id": "inv_2026_09", "invoice_date": "2026-09-01"},
    ],
)
def test_an_invoice_without_its_month_is_unintelligible(broken: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its month"):
        translate.invoice(broken, OWNER, SEEN)


def test_only_the_detail_has_all_of_an_invoice() -> None:
    detail = recorded("archera", "invoice.200")

    assert translate.invoice(listed()[2], OWNER, SEEN).payload is None
    raw: Any = stringify_numbers(translate.invoice(detail, OWNER, SEEN, whole=True).payload)

    assert (raw["year"], raw["total_cloud_bill"]) == ("2026", "183422.17000000001")
    assert raw["by_term"][0]["archera_premiums"] == "10.0"


@pytest.mark.parametrize(
    "row",
    [
        {"commitment_financials": None, "archera_premiums": 7},
        {"commitment_financials": {}, "archera_premiums": 7},
        {"commitment_financials": {"commitment_cost": None}, "archera_premiums": 7},
        {"commitment_financials": {"commitment_cost": {"breakdown": {"archera_premium": None}}}, "archera_premiums": 7},
        {"commitment_financials": {"commitment_cost": {"breakdown": {"archera_premium": 7}}}, "archera_premiums": 8},
    ],
)
def test_the_nested_number_is_read_first_and_the_flat_one_where_there_is_none(row: Any) -> None:
    assert lines([row])[0].cost == usd("7")


def test_money_is_not_read_from_monthly_rates_or_from_totals_that_are_not_archeras() -> None:
    rate = {"commitment_cost": {"breakdown": {"archera_premium": 10}}}
    row = {"commitment_financials_monthly_rate": rate, "commitment_cost": {"total": 110}}

    assert lines([row])[0].cost is None
