"""Checks of Fastly's invoices: each one fires, and does not."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.resolvers.fastly import invoice_fault

from .checking import checks, discrepancies, outcomes, reconciliations
from .world import FASTLY, World, fastly_invoice, fastly_line, running_world

LINE: dict[str, Any] = {"rate": Decimal("0.0075"), "amount": Decimal("148.59")}

DETAIL = f"""{{ invoice(id: "{FASTLY}/invoice/A") {{
  total {{ amount }} reconciliation {{ checks {{ expected actual }} }} }} }}"""
LISTED = "invoices?limit=100"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


def invoice(*lines: dict[str, Any], total: object = "60.12", **fields: Any) -> dict[str, Any]:
    return fastly_invoice("A", "2026-09", *lines, monthly_transaction_amount=total, **fields)


async def test_total_and_sum_of_the_lines(world: World) -> None:
    world.fastly(invoice(fastly_line("50.12"), fastly_line("10.00")))
    assert await outcomes(world, "fastly", "LINES_TOTAL") == [("EXACT", "60.12", "60.12")]

    world.fastly(invoice(fastly_line("48.00"), fastly_line("10.00")))
    assert await checks(world, "fastly", "LINES_TOTAL") == [
        {
            "code": "LINES_TOTAL",
            "verdict": "MISMATCH",
            "severity": "ERROR",
            "subject": f"{FASTLY}/invoice/A",
            "expected": "60.12",
            "actual": "58.00",
            "difference": "-2.12",
            "tolerance": "1.00",
            "currency": "USD",
            "unit": None,
            "reason": None,
        }
    ]


@pytest.mark.parametrize(
    ("lines", "total", "verdict", "severity"),
    [
        (["60.13"], "60.12", "WITHIN_TOLERANCE", "WARNING"),
        (["30.06", "30.07"], "60.12", "ROUNDING", "INFO"),
        (["-1", "1"], "0", "EXACT", "INFO"),
        ([], "60.12", "MISMATCH", "ERROR"),
    ],
)
async def test_small_differences(world: World, lines: list[str], total: str, verdict: str, severity: str) -> None:
    world.fastly(invoice(*map(fastly_line, lines), total=total))

    [check] = await checks(world, "fastly", "LINES_TOTAL")

    assert (check["verdict"], check["severity"]) == (verdict, severity)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"total": None}, "NOT_STATED"),
        ({"transaction_line_items": [{"description": "x", "rate": 1, "units": 1}]}, "NOT_STATED"),
        ({"currency_code": "dollars"}, "NO_CURRENCY"),
        ({"currency_code": "XYZ"}, "NO_MINOR_UNIT"),
        ({"currency_code": "XAU"}, "NO_MINOR_UNIT"),
        ({"total": "1,50"}, "UNREADABLE"),
    ],
)
async def test_why_a_sum_is_not_evaluable(world: World, fields: dict[str, Any], reason: str) -> None:
    world.fastly(invoice(fastly_line("60.12"), **fields))

    assert await outcomes(world, "fastly", "LINES_TOTAL") == [("NOT_EVALUABLE", reason)]


async def test_an_invoice_without_lines_states_no_sum(world: World) -> None:
    world.fastly(invoice() | {"transaction_line_items": None})

    assert await outcomes(world, "fastly", "LINES_TOTAL") == [("NOT_EVALUABLE", "NOT_STATED")]
    assert await outcomes(world, "fastly", "LINE_PRODUCT") == [("NOT_EVALUABLE", "NOT_STATED")]


async def test_cost_and_product_of_a_line(world: World) -> None:
    world.fastly(invoice(fastly_line(units=19_812, **LINE)))
    assert await outcomes(world, "fastly", "LINE_PRODUCT") == [("EXACT", "148.5900", "148.59")]

    world.fastly(invoice(fastly_line(units=20_000, **LINE)))
    [check] = await checks(world, "fastly", "LINE_PRODUCT")
    assert (check["verdict"], check["expected"], check["difference"]) == ("MISMATCH", "150.0000", "-1.4100")
    assert (check["severity"], check["subject"].startswith(f"{FASTLY}/line-item/A/")) == ("WARNING", True)


async def test_parts_that_agree_are_one_outcome(world: World) -> None:
    lines = [fastly_line(units=units, **LINE) for units in (19_812, "19812.1", 20_000, "19812.2", 19_812, 30_000)]
    world.fastly(invoice(*lines, fastly_line("1.00", rate=None)))

    assert await outcomes(world, "fastly", "LINE_PRODUCT") == [
        ("MISMATCH", "150.0000", "148.59"),
        ("MISMATCH", "225.0000", "148.59"),
        ("EXACT", "148.5900", "148.59"),
        ("ROUNDING", "148.59150", "148.59"),  # the largest difference of two
        ("NOT_EVALUABLE", "NOT_STATED"),
    ]


@pytest.mark.parametrize(("code", "actual"), [("USD", "0"), ("XAU", "0"), ("XYZ", "1"), ("dollars", "1"), (None, "1")])
async def test_currency_is_one_of_iso_4217(world: World, code: str | None, actual: str) -> None:
    world.fastly(invoice(fastly_line("60.12"), currency_code=code))

    verdict = "MISMATCH" if actual == "1" else "EXACT"
    assert await outcomes(world, "fastly", "CURRENCY") == [(verdict, "0", actual)]


async def test_one_payment_word_is_no_contradiction(world: World) -> None:
    world.fastly(invoice(payment_status="paid"))
    assert await outcomes(world, "fastly", "PAYMENT_HISTORY") == [("EXACT", "0", "0")]

    world.fastly(invoice(payment_status=None))
    assert await outcomes(world, "fastly", "PAYMENT_HISTORY") == [("NOT_EVALUABLE", "NOT_STATED")]


async def test_verdict_is_the_worst_one_evaluated(world: World) -> None:
    line = fastly_line("60.12")
    for lines, total, verdict in [([line], "60.12", "EXACT"), ([line], "9", "MISMATCH"), ([line], None, "EXACT")]:
        world.fastly(invoice(*lines, total=total))
        assert [each["verdict"] for each in await reconciliations(world, "fastly")] == [verdict]


async def test_list_and_detail_are_compared_once_read() -> None:
    async with running_world(account_settings={"attempts": 1}) as world:
        world.fastly(invoice(fastly_line("60.12")))
        for total, verdict in [("60.1200", "EXACT"), ("61.12", "MISMATCH")]:
            detail = invoice_fault("A", invoice(fastly_line("60.12"), total=total))
            world.service.control("fastly").faults.insert(0, detail)
            await world.service.post({"query": DETAIL}, **{"Cache-Control": "no-cache"})
            assert await outcomes(world, "fastly", "LIST_DETAIL") == [(verdict, "60.12", total)]
        details = await world.service.data(DETAIL)
        assert details["invoice"]["reconciliation"]["checks"][-1] == {"expected": "60.12", "actual": "61.12"}
        assert [path.rpartition("/")[2] for path in world.service.calls("fastly")] == ["A", LISTED, "A"]


async def test_a_detail_that_was_not_read_costs_no_call(world: World) -> None:
    world.fastly(invoice(fastly_line("60.12")))

    assert await outcomes(world, "fastly", "LIST_DETAIL") == [("NOT_EVALUABLE", "NOT_READ")]
    assert len(world.service.calls("fastly")) == 1


async def test_the_running_invoice_is_reconciled_by_itself(world: World) -> None:
    world.service.control("fastly").faults.clear()
    document = "{ monthToDate { nodes { reconciliation { verdict checks { code verdict } } } } }"

    [node] = (await world.service.data(document))["monthToDate"]["nodes"]

    assert node["reconciliation"]["checks"][0] == {"code": "LINES_TOTAL", "verdict": "EXACT"}
    assert [each for each in (await discrepancies(world))["nodes"] if "month-to-date" in str(each)] == []
