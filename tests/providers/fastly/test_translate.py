"""Translation of Fastly's invoices: exactly the documented fields."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.errors import Unintelligible
from providers.fastly.details import FastlyInvoiceDetails
from providers.fastly.translate import FastlyInvoice, FastlyMonthToDate
from schema.invoice import Invoice, InvoiceStatus
from schema.payment import PaymentStatus
from schema.scalars import CurrencyCode, format_decimal, stringify_numbers
from schema.values import BillingPeriod, Money
from tests.recorded import recorded_payload

OBSERVED_AT = datetime(2026, 8, 4, 8, tzinfo=UTC)
EUR = CurrencyCode("EUR")
ACCOUNT_REF = AccountRef("fastly", "Fastly", "cdn")
EURO_ACCOUNT_REF = AccountRef("fastly", "Fastly", "cdn", EUR)


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=CurrencyCode("USD"))


def invoice_payload(row: int = 0) -> Any:
    return recorded_payload("fastly", "invoices.200")["data"][row]


def month_to_date_payload() -> Any:
    return recorded_payload("fastly", "month-to-date.200")


def translate_invoice(payload: Any, account_ref: AccountRef = ACCOUNT_REF) -> Invoice:
    return FastlyInvoice.translate(payload, account_ref, OBSERVED_AT)


def period_of(invoice: Invoice) -> tuple[str, str]:
    return invoice.period.start.isoformat(), invoice.period.end.isoformat()


def test_posted_invoice_has_id_period_and_total() -> None:
    invoice = translate_invoice(invoice_payload())

    assert (invoice.id, invoice.account_id) == ("fastly/cdn/invoice/INV-375119", "fastly/cdn")
    assert invoice.number == "INV-375119"
    assert period_of(invoice) == ("2026-07-01T00:00:00+00:00", "2026-08-01T00:00:00+00:00")
    assert invoice.total_without_lookup == usd("2792.0300")
    assert format_decimal(invoice.total_without_lookup.amount) == "2792.0300"
    assert (invoice.status, invoice.observed_at, invoice.stale) == (InvoiceStatus.ISSUED, OBSERVED_AT, False)
    assert invoice.projects() is None
    assert invoice.payload == invoice_payload()


def test_details_hold_fastly_only_facts() -> None:
    assert translate_invoice(invoice_payload()).details == FastlyInvoiceDetails(
        reference="INV-375119",
        customer="51MumwLiSJyFTWhtbByYgR",
        statement_number="INV-375119",
        posted_on=datetime(2026, 7, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("posted_on", "issued_at"),
    [
        ("2026-07-01T00:00:00Z", None),  # the start of the period is not an issue date
        ("2026-07-31T23:59:59Z", None),
        ("2026-08-01T00:00:00Z", datetime(2026, 8, 1, tzinfo=UTC)),
        ("2026-08-03T09:12:44Z", datetime(2026, 8, 3, 9, 12, 44, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_issue_date_is_never_before_the_period_end(posted_on: Any, issued_at: datetime | None) -> None:
    assert translate_invoice(invoice_payload() | {"invoice_posted_on": posted_on}).issued_at == issued_at


@pytest.mark.parametrize(
    ("billing_end_date", "period_end"),
    [
        ("2026-07-31T00:00:00Z", "2026-08-01T00:00:00+00:00"),
        ("2026-07-31T23:59:59Z", "2026-08-01T00:00:00+00:00"),
        ("2026-08-01T00:00:00Z", "2026-08-01T00:00:00+00:00"),
    ],
)
def test_period_includes_its_last_day(billing_end_date: str, period_end: str) -> None:
    assert period_of(translate_invoice(invoice_payload() | {"billing_end_date": billing_end_date}))[1] == period_end


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("paid", PaymentStatus.PAID),
        ("outstanding", PaymentStatus.PENDING),
        ("written_off", PaymentStatus.UNRECOGNIZED),
        ("PAID", PaymentStatus.PAID),
    ],
)
def test_payment_is_one_state_with_its_word(word: str, status: PaymentStatus) -> None:
    invoice = translate_invoice(invoice_payload() | {"payment_status": word})

    assert [(state.word, state.status, state.at) for state in invoice.payment_states or []] == [(word, status, None)]
    assert invoice.payment_status is status


@pytest.mark.parametrize("word", [None, "", " "])
def test_payment_without_a_word_is_null(word: Any) -> None:
    invoice = translate_invoice(invoice_payload() | {"payment_status": word})

    assert (invoice.payment_states, invoice.payment_status) == (None, None)


@pytest.mark.parametrize(
    ("amount", "code", "account_ref", "total"),
    [
        ("6604.19", "USD", ACCOUNT_REF, usd("6604.19")),
        (6604, "usd", ACCOUNT_REF, usd("6604")),
        ("-0.00", "USD", ACCOUNT_REF, usd("0.00")),
        ("4507559.70", "JPY", EURO_ACCOUNT_REF, Money(amount=Decimal("4507559.70"), currency=CurrencyCode("JPY"))),
        ("5", None, EURO_ACCOUNT_REF, Money(amount=Decimal(5), currency=EUR)),
        ("5", "", EURO_ACCOUNT_REF, Money(amount=Decimal(5), currency=EUR)),
        ("5", None, ACCOUNT_REF, None),
        ("5", "dollars", ACCOUNT_REF, None),
        ("5", "dollars", EURO_ACCOUNT_REF, None),  # a unit is stated, and it is not the euro
        (None, "USD", ACCOUNT_REF, None),
        ("", "USD", ACCOUNT_REF, None),
    ],
)
def test_total_needs_amount_and_currency(amount: Any, code: Any, account_ref: AccountRef, total: Money | None) -> None:
    payload = invoice_payload() | {"monthly_transaction_amount": amount, "currency_code": code}

    assert translate_invoice(payload, account_ref).total_without_lookup == total


@pytest.mark.parametrize("amount", ["1,234.5", "NaN", True])
def test_unreadable_total_is_unintelligible(amount: Any) -> None:
    invoice = translate_invoice(invoice_payload() | {"monthly_transaction_amount": amount})

    with pytest.raises(Unintelligible, match="the amount 'monthly_transaction_amount' of invoice INV-375119 cannot be"):
        _ = invoice.total_without_lookup


@pytest.mark.parametrize("provider_key", ["7SlAESxcJ2zxHOV4gQ9y9X", "29239985", "../../me", "a b?c#d%2F"])
def test_id_is_opaque_and_percent_encoded(provider_key: str) -> None:
    invoice = translate_invoice(invoice_payload() | {"invoice_id": provider_key})

    assert invoice.details.reference == provider_key
    assert "/" not in invoice.id.removeprefix("fastly/cdn/invoice/")


def test_numeric_id_becomes_text() -> None:
    assert translate_invoice(invoice_payload() | {"invoice_id": 4183280}).id == "fastly/cdn/invoice/4183280"


@pytest.mark.parametrize(
    "override",
    [
        {"invoice_id": None},
        {"invoice_id": ""},
        {"invoice_id": {}},
        {"billing_start_date": None},
        {"billing_start_date": "0001-01-01T00:00:00Z"},
        {"billing_end_date": ""},
        {"billing_end_date": "soon"},
        {"billing_end_date": "2026-06-30T00:00:00Z"},
    ],
)
def test_invoice_without_id_or_period_is_unintelligible(override: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its id or its period"):
        translate_invoice(invoice_payload() | override)


def test_month_to_date_is_open_with_a_constant_key() -> None:
    invoice = FastlyMonthToDate.translate(month_to_date_payload(), ACCOUNT_REF, OBSERVED_AT)

    assert invoice.id == "fastly/cdn/invoice/month-to-date"
    assert invoice.details.reference == "51MumwLiSJyFTWhtbByYgR-1785801600"
    assert invoice.status is InvoiceStatus.OPEN
    assert invoice.period == BillingPeriod(
        start=datetime(2026, 8, 1, tzinfo=UTC), end=datetime(2026, 8, 4, 7, 45, tzinfo=UTC)
    )
    assert (invoice.number, invoice.issued_at, invoice.payment_states) == (None, None, None)


def test_month_to_date_may_end_at_midnight() -> None:
    invoice = FastlyMonthToDate.translate(
        month_to_date_payload() | {"billing_end_date": "2026-08-04T00:00:00Z"}, ACCOUNT_REF, OBSERVED_AT
    )

    assert invoice.period.end == datetime(2026, 8, 4, tzinfo=UTC)


def test_month_to_date_gets_money_with_a_currency() -> None:
    without_currency = FastlyMonthToDate.translate(month_to_date_payload(), EURO_ACCOUNT_REF, OBSERVED_AT)

    assert without_currency.total_without_lookup is None
    assert without_currency.with_currency is not None
    assert without_currency.line_part is not None
    assert [line.cost for line in without_currency.line_part.get(without_currency) or []] == [None, None]

    with_currency = without_currency.with_currency(CurrencyCode("USD"))
    assert with_currency.line_part is not None
    assert with_currency.total_without_lookup == usd("2890.32")
    assert [line.cost for line in with_currency.line_part.get(with_currency) or []] == [usd("0"), usd("290.32")]
    assert with_currency.with_currency is None


@pytest.mark.parametrize("override", [{"billing_start_date": ""}, {"billing_end_date": "2026-07-01T00:00:00Z"}])
def test_month_to_date_without_period_is_unintelligible(override: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its period"):
        FastlyMonthToDate.translate(month_to_date_payload() | override, ACCOUNT_REF, OBSERVED_AT)


def test_raw_is_complete_and_keeps_digits() -> None:
    raw: Any = stringify_numbers(translate_invoice(invoice_payload() | {"unheard_of": [1, {"n": "2.50"}]}).payload)

    assert raw["monthly_transaction_amount"] == "2792.0300"
    assert [line["amount"] for line in raw["transaction_line_items"]] == ["292.03", "2600", "-75.00", "-25"]
    assert raw["unheard_of"] == ["1", {"n": "2.50"}]
