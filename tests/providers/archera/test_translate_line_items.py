"""The lines of an Archera invoice: commitments, their money in every shape, and rebates."""

from decimal import Decimal
from typing import Any

import pytest

from providers.account import AccountRef
from providers.archera import translate
from providers.archera.details import ArcheraLineItemDetails
from schema.filters import ChargeCategory, CreditKind
from schema.line_item import LineItem
from schema.scalars import CurrencyCode, format_decimal, stringify_numbers
from schema.values import Money
from tests.recorded import recorded

USD = CurrencyCode("USD")
OWNER = AccountRef("archera", "Archera", "savings")
MONTH = "2026-01"
LINE = f"archera/savings/line-item/{MONTH}/"


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency=USD)


def rows(case: str = "line-items.200") -> Any:
    return recorded("archera", case)


def lines(wire: Any, owner: AccountRef = OWNER, month: str = MONTH) -> list[LineItem]:
    lines = translate.Lines(wire, owner, month)
    return [translate.LINE(row, lines) for row in wire]


def details(line: LineItem) -> ArcheraLineItemDetails:
    assert isinstance(line.details, ArcheraLineItemDetails)
    return line.details


def test_a_rebate_is_also_a_credit() -> None:
    rebated = lines(rows())[2].credit

    assert rebated is not None
    assert (rebated.kind, rebated.value, rebated.reference) == (CreditKind.REBATE, usd("45.22"), "li_3")
    assert (rebated.used, rebated.remaining, rebated.starts_at, rebated.expires_at) == (None, None, None, None)
    assert (rebated.product, rebated.description) == (None, None)
    assert rebated.account_id == "archera/savings"
    assert rebated.invoice_id == "archera/savings/invoice/2026-01"
    assert rebated.id.startswith("archera/savings/credit/2026-01/")


@pytest.mark.parametrize(
    ("rebates", "credited"), [(None, False), ("", False), (0, False), ("-0.00", False), ("x", False), ("-1", True)]
)
def test_only_a_rebate_other_than_zero_is_a_credit(rebates: Any, credited: bool) -> None:
    [line] = lines([{"id": "li", "rebates": rebates}])

    assert (line.credit is not None) == credited


def test_rebates_of_lines_that_are_numbered_anew_each_month_are_two_grants() -> None:
    january, february = (lines([{"id": "1", "rebates": 5}], month=month)[0].credit for month in ("2026-01", "2026-02"))

    assert january is not None
    assert february is not None
    # What follows the invoice in an id is what tells one grant from another over all invoices.
    assert january.id.split("/")[4:] != february.id.split("/")[4:]


def test_lines_keep_archeras_order_and_their_own_ids() -> None:
    assert [line.id for line in lines(rows())] == [f"{LINE}li_1", f"{LINE}li_2", f"{LINE}li_3"]
    assert [line.id for line in lines(rows()[::-1])] == [f"{LINE}li_3", f"{LINE}li_2", f"{LINE}li_1"]


def test_lines_that_lack_or_share_an_id_have_ids_that_do_not_depend_on_the_order() -> None:
    odd = [
        {"id": "li_1", "archera_premiums": "1.0"},
        {"id": "li_1", "archera_premiums": "2"},
        {"archera_premiums": "3"},
        {"id": "li_9"},
    ]
    one, other = lines(odd), lines(odd[::-1])

    assert len({line.id for line in one}) == 4
    assert [line.id for line in one] == [line.id for line in reversed(other)]
    assert one[3].id == f"{LINE}li_9"
    assert [line.details.reference for line in one] == ["li_1", "li_1", None, "li_9"]


def test_lines_that_say_the_same_are_counted() -> None:
    found = lines([{}, {}, {"id": ""}])

    assert [line.id[-2:] for line in found] == ["-1", "-2", "-3"]
    assert len({line.id[:-2] for line in found}) == 1


def test_an_id_is_opaque_and_percent_encoded() -> None:
    assert lines([{"id": "li/1 ü"}])[0].id == f"{LINE}li%2F1%20%C3%BC"
    assert lines([{"id": 5}])[0].id == f"{LINE}5"


@pytest.mark.parametrize("value", [None, "", "NaN", True, [], "0,97"])
def test_a_utilization_that_cannot_be_read_is_null_and_the_rest_stands(value: Any) -> None:
    line = lines([rows()[0] | {"utilization": value}])[0]

    assert (details(line).utilization, line.cost) == (None, usd("10.0"))


def test_a_line_with_its_money_in_a_block() -> None:
    line = lines(rows())[0]

    assert line.id == f"{LINE}li_1"
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
    assert line.credit is None  # a rebate of 0 gives nothing
    assert line.payload == rows()[0]


def test_a_line_without_money_states_none() -> None:
    line = lines(rows())[1]

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


def test_a_line_with_the_two_parts_of_the_block_on_itself() -> None:
    line = lines(rows())[2]

    assert (line.cost, details(line).premium) == (usd("0"), usd("0"))
    assert (details(line).gross_savings, details(line).net_savings) == (usd("-50.25"), usd("-5.03"))
    assert details(line).contract_term == "eighteen_month_flex"  # a term that nobody has heard of is passed on


def test_a_line_with_flat_money() -> None:
    line = lines(rows("line-items-flat.200"))[0]

    assert line.cost == usd("12.340")
    assert format_decimal(line.cost.amount) == "12.340"
    assert (details(line).rebate, details(line).gross_savings) == (usd("3.21"), usd("100.5"))
    assert details(line).net_savings == usd("91.37")


def test_a_line_without_an_id_has_the_same_in_both_shapes_however_its_numbers_are_padded() -> None:
    nested = {"commitment_cost": {"breakdown": {"archera_premium": "10.00"}}}

    assert lines([nested])[0].id == lines([{"archera_premiums": 10}])[0].id


def test_raw_of_a_line_is_its_own_object_with_every_number_as_its_digits() -> None:
    raw: Any = stringify_numbers(lines(rows())[0].payload)

    assert raw["commitment_financials"]["covered_ondemand_cost"] == "140.0"
    assert raw["utilization"] == "0.97"
