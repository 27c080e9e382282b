"""Translation of Fastly's line items in both spellings, and of their coupons."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.fastly.details import FastlyLineItemDetails
from providers.fastly.translate import FastlyInvoice
from schema.filters import ChargeCategory, CreditKind
from schema.line_item import LineItem
from schema.scalars import CurrencyCode, stringify_numbers
from schema.values import Money, Quantity
from tests.recorded import recorded_payload

ACCOUNT_REF = AccountRef("fastly", "Fastly", "cdn")
INVOICE_ID = "fastly/cdn/invoice/INV-375119"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=CurrencyCode("USD"))


def rows() -> Any:
    return recorded_payload("fastly", "invoices.200")["data"][0]["transaction_line_items"]


def line_items_or_none(rows: Any, **overrides: Any) -> list[LineItem] | None:
    payload = recorded_payload("fastly", "invoices.200")["data"][0] | {"transaction_line_items": rows} | overrides
    invoice = FastlyInvoice.translate(payload, ACCOUNT_REF, datetime(2026, 8, 4, tzinfo=UTC))
    assert invoice.line_part is not None
    items = invoice.line_part.get(invoice)
    return None if items is None else list(items)


def line_items(rows: Any, **overrides: Any) -> list[LineItem]:
    items = line_items_or_none(rows, **overrides)
    assert items is not None
    return items


def test_line_item_has_usage_and_cost() -> None:
    line = line_items(rows())[0]

    assert (line.description, line.cost, line.unit_price) == ("Asia Requests", usd("292.03"), usd("0.002"))
    assert line.quantity == Quantity(amount=Decimal("146017.0369"), unit=None)
    assert (line.product, line.product_group) == ("Asia Requests", "Full Site Delivery")
    assert (line.product_line, line.region) == ("Network Services", "Asia")
    assert line.details == FastlyLineItemDetails(reference=None, coupon_code=None, usage_type="Requests")
    assert (line.category, line.credit, line.invoice_id) == (ChargeCategory.USAGE, None, INVOICE_ID)
    assert line.parent is not None
    assert line.parent.id == INVOICE_ID
    assert stringify_numbers(line.payload) == rows()[0]


def test_empty_texts_are_null_and_na_stays() -> None:
    support = line_items(rows())[1]

    assert (support.region, support.quantity) == (None, Quantity(amount=Decimal(1), unit=None))
    assert (support.product_group, support.product_line) == ("CS: CSE", "N/A")


def test_both_spellings_are_the_same_line_item() -> None:
    row = rows()[0]
    capitals = {
        "product_name": "ProductName",
        "product_group": "ProductGroup",
        "product_line": "ProductLine",
        "region": "Region",
        "usage_type": "UsageType",
    }
    old_row = {capitals.get(key, key): value for key, value in row.items()}
    (new_line,), (old_line,) = line_items([row]), line_items([old_row])

    assert old_line.id == new_line.id
    assert (old_line.details, old_line.product, old_line.region) == (
        new_line.details,
        new_line.product,
        new_line.region,
    )


def test_recorded_line_item_of_2024() -> None:
    [row] = recorded_payload("fastly", "invoices.200")["data"][1]["transaction_line_items"]
    [line] = line_items([row])

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
def test_category_depends_on_sign_and_coupon(amount: Any, code: Any, category: ChargeCategory) -> None:
    [line] = line_items([{"amount": amount, "credit_coupon_code": code}])

    assert line.category is category


def test_coupon_is_a_credit_of_the_negated_cost() -> None:
    line = line_items(rows())[2]
    coupon = line.credit

    assert coupon is not None
    assert (coupon.kind, coupon.reference, coupon.value) == (CreditKind.COUPON, "SUMMER26", usd("75.00"))
    assert coupon.id == "fastly/cdn/credit/INV-375119/SUMMER26/1"
    assert (coupon.product, coupon.description) == ("Credit", "Summer credit")
    assert (coupon.used, coupon.remaining, coupon.starts_at, coupon.expires_at) == (None, None, None, None)
    assert (coupon.account_id, coupon.invoice_id) == ("fastly/cdn", INVOICE_ID)
    assert line.details == FastlyLineItemDetails(reference=None, coupon_code="SUMMER26", usage_type=None)


def test_coupon_that_deducts_nothing_has_no_value() -> None:
    [line] = line_items([rows()[2] | {"amount": "5.10"}])

    assert line.credit is not None
    assert line.credit.value is None


def test_coupon_on_two_line_items_is_two_credits() -> None:
    items = line_items([rows()[2], rows()[2] | {"amount": "-5"}])

    assert [line.credit.id[-10:] for line in items if line.credit] == ["SUMMER26/1", "SUMMER26/2"]


@pytest.mark.parametrize(("rows", "count"), [(None, None), ([], 0), ("none", None), ([{}], 1)])
def test_line_items_are_null_without_a_list(rows: Any, count: int | None) -> None:
    items = line_items_or_none(rows)

    assert (None if items is None else len(items)) == count


def test_empty_line_item_states_nothing() -> None:
    [line] = line_items([{}])

    assert (line.description, line.quantity, line.unit_price, line.cost, line.product) == (None,) * 5
    assert line.category is ChargeCategory.USAGE


def test_no_money_without_a_currency() -> None:
    line = line_items(rows(), currency_code=None)[0]

    assert (line.cost, line.unit_price) == (None, None)
    assert line.quantity is not None


def test_ids_do_not_depend_on_the_order() -> None:
    rows_with_duplicate = [*rows(), rows()[0]]
    forward, backward = line_items(rows_with_duplicate), line_items(rows_with_duplicate[::-1])

    assert len({line.id for line in forward}) == 5
    assert {line.id for line in forward} == {line.id for line in backward}
    assert {line.id[-2:] for line in forward} == {"-1", "-2"}


@pytest.mark.parametrize(
    ("index", "override", "key"),
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
def test_ids_are_constant_across_versions(index: int, override: Any, key: str) -> None:
    assert line_items([rows()[index] | override])[0].id == f"fastly/cdn/line-item/INV-375119/{key}"


def test_ids_without_facts_or_currency_are_constant() -> None:
    assert line_items([{}])[0].id == "fastly/cdn/line-item/INV-375119/466b61a480a30daf-1"
    assert line_items(rows(), currency_code=None)[0].id == "fastly/cdn/line-item/INV-375119/9cef9b597b5034b4-1"


def test_numbers_do_not_depend_on_the_access_order() -> None:
    coupon, other, equal = rows()[2], rows()[2] | {"amount": "-5"}, rows()[2]

    items = line_items([coupon, other, equal])[::-1]

    assert [line.id[-18:] for line in items] == ["04fef4f12a4e20a2-2", "8807b34c9d1e493c-1", "04fef4f12a4e20a2-1"]
    assert [line.credit.id[-10:] for line in items if line.credit] == ["SUMMER26/3", "SUMMER26/2", "SUMMER26/1"]


def test_id_ignores_the_padding_of_numbers() -> None:
    padded_row = rows()[0] | {"amount": "292.0300", "rate": "0.0020"}

    assert line_items([padded_row])[0].id == line_items([rows()[0]])[0].id


@pytest.mark.parametrize("override", [{"amount": 1}, {"description": "x"}, {"region": "Europe"}, {"units": 2}])
def test_id_depends_on_each_fact(override: Any) -> None:
    assert line_items([rows()[0] | override])[0].id != line_items([rows()[0]])[0].id
