"""Rows of credits: their ids, and what remains of them."""

from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.rows import columns
from providers.rows.columns import InvoiceContext
from providers.rows.parts import CreditRow
from schema.credit import Credit
from schema.filters import CreditKind
from schema.scalars import CurrencyCode
from schema.values import Money, Quantity

EUR = CurrencyCode("EUR")
INVOICE = InvoiceContext(AccountRef("nimbus", "Nimbus", "n"), "N-1", EUR)


class Grant(CreditRow):
    """A credit of which a part is used."""

    digest = ("description", "value")
    reference = columns.text("code")
    kind = columns.constant(CreditKind.FREE)
    description = columns.text("text")
    value = columns.money("granted")
    used = columns.money("used")


class Hours(CreditRow):
    """A credit whose use is in a unit of its own."""

    digest = ("value",)
    kind = columns.constant(CreditKind.FREE)
    value = columns.quantity("granted", "hours")
    used = columns.quantity("used", columns.text("unit"))


def credits(row_class: type[CreditRow], *rows: Any) -> list[Credit]:
    return row_class.read(row_class.context(rows, INVOICE))


@pytest.mark.parametrize(
    ("granted", "used", "remaining"),
    [("10", "2.50", "7.50"), ("10", "10", "0"), ("1", "3", "-2"), ("10", None, None), (None, "2", None)],
)
def test_the_remaining_credit_is_the_value_without_the_used_part(granted: Any, used: Any, remaining: Any) -> None:
    [credit] = credits(Grant, {"granted": granted, "used": used})

    assert credit.remaining == (Money(amount=Decimal(remaining), currency=EUR) if remaining else None)


@pytest.mark.parametrize(("unit", "remaining"), [("hours", Quantity(amount=Decimal(7), unit="hours")), ("days", None)])
def test_the_remaining_credit_needs_one_unit(unit: str, remaining: Quantity | None) -> None:
    [credit] = credits(Hours, {"granted": "10", "used": "3", "unit": unit})

    assert credit.remaining == remaining


def test_credits_with_the_same_key_are_numbered() -> None:
    rows = ({"code": "A"}, {"code": "B"}, {"code": "A"}, {"granted": "1.0"}, {"granted": 1})

    keys = [credit.id.removeprefix("nimbus/n/credit/N-1/") for credit in credits(Grant, *rows)]

    assert keys[:3] == ["A/1", "B/1", "A/2"]
    assert [key[16:] for key in keys[3:]] == ["/1", "/2"]
    assert keys[3][:16] == keys[4][:16]
