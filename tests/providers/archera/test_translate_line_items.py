"""Translation of Archera's line items: commitments, their money in every shape, and rebates."""

from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.archera.details import ArcheraLineItemDetails
from providers.archera.translate import ArcheraLineItem
from providers.errors import Unintelligible
from providers.rows.columns import InvoiceContext
from schema.filters import ChargeCategory, CreditKind
from schema.line_item import LineItem
from schema.scalars import CurrencyCode, format_decimal, stringify_numbers
from schema.values import Money
from tests.recorded import recorded_payload

USD = CurrencyCode("USD")
ACCOUNT_REF = AccountRef("archera", "Archera", "savings")
MONTH = "2026-01"
ID_PREFIX = f"archera/savings/line-item/{MONTH}/"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=USD)


def rows(case: str = "line-items.200") -> Any:
    return recorded_payload("archera", case)


def line_items(rows: Any, month: str = MONTH) -> list[LineItem]:
    context = InvoiceContext(ACCOUNT_REF, month, USD)
    return list(ArcheraLineItem.read(ArcheraLineItem.context(rows, context)))


def details(line: LineItem) -> ArcheraLineItemDetails:
    assert isinstance(line.details, ArcheraLineItemDetails)
    return line.details


def test_rebate_becomes_a_credit() -> None:
    credit = line_items(rows())[2].credit

    assert credit is not None
    assert (credit.kind, credit.value, credit.reference) == (CreditKind.REBATE, usd("45.22"), "li_3")
    assert (credit.used, credit.remaining, credit.starts_at, credit.expires_at) == (None, None, None, None)
    assert (credit.product, credit.description) == (None, None)
    assert credit.account_id == "archera/savings"
    assert credit.invoice_id == "archera/savings/invoice/2026-01"
    assert credit.id.startswith("archera/savings/credit/2026-01/")


@pytest.mark.parametrize(
    ("rebates", "is_credit"), [(None, False), ("", False), (0, False), ("-0.00", False), ("-1", True)]
)
def test_zero_rebate_is_not_a_credit(rebates: Any, is_credit: bool) -> None:
    [line] = line_items([{"id": "li", "rebates": rebates}])

    assert (line.credit is not None) == is_credit


def test_unreadable_rebate_is_unintelligible() -> None:
    [line] = line_items([{"id": "li", "rebates": "x"}])

    with pytest.raises(Unintelligible, match="the amount 'rebates' of invoice 2026-01 cannot be read"):
        _ = line.credit


def test_same_id_in_two_months_is_two_credits() -> None:
    january, february = (
        line_items([{"id": "1", "rebates": 5}], month=month)[0].credit for month in ("2026-01", "2026-02")
    )

    assert january is not None
    assert february is not None
    # The part of an id after the invoice identifies a credit across all invoices.
    assert january.id.split("/")[4:] != february.id.split("/")[4:]


def test_line_items_keep_their_order_and_ids() -> None:
    assert [line.id for line in line_items(rows())] == [f"{ID_PREFIX}li_1", f"{ID_PREFIX}li_2", f"{ID_PREFIX}li_3"]
    assert [line.id for line in line_items(rows()[::-1])] == [
        f"{ID_PREFIX}li_3",
        f"{ID_PREFIX}li_2",
        f"{ID_PREFIX}li_1",
    ]


def test_digest_ids_do_not_depend_on_the_order() -> None:
    rows = [
        {"id": "li_1", "archera_premiums": "1.0"},
        {"id": "li_1", "archera_premiums": "2"},
        {"archera_premiums": "3"},
        {"id": "li_9"},
    ]
    forward, backward = line_items(rows), line_items(rows[::-1])

    assert len({line.id for line in forward}) == 4
    assert [line.id for line in forward] == [line.id for line in reversed(backward)]
    assert forward[3].id == f"{ID_PREFIX}li_9"
    assert [line.details.reference for line in forward] == ["li_1", "li_1", None, "li_9"]


def test_equal_line_items_are_numbered() -> None:
    items = line_items([{}, {}, {"id": ""}])

    assert [line.id[-2:] for line in items] == ["-1", "-2", "-3"]
    assert len({line.id[:-2] for line in items}) == 1


def test_id_is_opaque_and_percent_encoded() -> None:
    assert line_items([{"id": "li/1 ü"}])[0].id == f"{ID_PREFIX}li%2F1%20%C3%BC"
    assert line_items([{"id": 5}])[0].id == f"{ID_PREFIX}5"


@pytest.mark.parametrize("value", [None, "", "NaN", True, [], "0,97"])
def test_unreadable_utilization_is_null(value: Any) -> None:
    line = line_items([rows()[0] | {"utilization": value}])[0]

    assert (details(line).utilization, line.cost) == (None, usd("10.0"))


def test_line_item_with_nested_money() -> None:
    line = line_items(rows())[0]

    assert line.id == f"{ID_PREFIX}li_1"
    assert line.details == ArcheraLineItemDetails(
        reference="li_1",
        commitment="550e8400-e29b-41d4-a716-446655440000",
        utilization=Decimal("0.97"),
        contract_term="thirty_day_gris",
        premium=usd("10.0"),
        rebate=usd("0.0"),
        net_savings=usd("30.0"),
        gross_savings=usd("40.0"),
    )
    assert (line.cost, line.category) == (usd("10.0"), ChargeCategory.PURCHASE)
    assert (line.quantity, line.unit_price, line.description, line.product) == (None, None, None, None)
    assert (line.product_group, line.product_line, line.region) == (None, None, None)
    assert line.invoice_id == "archera/savings/invoice/2026-01"
    assert line.credit is None  # a rebate of 0 is not a credit
    assert line.payload == rows()[0]


def test_line_item_without_money() -> None:
    line = line_items(rows())[1]

    assert line.cost is None
    assert line.details == ArcheraLineItemDetails(
        reference="li_2",
        commitment="7d444840-9dc0-11d1-b245-5ffdce74fad2",
        utilization=Decimal("0.0"),
        contract_term=None,
        premium=None,
        rebate=None,
        net_savings=None,
        gross_savings=None,
    )
    assert line.credit is None


def test_line_item_with_nested_parts_only() -> None:
    line = line_items(rows())[2]

    assert (line.cost, details(line).premium) == (usd("0"), usd("0"))
    assert (details(line).gross_savings, details(line).net_savings) == (usd("-50.25"), usd("-5.03"))
    assert details(line).contract_term == "eighteen_month_flex"  # an unknown term is passed on


def test_line_item_with_flat_money() -> None:
    line = line_items(rows("line-items-flat.200"))[0]

    assert line.cost == usd("12.340")
    assert format_decimal(line.cost.amount) == "12.340"
    assert (details(line).rebate, details(line).gross_savings) == (usd("3.21"), usd("100.5"))
    assert details(line).net_savings == usd("91.37")


def test_digest_id_ignores_shape_and_padding() -> None:
    nested = {"commitment_cost": {"breakdown": {"archera_premium": "10.00"}}}

    assert line_items([nested])[0].id == line_items([{"archera_premiums": 10}])[0].id


def test_raw_keeps_the_digits_of_numbers() -> None:
    raw: Any = stringify_numbers(line_items(rows())[0].payload)

    assert raw["commitment_financials"]["covered_ondemand_cost"] == "140.0"
    assert raw["utilization"] == "0.97"
