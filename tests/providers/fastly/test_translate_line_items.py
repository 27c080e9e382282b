"""The lines of a Fastly invoice, in both spellings, and the coupons among them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.fastly import translate
from providers.fastly.details import FastlyLineItemDetails
from schema.filters import ChargeCategory, CreditKind
from schema.line_item import LineItem
from schema.scalars import CurrencyCode, stringify_numbers
from schema.values import Money, Quantity
from tests.recorded import recorded

OWNER = AccountRef("fastly", "Fastly", "cdn")
INVOICE = "fastly/cdn/invoice/INV-375119"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=CurrencyCode("USD"))


def rows() -> Any:
    return recorded("fastly", "invoices.200")["data"][0]["transaction_line_items"]


def lines(wire: Any, **more: Any) -> list[LineItem] | None:
    bill = recorded("fastly", "invoices.200")["data"][0] | {"transaction_line_items": wire} | more
    invoice = translate.invoice(bill, OWNER, datetime(2026, 8, 4, tzinfo=UTC))
    assert invoice.line_part is not None
    found = invoice.line_part.get(invoice)
    return None if found is None else list(found)


def of(wire: Any, **more: Any) -> list[LineItem]:
    found = lines(wire, **more)
    assert found is not None
    return found


def test_a_line_says_what_was_used_and_what_it_costs() -> None:
    line = of(rows())[0]

    assert (line.description, line.cost, line.unit_price) == ("Asia Requests", usd("292.03"), usd("0.002"))
    assert line.quantity == Quantity(amount=Decimal("146017.0369"), unit="Requests")
    assert (line.product, line.product_group) == ("Asia Requests", "Full Site Delivery")
    assert (line.product_line, line.region) == ("Network Services", "Asia")
    assert line.details == FastlyLineItemDetails(reference=None, coupon_code=None, usage_type="Requests")
    assert (line.category, line.credit, line.invoice_id) == (ChargeCategory.USAGE, None, INVOICE)
    assert line.parent is not None
    assert line.parent.id == INVOICE
    assert stringify_numbers(line.payload) == rows()[0]


def test_empty_texts_are_null_and_words_that_mean_nothing_stay() -> None:
    support = of(rows())[1]

    assert (support.region, support.quantity) == (None, Quantity(amount=Decimal(1), unit=None))
    assert (support.product_group, support.product_line) == ("CS: CSE", "N/A")


def test_both_spellings_are_the_same_line() -> None:
    row = rows()[0]
    capitals = {
        "product_name": "ProductName",
        "product_group": "ProductGroup",
        "product_line": "ProductLine",
        "region": "Region",
        "usage_type": "UsageType",
    }
    old = {capitals.get(key, key): value for key, value in row.items()}
    (new_line,), (old_line,) = of([row]), of([old])

    assert old_line.id == new_line.id
    assert (old_line.details, old_line.product, old_line.region) == (
        new_line.details,
        new_line.product,
        new_line.region,
    )


def test_a_recorded_line_of_2024_is_read_in_its_own_spelling() -> None:
    [row] = recorded("fastly", "invoices.200")["data"][1]["transaction_line_items"]
    [line] = of([row])

    assert (line.product, line.product_group, line.region) == ("Asia Requests", "Full-Site Delivery", "Asia")
    assert line.details == FastlyLineItemDetails(reference=None, coupon_code=None, usage_type="requests")


@pytest.mark.parametrize(
    ("amount", "code", "category"),
    [
        ("-75", "SUMMER26", ChargeCategory.CREDIT),
        ("-25", "", ChargeCategory.ADJUSTMENT),
        ("-25", None, ChargeCategory.ADJUSTMENT),
        ("0", "SUMMER26", ChargeCategory.USAGE),
        ("-0.00", "", ChargeCategory.USAGE),
        ("5", "", ChargeCategory.USAGE),
        (None, "SUMMER26", ChargeCategory.USAGE),
    ],
)
def test_the_category_follows_from_sign_and_coupon(amount: Any, code: Any, category: ChargeCategory) -> None:
    [line] = of([{"amount": amount, "credit_coupon_code": code}])

    assert line.category is category


def test_a_coupon_is_a_credit_worth_minus_what_its_line_costs() -> None:
    line = of(rows())[2]
    coupon = line.credit

    assert coupon is not None
    assert (coupon.kind, coupon.reference, coupon.value) == (CreditKind.COUPON, "SUMMER26", usd("75.00"))
    assert coupon.id == "fastly/cdn/credit/INV-375119/SUMMER26/1"
    assert (coupon.product, coupon.description) == ("Credit", "Summer credit")
    assert (coupon.used, coupon.remaining, coupon.starts_at, coupon.expires_at) == (None, None, None, None)
    assert (coupon.account_id, coupon.invoice_id) == ("fastly/cdn", INVOICE)
    assert line.details == FastlyLineItemDetails(reference=None, coupon_code="SUMMER26", usage_type=None)


def test_a_coupon_that_is_taken_back_is_worth_less_than_nothing() -> None:
    [line] = of([rows()[2] | {"amount": "5.10"}])

    assert line.credit is not None
    assert line.credit.value == usd("-5.10")


def test_a_coupon_on_two_lines_is_two_credits() -> None:
    found = of([rows()[2], rows()[2] | {"amount": "-5"}])

    assert [line.credit.id[-10:] for line in found if line.credit] == ["SUMMER26/1", "SUMMER26/2"]


@pytest.mark.parametrize(("wire", "count"), [(None, None), ([], 0), ("none", None), ([{}], 1)])
def test_lines_are_null_where_the_wire_has_no_list(wire: Any, count: int | None) -> None:
    found = lines(wire)

    assert (None if found is None else len(found)) == count


def test_an_empty_line_states_nothing() -> None:
    [line] = of([{}])

    assert (line.description, line.quantity, line.unit_price, line.cost, line.product) == (None,) * 5
    assert line.category is ChargeCategory.USAGE


def test_without_a_currency_a_line_has_a_quantity_and_no_money() -> None:
    line = of(rows(), currency_code=None)[0]

    assert (line.cost, line.unit_price) == (None, None)
    assert line.quantity is not None


def test_ids_of_lines_do_not_depend_on_the_order_and_equal_lines_are_counted() -> None:
    twice = [*rows(), rows()[0]]
    forth, back = of(twice), of(twice[::-1])

    assert len({line.id for line in forth}) == 5
    assert {line.id for line in forth} == {line.id for line in back}
    assert {line.id[-2:] for line in forth} == {"-1", "-2"}


@pytest.mark.parametrize(
    ("place", "change", "key"),
    [
        (0, {}, "8314e2032c13c728-1"),
        (1, {}, "e46bf3be57af1d9d-1"),
        (2, {}, "04fef4f12a4e20a2-1"),
        (3, {}, "76cf84f69ddcf328-1"),
        (0, {"amount": "0292.0300", "rate": 0, "units": "1E+3"}, "b171a844b739e30e-1"),
        (0, {"amount": "-0.00", "rate": "1e-7", "units": 100}, "b7c08c24213aaa70-1"),
        (0, {"description": 'it\'s "x" é', "amount": -5, "units": "x"}, "2d963dea9539b33b-1"),
    ],
)
def test_the_id_of_a_line_is_the_same_in_every_version(place: int, change: Any, key: str) -> None:
    assert of([rows()[place] | change])[0].id == f"fastly/cdn/line-item/INV-375119/{key}"


def test_the_ids_of_lines_that_say_nothing_or_name_no_currency_are_the_same_in_every_version() -> None:
    assert of([{}])[0].id == "fastly/cdn/line-item/INV-375119/466b61a480a30daf-1"
    assert of(rows(), currency_code=None)[0].id == "fastly/cdn/line-item/INV-375119/9cef9b597b5034b4-1"


def test_equal_lines_and_coupons_have_the_same_numbers_in_whatever_order_they_are_read() -> None:
    coupon, other, equal = rows()[2], rows()[2] | {"amount": "-5"}, rows()[2]

    found = of([coupon, other, equal])[::-1]

    assert [line.id[-18:] for line in found] == ["04fef4f12a4e20a2-2", "8807b34c9d1e493c-1", "04fef4f12a4e20a2-1"]
    assert [line.credit.id[-10:] for line in found if line.credit] == ["SUMMER26/3", "SUMMER26/2", "SUMMER26/1"]


def test_the_id_of_a_line_does_not_change_with_the_padding_of_its_numbers() -> None:
    padded = rows()[0] | {"amount": "292.0300", "rate": "0.0020"}

    assert of([padded])[0].id == of([rows()[0]])[0].id


@pytest.mark.parametrize("change", [{"amount": 1}, {"description": "x"}, {"region": "Europe"}, {"units": 2}])
def test_the_id_of_a_line_changes_with_what_it_says(change: Any) -> None:
    assert of([rows()[0] | change])[0].id != of([rows()[0]])[0].id
