"""Arguments of spend that contradict each other, and the order of its rows."""

from collections.abc import AsyncIterator

import pytest

from .test_spend import row
from .world import World, fastly_invoice, fastly_line, running_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("groupBy: [PRODUCT], breakdown: TOTALS", "groupBy has PRODUCT, which the breakdown TOTALS does not have."),
        ("groupBy: [PROJECT], breakdown: LINES", "groupBy has PROJECT, which the breakdown LINES does not have."),
        ("groupBy: [PROJECT, REGION]", "groupBy has REGION, which the breakdown PROJECTS does not have."),
        (
            "groupBy: [CATEGORY], breakdown: PROJECTS",
            "groupBy has CATEGORY, which the breakdown PROJECTS does not have.",
        ),
        (
            'filterBy: {projects: ["x"]}, breakdown: LINES',
            "filterBy.projects adds shares of projects, which the breakdown LINES does not have.",
        ),
        ('filterBy: {periodFrom: "2026-02-01", periodTo: "2026-01-01"}', "periodFrom must be on or before periodTo."),
        ('convertTo: "XAU"', "convertTo must be a currency of ISO 4217 with a minor unit, such as USD."),
        ('convertTo: "ZZZ"', "convertTo must be a currency of ISO 4217 with a minor unit, such as USD."),
    ],
)
async def test_a_contradiction_is_refused(world: World, arguments: str, message: str) -> None:
    error = await world.error(arguments)

    assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")
    assert world.service.all_calls() == []


async def test_the_order_of_keys_orders_the_rows(world: World) -> None:
    world.fastly(
        fastly_invoice("B", "2026-09", fastly_line(1, "A"), fastly_line(2, "B")),
        fastly_invoice("A", "2026-08", fastly_line(3, "B"), fastly_line(4, "A")),
    )
    only = 'filterBy: {providers: ["fastly"]}'

    by_month = [
        row("USD", "4", (1, 1), month="2026-08-01", product="A"),
        row("USD", "3", (1, 1), month="2026-08-01", product="B"),
        row("USD", "1", (1, 1), month="2026-09-01", product="A"),
        row("USD", "2", (1, 1), month="2026-09-01", product="B"),
    ]
    assert await world.rows(f"groupBy: [MONTH, PRODUCT], {only}") == by_month
    assert await world.rows(f"groupBy: [MONTH, PRODUCT, MONTH], {only}") == by_month
    assert await world.rows(f"groupBy: [PRODUCT, MONTH], {only}") == [by_month[index] for index in (0, 2, 1, 3)]


async def test_too_many_rows_are_refused(world: World) -> None:
    invoices = [
        fastly_invoice(f"{key}", "2026-09", *(fastly_line(1, f"{key} {number}") for number in range(2_501)))
        for key in ("A", "B")
    ]
    only = 'filterBy: {providers: ["fastly"]}'

    world.fastly(invoices[0])
    assert len(await world.rows(f"groupBy: [PRODUCT], {only}")) == 2_501
    world.fastly(*invoices)
    error = await world.error(f"groupBy: [PRODUCT], {only}")

    assert error["message"] == "spend has more than 5,000 rows. Use fewer keys, or a narrower filter."
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
