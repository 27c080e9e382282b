"""Conversion by the operator's rates: which rate counts, and how amounts are rounded."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from server.config.rates import RatesSettings

from .world import World, archera_line, fastly_invoice, fastly_line, palette_payload, running_world

RATES = "{ base quote rate date source }"
TOTAL_IN = (
    '{ invoices(filterBy: {providers: ["fastly"]}) { nodes { totalIn(%s) { money { amount currency } rates %s } } } }'
)
SPEND = """{ spend(%s) {
  rows { currency billed { amount } converted { amount currency } rates %s } totals { converted { amount } } } }"""


@pytest.fixture
def rates(tmp_path: Any) -> Any:
    """Return a function from lines of an own file, and perhaps of the ECB's, to settings with these files."""

    def read(lines: Sequence[str], ecb: Sequence[str] = ()) -> RatesSettings:
        own, ecb_file = tmp_path / "own.csv", tmp_path / "eurofxref-hist.csv"
        own.write_text("\n".join(["base,currency,date,rate,source", *lines]))
        ecb_file.write_text("\n".join(ecb))
        return RatesSettings(files=(own, ecb_file) if ecb else (own,))

    return read


def world_with(settings: RatesSettings) -> AbstractAsyncContextManager[World]:
    return running_world(rates=settings)


def rate(base: str, quote: str, value: str, day: str, source: str = "Bank") -> dict[str, str]:
    return {"base": base, "quote": quote, "rate": value, "date": day, "source": source}


async def converted(settings: RatesSettings, amount: object, to: str = "EUR", month: str = "2026-09") -> Any:
    """Return amount and rates of an invoice in USD that ends on the 28th."""
    async with world_with(settings) as world:
        world.fastly(fastly_invoice("A", month, monthly_transaction_amount=amount))
        document = TOTAL_IN % (f'to: "{to}"', RATES)
        nodes = (await world.service.data(document))["invoices"]["nodes"]
        [found] = [node["totalIn"] for node in nodes]
        return found and (found["money"]["amount"], found["rates"])


async def test_a_direct_rate_multiplies(rates: Any) -> None:
    settings = rates(["USD,EUR,2026-09-28,0.90,Bank", "EUR,USD,2026-09-28,2,Bank"])

    assert await converted(settings, Decimal("10.05")) == ("9.05", [rate("USD", "EUR", "0.90", "2026-09-28")])


async def test_an_inverse_rate_divides(rates: Any) -> None:
    settings = rates(["EUR,USD,2026-09-28,1.5,Bank"])

    assert await converted(settings, Decimal("0.10")) == ("0.07", [rate("EUR", "USD", "1.5", "2026-09-28")])


async def test_a_cross_rate_goes_through_one_base(rates: Any) -> None:
    ecb = ["Date,USD,JPY,GBP,", "2026-09-28,1.2500,150.25,N/A,", "2026-09-25,1.2,140,0.85,"]
    settings = rates([], ecb)

    assert await converted(settings, Decimal(10), "JPY") == (
        "1202",
        [rate("EUR", "USD", "1.2500", "2026-09-28", "ECB"), rate("EUR", "JPY", "150.25", "2026-09-28", "ECB")],
    )
    assert await converted(settings, Decimal(10), "GBP") == (
        "6.80",
        [rate("EUR", "USD", "1.2500", "2026-09-28", "ECB"), rate("EUR", "GBP", "0.85", "2026-09-25", "ECB")],
    )


@pytest.mark.parametrize(
    ("amount", "value", "result"),
    [
        ("0.045", "3", "0.02"),  # 0.015 exactly: divided once, after the multiplication
        ("-0.045", "3", "-0.02"),
        ("0.044999999999999999999999999999", "3", "0.01"),
        ("1", "3", "0.33"),
        ("2", "3", "0.67"),
        ("10000000000000000000000000000000000.005", "1", "10000000000000000000000000000000000.01"),
    ],
)
async def test_amounts_round_half_up_once(rates: Any, amount: str, value: str, result: str) -> None:
    settings = rates([f"EUR,USD,2026-09-28,{value},Bank"])

    assert (await converted(settings, Decimal(amount)))[0] == result


@pytest.mark.parametrize(("to", "amount"), [("JPY", "2"), ("KWD", "1.500"), ("CLF", "1.5000")])
async def test_the_minor_unit_is_that_of_iso_4217(rates: Any, to: str, amount: str) -> None:
    settings = rates([f"USD,{to},2026-09-28,1,Bank"])

    assert (await converted(settings, Decimal("1.5"), to))[0] == amount


@pytest.mark.parametrize(("day", "is_found"), [("2026-09-21", True), ("2026-09-20", False), ("2026-09-29", False)])
async def test_a_rate_is_at_most_seven_days_old(rates: Any, day: str, is_found: bool) -> None:
    settings = rates([f"USD,EUR,{day},0.5,Bank"])

    found = await converted(settings, Decimal(1))

    assert found == (("0.50", [rate("USD", "EUR", "0.5", day)]) if is_found else None)


async def test_the_newest_rate_wins_then_the_first_file(rates: Any) -> None:
    ecb = ["Date,USD,", "2026-09-28,4,", "2026-09-27,8,"]
    own = ["EUR,USD,2026-09-28,2,Treasury", "EUR,USD,2026-09-26,16,Treasury"]

    assert await converted(rates(own, ecb), Decimal(8)) == ("4.00", [rate("EUR", "USD", "2", "2026-09-28", "Treasury")])
    assert await converted(rates(own[1:], ecb), Decimal(8)) == ("2.00", [rate("EUR", "USD", "4", "2026-09-28", "ECB")])


async def test_the_same_currency_needs_no_rate(rates: Any) -> None:
    assert await converted(rates([]), Decimal("1.005"), "USD") == ("1.01", [])


async def test_the_day_can_be_that_of_issue_or_today(rates: Any) -> None:
    today = datetime.now(UTC).date()
    settings = rates(["USD,EUR,2026-09-28,2,Bank", "USD,EUR,2026-10-03,3,Bank", f"USD,EUR,{today},5,Bank"])
    async with world_with(settings) as world:
        invoice = fastly_invoice("A", "2026-09", monthly_transaction_amount=1)
        world.fastly(invoice | {"invoice_posted_on": "2026-10-03T23:00:00-02:00"}, invoice | {"invoice_id": "B"})
        fields = " ".join(
            f'{day.lower()}: totalIn(to: "EUR", on: {day}) {{ money {{ amount }} }}'
            for day in ("PERIOD_END", "ISSUED", "TODAY")
        )
        only = 'filterBy: {providers: ["fastly"]}'
        nodes = (await world.service.data(f"{{ invoices({only}) {{ nodes {{ {fields} }} }} }}"))["invoices"]["nodes"]

    amounts = [{name: found and found["money"]["amount"] for name, found in node.items()} for node in nodes]
    assert amounts == [
        {"period_end": "2.00", "issued": None, "today": "5.00"},
        {"period_end": "2.00", "issued": "3.00", "today": "5.00"},
    ]


async def test_an_unknown_target_is_refused(rates: Any) -> None:
    async with world_with(rates([])) as world:
        world.fastly(fastly_invoice("A", "2026-09"))
        payload = await world.service.query(TOTAL_IN % ('to: "XXX"', RATES))

    assert {error["message"] for error in payload["errors"]} == {
        "to must be a currency of ISO 4217 with a minor unit, such as USD."
    }
    assert {error["extensions"]["code"] for error in payload["errors"]} == {"BAD_USER_INPUT"}


async def test_spend_converts_each_invoice_by_its_rate(rates: Any) -> None:
    settings = rates(["USD,EUR,2026-09-28,0.5,Bank", "USD,EUR,2026-08-28,0.25,Bank"])
    async with world_with(settings) as world:
        world.fastly(
            fastly_invoice("C", "2026-09", fastly_line(Decimal("0.03")), fastly_line(Decimal("0.02"))),
            fastly_invoice("B", "2026-09", fastly_line(Decimal("0.05"))),
            fastly_invoice("A", "2026-08", fastly_line(Decimal("0.06"))),
        )
        only = 'filterBy: {providers: ["fastly"]}, convertTo: "EUR"'
        spend = (await world.service.data(SPEND % (f"groupBy: [], {only}", RATES)))["spend"]
        by_month = (await world.service.data(SPEND % (only, RATES)))["spend"]

    august, september = rate("USD", "EUR", "0.25", "2026-08-28"), rate("USD", "EUR", "0.5", "2026-09-28")
    assert spend["rows"] == [  # 0.025, 0.025 and 0.015 are rounded before they are added
        {
            "currency": "USD",
            "billed": {"amount": "0.16"},
            "converted": {"amount": "0.08", "currency": "EUR"},
            "rates": [august, september],
        }
    ]
    assert [(row["converted"]["amount"], row["rates"]) for row in by_month["rows"]] == [
        ("0.02", [august]),
        ("0.06", [september]),
    ]
    assert spend["totals"] == by_month["totals"] == [{"converted": {"amount": "0.08"}}]


async def test_a_missing_rate_leaves_the_sum_null(rates: Any) -> None:
    settings = rates(["USD,EUR,2026-09-28,0.5,Bank"])
    async with world_with(settings) as world:
        world.fastly(fastly_invoice("B", "2026-09", fastly_line(1)), fastly_invoice("A", "2026-08", fastly_line(2)))
        world.palette([palette_payload(month="2026-09", products={"pure": 4}, currency="eur")])
        spend = (await world.service.data(SPEND % ('groupBy: [MONTH], convertTo: "EUR"', RATES)))["spend"]

    assert [(row["currency"], row["converted"]) for row in spend["rows"]] == [
        ("USD", None),
        ("EUR", {"amount": "4.00", "currency": "EUR"}),
        ("USD", {"amount": "0.50", "currency": "EUR"}),
    ]
    assert [row["rates"] for row in spend["rows"]] == [None, [], [rate("USD", "EUR", "0.5", "2026-09-28")]]
    assert spend["totals"] == [{"converted": {"amount": "4.00"}}, {"converted": None}]


async def test_unpriced_amounts_are_not_converted(rates: Any) -> None:
    async with world_with(rates(["USD,EUR,2026-09-28,0.5,Bank"])) as world:
        world.archera({"2026-09": [archera_line("1", None)]})
        only = 'filterBy: {providers: ["archera"]}, convertTo: "EUR"'
        [row] = (await world.service.data(SPEND % (only, RATES)))["spend"]["rows"]

    assert row == {"currency": None, "billed": None, "converted": None, "rates": None}


@pytest.mark.parametrize("document", ['{ spend(convertTo: "EUR") { breakdown } }', TOTAL_IN % ('to: "EUR"', RATES)])
async def test_missing_rates_add_a_warning(document: str) -> None:
    async with running_world() as world:
        world.fastly(fastly_invoice("B", "2026-09"), fastly_invoice("A", "2026-08"))
        [warning] = (await world.service.query(document))["extensions"]["warnings"]

    assert warning == {
        "message": "Nothing is converted: the operator of this service has configured no exchange rates.",
        "field": "spend" if "spend" in document else "totalIn",
        "argument": "convertTo" if "spend" in document else "to",
        "nearestId": None,
    }


async def test_nothing_is_converted_unless_requested(rates: Any) -> None:
    async with world_with(rates(["USD,EUR,2026-09-28,0.5,Bank"])) as world:
        world.fastly(fastly_invoice("A", "2026-09", fastly_line(1)))
        [row] = (await world.service.data(SPEND % ('filterBy: {providers: ["fastly"]}', RATES)))["spend"]["rows"]

    assert row == {"currency": "USD", "billed": {"amount": "1"}, "converted": None, "rates": None}
