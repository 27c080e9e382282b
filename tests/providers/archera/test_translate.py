"""Translation of Archera's invoices: exactly the documented fields."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.archera.details import ArcheraInvoiceDetails
from providers.archera.translate import ArcheraInvoice, ArcheraLineItem
from providers.errors import Unintelligible
from providers.rows.columns import InvoiceContext
from schema.invoice import InvoiceStatus
from schema.line_item import LineItem
from schema.scalars import CurrencyCode, stringify_numbers
from schema.values import BillingPeriod, Money
from tests.recorded import recorded_payload

OBSERVED_AT = datetime(2026, 4, 6, tzinfo=UTC)
USD, EUR = CurrencyCode("USD"), CurrencyCode("EUR")
ACCOUNT_REF = AccountRef("archera", "Archera", "savings")
MONTH = "2026-01"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=USD)


def list_payload() -> Any:
    return recorded_payload("archera", "invoices.200")


def rows(case: str = "line-items.200") -> Any:
    return recorded_payload("archera", case)


def line_items(rows: Any, account_ref: AccountRef = ACCOUNT_REF) -> list[LineItem]:
    context = InvoiceContext(account_ref, MONTH, account_ref.currency or USD)
    return list(ArcheraLineItem.read(ArcheraLineItem.context(rows, context)))


def test_invoice_states_only_its_month() -> None:
    invoice = ArcheraInvoice.translate(list_payload()[2], ACCOUNT_REF, OBSERVED_AT)

    assert invoice.id == "archera/savings/invoice/2026-01"
    assert invoice.account_id == "archera/savings"
    assert invoice.period == BillingPeriod(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2026, 2, 1, tzinfo=UTC))
    assert (invoice.total_without_lookup, invoice.number, invoice.issued_at) == (None, None, None)
    assert (invoice.payment_states, invoice.payment_status) == (None, None)
    assert (invoice.status, invoice.observed_at, invoice.stale) == (InvoiceStatus.ISSUED, OBSERVED_AT, False)
    assert (invoice.line_part, invoice.credit_part, invoice.charge_part) == (
        None,
        None,
        None,
    )  # line items need another call
    assert invoice.projects() is None


@pytest.mark.parametrize(("row", "total"), [(0, None), (1, usd("201877.40")), (2, usd("183422.17000000001"))])
def test_cloud_bill_is_number_text_or_null(row: int, total: Money | None) -> None:
    details = ArcheraInvoice.translate(list_payload()[row], ACCOUNT_REF, OBSERVED_AT).details

    month = 3 - row
    assert details == ArcheraInvoiceDetails(
        reference=f"inv_2026_0{month}", total_cloud_bill=total, invoice_date=date(2026, month, 1)
    )


@pytest.mark.parametrize("total", ["about 5", "NaN", "1,234.5", True, [], "1E999999999"])
def test_unreadable_cloud_bill_is_unintelligible(total: Any) -> None:
    details = ArcheraInvoice.translate(
        list_payload()[0] | {"total_cloud_bill": total}, ACCOUNT_REF, OBSERVED_AT
    ).details

    assert isinstance(details, ArcheraInvoiceDetails)
    with pytest.raises(Unintelligible, match="the amount 'total_cloud_bill' of invoice 2026-03 cannot be read"):
        _ = details.total_cloud_bill


@pytest.mark.parametrize(("configured_currency", "currency"), [(None, USD), (EUR, EUR)])
def test_configured_currency_replaces_dollars(configured_currency: Any, currency: CurrencyCode) -> None:
    account_ref = AccountRef("archera", "Archera", "savings", configured_currency)
    details = ArcheraInvoice.translate(list_payload()[1], account_ref, OBSERVED_AT).details
    line = line_items(rows(), account_ref)[0]

    assert isinstance(details, ArcheraInvoiceDetails)
    assert details.total_cloud_bill == Money(amount=Decimal("201877.40"), currency=currency)
    assert line.cost == Money(amount=Decimal("10.0"), currency=currency)


@pytest.mark.parametrize("no_id", [{}, {"id": None}, {"id": ""}, {"id": []}])
def test_month_is_the_reference_without_an_id(no_id: Any) -> None:
    invoice = ArcheraInvoice.translate({"year": 2026, "month": 9} | no_id, ACCOUNT_REF, OBSERVED_AT)

    assert invoice.id == "archera/savings/invoice/2026-09"
    assert invoice.details == ArcheraInvoiceDetails(reference="2026-09", total_cloud_bill=None, invoice_date=None)


def test_zero_invoice_date_is_null() -> None:
    invoice = ArcheraInvoice.translate(list_payload()[0] | {"invoice_date": "0001-01-01"}, ACCOUNT_REF, OBSERVED_AT)

    assert isinstance(invoice.details, ArcheraInvoiceDetails)
    assert invoice.details.invoice_date is None


@pytest.mark.parametrize("month", [{"year": "2026", "month": "9"}, {"year": "2026.0", "month": 9}])
def test_year_and_month_may_be_text(month: Any) -> None:
    assert ArcheraInvoice.translate(month, ACCOUNT_REF, OBSERVED_AT).id == "archera/savings/invoice/2026-09"


@pytest.mark.parametrize(
    "payload",
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
        {"year": 1, "month": 1},  # a date that was never set has year 1
        {"year": 10**20, "month": 1},
        {"id": "inv_2026_09", "invoice_date": "2026-09-01"},
    ],
)
def test_invoice_without_month_is_unintelligible(payload: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its month"):
        ArcheraInvoice.translate(payload, ACCOUNT_REF, OBSERVED_AT)


def test_only_the_detail_is_a_complete_payload() -> None:
    detail = recorded_payload("archera", "invoice.200")

    assert ArcheraInvoice.translate(list_payload()[2], ACCOUNT_REF, OBSERVED_AT, in_list=True).payload is None
    raw: Any = stringify_numbers(ArcheraInvoice.translate(detail, ACCOUNT_REF, OBSERVED_AT).payload)

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
def test_nested_number_takes_precedence_over_flat(row: Any) -> None:
    assert line_items([row])[0].cost == usd("7")


def test_rates_and_cloud_totals_are_not_costs() -> None:
    rate = {"commitment_cost": {"breakdown": {"archera_premium": 10}}}
    row = {"commitment_financials_monthly_rate": rate, "commitment_cost": {"total": 110}}

    assert line_items([row])[0].cost is None
