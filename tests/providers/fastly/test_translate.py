"""Fastly's words in the graph's vocabulary: every documented field, exactly, and nothing besides."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.errors import Unintelligible
from providers.fastly import translate
from providers.fastly.details import FastlyInvoiceDetails
from schema.invoice import Invoice, InvoiceStatus
from schema.payment import PaymentStatus
from schema.scalars import CurrencyCode, format_decimal, stringify_numbers
from schema.values import BillingPeriod, Money
from tests.recorded import recorded

SEEN = datetime(2026, 8, 4, 8, tzinfo=UTC)
EUR = CurrencyCode("EUR")
OWNER = AccountRef("fastly", "Fastly", "cdn")
IN_EUROS = AccountRef("fastly", "Fastly", "cdn", EUR)


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=CurrencyCode("USD"))


def bill(row: int = 0) -> Any:
    return recorded("fastly", "invoices.200")["data"][row]


def running() -> Any:
    return recorded("fastly", "month-to-date.200")


def translated(wire: Any, owner: AccountRef = OWNER) -> Invoice:
    return translate.invoice(wire, owner, SEEN)


def months(invoice: Invoice) -> tuple[str, str]:
    return invoice.period.start.isoformat(), invoice.period.end.isoformat()


def test_a_posted_invoice_says_who_when_and_how_much() -> None:
    invoice = translated(bill())

    assert (invoice.id, invoice.account_id) == ("fastly/cdn/invoice/INV-375119", "fastly/cdn")
    assert invoice.number == "INV-375119"
    assert months(invoice) == ("2026-07-01T00:00:00+00:00", "2026-08-01T00:00:00+00:00")
    assert invoice.total_without_lookup == usd("2792.0300")
    assert format_decimal(invoice.total_without_lookup.amount) == "2792.0300"
    assert (invoice.status, invoice.observed_at, invoice.stale) == (InvoiceStatus.ISSUED, SEEN, False)
    assert invoice.projects() is None
    assert invoice.payload == bill()


def test_the_details_hold_what_only_fastly_says() -> None:
    assert translated(bill()).details == FastlyInvoiceDetails(
        reference="INV-375119",
        customer="51MumwLiSJyFTWhtbByYgR",
        statement_number="INV-375119",
        posted_on=datetime(2026, 7, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("posted", "issued"),
    [
        ("2026-07-01T00:00:00Z", None),  # the start of the period is no date of issue
        ("2026-07-31T23:59:59Z", None),
        ("2026-08-01T00:00:00Z", datetime(2026, 8, 1, tzinfo=UTC)),
        ("2026-08-03T09:12:44Z", datetime(2026, 8, 3, 9, 12, 44, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_it_is_issued_when_it_is_posted_after_its_period(posted: Any, issued: datetime | None) -> None:
    assert translated(bill() | {"invoice_posted_on": posted}).issued_at == issued


@pytest.mark.parametrize(
    ("end", "until"),
    [
        ("2026-07-31T00:00:00Z", "2026-08-01T00:00:00+00:00"),
        ("2026-07-31T23:59:59Z", "2026-08-01T00:00:00+00:00"),
        ("2026-08-01T00:00:00Z", "2026-08-01T00:00:00+00:00"),
    ],
)
def test_the_last_day_belongs_to_the_period(end: str, until: str) -> None:
    assert months(translated(bill() | {"billing_end_date": end}))[1] == until


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("paid", PaymentStatus.PAID),
        ("outstanding", PaymentStatus.PENDING),
        ("written_off", PaymentStatus.UNRECOGNIZED),
        ("PAID", PaymentStatus.UNRECOGNIZED),
    ],
)
def test_payment_is_one_state_without_an_instant_and_its_word_survives(word: str, status: PaymentStatus) -> None:
    invoice = translated(bill() | {"payment_status": word})

    assert [(state.word, state.status, state.at) for state in invoice.payment_states or []] == [(word, status, None)]
    assert invoice.payment_status is status


@pytest.mark.parametrize("word", [None, "", " "])
def test_without_a_word_payment_is_null_and_never_unpaid(word: Any) -> None:
    invoice = translated(bill() | {"payment_status": word})

    assert (invoice.payment_states, invoice.payment_status) == (None, None)


@pytest.mark.parametrize(
    ("amount", "code", "owner", "total"),
    [
        ("6604.19", "USD", OWNER, usd("6604.19")),
        (6604, "usd", OWNER, usd("6604")),
        ("-0.00", "USD", OWNER, usd("0.00")),
        ("4507559.70", "JPY", IN_EUROS, Money(amount=Decimal("4507559.70"), currency=CurrencyCode("JPY"))),
        ("5", None, IN_EUROS, Money(amount=Decimal(5), currency=EUR)),
        ("5", "", IN_EUROS, Money(amount=Decimal(5), currency=EUR)),
        ("5", None, OWNER, None),
        ("5", "dollars", OWNER, None),
        (None, "USD", OWNER, None),
        ("", "USD", OWNER, None),
        ("1,234.5", "USD", OWNER, None),
        ("NaN", "USD", OWNER, None),
        (True, "USD", OWNER, None),
    ],
)
def test_the_total_needs_an_exact_amount_and_a_currency(
    amount: Any, code: Any, owner: AccountRef, total: Money | None
) -> None:
    wire = bill() | {"monthly_transaction_amount": amount, "currency_code": code}

    assert translated(wire, owner).total_without_lookup == total


@pytest.mark.parametrize("native", ["7SlAESxcJ2zxHOV4gQ9y9X", "29239985", "../../me", "a b?c#d%2F"])
def test_an_id_is_opaque_and_percent_encoded(native: str) -> None:
    invoice = translated(bill() | {"invoice_id": native})

    assert invoice.details.reference == native
    assert "/" not in invoice.id.removeprefix("fastly/cdn/invoice/")


def test_an_id_that_is_a_number_is_its_digits() -> None:
    assert translated(bill() | {"invoice_id": 4183280}).id == "fastly/cdn/invoice/4183280"


@pytest.mark.parametrize(
    "broken",
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
def test_an_invoice_without_its_id_or_its_period_is_unintelligible(broken: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its id or its period"):
        translated(bill() | broken)


def test_the_month_to_date_is_known_by_the_endpoint_and_open_until_its_instant() -> None:
    invoice = translate.month_to_date(running(), OWNER, SEEN)

    assert invoice.id == "fastly/cdn/invoice/month-to-date"
    assert invoice.details.reference == "51MumwLiSJyFTWhtbByYgR-1785801600"
    assert invoice.status is InvoiceStatus.OPEN
    assert invoice.period == BillingPeriod(
        start=datetime(2026, 8, 1, tzinfo=UTC), end=datetime(2026, 8, 4, 7, 45, tzinfo=UTC)
    )
    assert (invoice.number, invoice.issued_at, invoice.payment_states) == (None, None, None)


def test_the_end_of_the_month_to_date_is_kept_even_at_midnight() -> None:
    invoice = translate.month_to_date(running() | {"billing_end_date": "2026-08-04T00:00:00Z"}, OWNER, SEEN)

    assert invoice.period.end == datetime(2026, 8, 4, tzinfo=UTC)


def test_the_month_to_date_names_no_currency_and_can_be_priced_in_one() -> None:
    unpriced = translate.month_to_date(running(), IN_EUROS, SEEN)

    assert unpriced.total_without_lookup is None
    assert unpriced.with_currency is not None
    assert unpriced.line_part is not None
    assert [line.cost for line in unpriced.line_part.get(unpriced) or []] == [None, None]

    priced = unpriced.with_currency(CurrencyCode("USD"))
    assert priced.line_part is not None
    assert priced.total_without_lookup == usd("2890.32")
    assert [line.cost for line in priced.line_part.get(priced) or []] == [usd("0"), usd("290.32")]
    assert priced.with_currency is None


@pytest.mark.parametrize("broken", [{"billing_start_date": ""}, {"billing_end_date": "2026-07-01T00:00:00Z"}])
def test_a_month_to_date_without_its_period_is_unintelligible(broken: Any) -> None:
    with pytest.raises(Unintelligible, match="lacks its period"):
        translate.month_to_date(running() | broken, OWNER, SEEN)


def test_raw_is_the_whole_object_with_every_number_as_its_digits() -> None:
    raw: Any = stringify_numbers(translated(bill() | {"unheard_of": [1, {"n": "2.50"}]}).payload)

    assert raw["monthly_transaction_amount"] == "2792.0300"
    assert [line["amount"] for line in raw["transaction_line_items"]] == ["292.03", "2600", "-75.00", "-25"]
    assert raw["unheard_of"] == ["1", {"n": "2.50"}]
