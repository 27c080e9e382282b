"""Spend: exact sums of lines by month, account, product and other keys."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from providers.sandbox import Fault

from .world import (
    ARCHERA,
    FASTLY,
    PALETTE,
    World,
    archera_line,
    fastly_invoice,
    fastly_line,
    palette_payload,
    running_world,
)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


def row(currency: str, billed: str, counts: tuple[int, int], **fields: Any) -> dict[str, Any]:
    """Return a row of charges only, with these numbers of invoices and lines."""
    invoices, lines = counts
    amounts = {"billed": billed, "charges": billed, "credits": "0", "adjustments": "0"}
    return {"currency": currency, **amounts, "invoices": invoices, "lines": lines, "unpriced": 0, **fields}


def unpriced(invoices: int, lines: int, **fields: Any) -> dict[str, Any]:
    return {"invoices": invoices, "lines": lines, "unpriced": lines, **fields}


async def test_each_month_and_currency_has_a_row(world: World) -> None:
    world.fastly(
        fastly_invoice("C", "2026-09", fastly_line(Decimal("0.10")), fastly_line(Decimal("0.20"))),
        fastly_invoice("B", "2026-09", fastly_line(Decimal("7.00")), currency_code="EUR"),
        fastly_invoice("A", "2026-08", fastly_line(Decimal("1.005"))),
    )
    world.palette([palette_payload(month="2026-09", products={"pure": Decimal("30.240000000000002")})])

    spend = await world.spend("")

    assert spend["rows"] == [
        row("USD", "1.005", (1, 1), month="2026-08-01"),
        row("EUR", "7.00", (1, 1), month="2026-09-01"),
        row("USD", "30.540000000000002", (2, 3), month="2026-09-01"),
    ]
    assert spend["totals"] == [row("EUR", "7.00", (1, 1)), row("USD", "31.545000000000002", (3, 4))]
    assert spend["breakdown"] == "LINES"


async def test_no_key_gives_one_row_for_each_currency(world: World) -> None:
    world.fastly(
        fastly_invoice("B", "2026-09", fastly_line(1)),
        fastly_invoice("A", "2026-08", fastly_line(2), currency_code="GBP"),
    )
    world.archera({"2026-07": [archera_line("1", Decimal("0.50"))]})
    world.palette([palette_payload(products={"pure": 3})])

    assert await world.rows("groupBy: []") == [row("GBP", "2", (1, 1)), row("USD", "4.50", (3, 3))]


async def test_categories_stand_beside_what_is_billed(world: World) -> None:
    lines = [
        fastly_line(Decimal("100.00")),
        fastly_line(2600, "Gold Support"),
        fastly_line(Decimal("-75.00"), credit_coupon_code="SUMMER26"),
        fastly_line(Decimal("-25.50")),
        fastly_line(Decimal("19.00"), "VAT"),
    ]
    world.fastly(fastly_invoice("A", "2026-09", *lines))
    world.palette([palette_payload(products={"pure": 1})])

    [archera_less] = await world.rows(f'groupBy: [ACCOUNT], filterBy: {{accounts: ["{FASTLY}"]}}')

    assert archera_less == {
        "account": FASTLY,
        "currency": "USD",
        "billed": "2618.50",
        "charges": "2700.00",
        "credits": "-75.00",
        "adjustments": "-25.50",
        "taxes": "19.00",
        "invoices": 1,
        "lines": 5,
        "unpriced": 0,
    }


async def test_every_key_of_lines_groups_them(world: World) -> None:
    where = {"region": "Asia", "product_group": "Delivery"}
    world.fastly(
        fastly_invoice("A", "2026-09", fastly_line(1, **where), fastly_line(2, **where), fastly_line(4, "WAF"))
    )
    keys = "MONTH, PROVIDER, ACCOUNT, CATEGORY, PRODUCT_GROUP, PRODUCT, REGION"

    rows = await world.rows(f'groupBy: [{keys}], filterBy: {{providers: ["fastly"]}}')

    of_invoice = {"month": "2026-09-01", "provider": "fastly", "account": FASTLY, "category": "USAGE"}
    assert rows == [
        row("USD", "3", (1, 2), **of_invoice, productGroup="Delivery", product="CDN", region="Asia"),
        row(
            "USD",
            "4",
            (1, 1),
            **of_invoice,
            product="WAF",
            unattributed=["PRODUCT_GROUP", "REGION"],
            because="NOT_STATED",
        ),
    ]


async def test_what_has_no_value_is_a_row_of_its_own(world: World) -> None:
    world.fastly(fastly_invoice("A", "2026-09", fastly_line(1), fastly_line(2, "")))
    world.palette([palette_payload(products={"alloy": 8})])
    world.archera({"2026-09": [archera_line("1", 4)]})

    assert await world.rows("groupBy: [PRODUCT]") == [
        row("USD", "8", (1, 1), product="Alloy"),
        row("USD", "1", (1, 1), product="CDN"),
        row("USD", "6", (2, 2), unattributed=["PRODUCT"], because="NOT_STATED"),
    ]


async def test_an_unknown_amount_or_currency_is_apart(world: World) -> None:
    world.fastly(
        fastly_invoice("C", "2026-09", fastly_line(5, ""), currency_code="credits"),
        fastly_invoice("B", "2026-09", fastly_line(1), fastly_line(None), fastly_line(None)),
    )
    world.archera({"2026-09": [archera_line("1", None), archera_line("2", Decimal("2.5"))]})
    world.palette([palette_payload(month="2026-09", products={"pure": 3}, currency="tokens")])

    assert (await world.spend(""))["rows"] == [
        row("USD", "3.5", (2, 2), month="2026-09-01"),
        unpriced(4, 5, month="2026-09-01"),
    ]


async def test_an_invoice_without_lines_is_counted(world: World) -> None:
    world.fastly(fastly_invoice("A", "2026-09"), fastly_invoice("B", "2026-08", transaction_line_items=None))

    spend = await world.spend("groupBy: [ACCOUNT, CATEGORY]")

    nothing = {"unattributed": ["CATEGORY"], "because": "NOT_STATED"}
    assert spend["rows"] == [unpriced(2, 0, account=FASTLY, **nothing), unpriced(1, 0, account=PALETTE, **nothing)]
    assert spend["totals"] == [unpriced(3, 0)]


async def test_totals_are_stated_and_need_no_lines(world: World) -> None:
    world.fastly(fastly_invoice("A", "2026-09", fastly_line(1), monthly_transaction_amount=Decimal("9.90")))
    world.palette([palette_payload(month="2026-09", products={"pure": 4})])
    world.archera({"2026-09": [archera_line("1", 7)], "2026-08": [archera_line("1", 7)]})

    spend = await world.spend("groupBy: [PROVIDER], breakdown: TOTALS")

    assert spend["rows"] == [
        unpriced(2, 2, provider="archera"),
        {"provider": "fastly", "currency": "USD", "billed": "9.90", "invoices": 1, "lines": 1, "unpriced": 0},
        {"provider": "spectrocloud", "currency": "USD", "billed": "4", "invoices": 1, "lines": 1, "unpriced": 0},
    ]
    assert len(world.service.calls("archera")) == 1


async def test_the_running_month_is_not_added(world: World) -> None:
    world.service.control("fastly").faults.clear()

    await world.spend(f'filterBy: {{accounts: ["{FASTLY}"]}}')

    assert [path.split("?")[0] for path in world.service.calls("fastly")] == ["/billing/v3/invoices"]


async def test_the_filter_chooses_the_invoices(world: World) -> None:
    world.fastly(fastly_invoice("B", "2026-09", fastly_line(1)), fastly_invoice("A", "2026-08", fastly_line(2)))

    period = 'periodFrom: "2026-08-01", periodTo: "2026-08-31"'

    assert await world.rows(f'filterBy: {{providers: ["fastly"], {period}}}') == [
        row("USD", "2", (1, 1), month="2026-08-01")
    ]
    assert await world.rows("filterBy: {accounts: []}") == []


async def test_sums_of_extreme_amounts_are_exact(world: World) -> None:
    large, small = Decimal(f"9{'0' * 37}E+30"), Decimal("1E-30")
    world.fastly(fastly_invoice("A", "2026-09", *[fastly_line(large), fastly_line(small)] * 20))

    [found] = await world.rows('groupBy: [], filterBy: {providers: ["fastly"]}')

    assert found["billed"] == f"18{'0' * 68}.{'0' * 28}20"


COVERAGE = "{ spend { totals { billed { amount } } coverage { account { id } status code message } } }"


async def coverage_of(world: World, account: str) -> Any:
    coverage = (await world.service.data(COVERAGE))["spend"]["coverage"]
    assert [entry["account"]["id"] for entry in coverage] == [FASTLY, PALETTE, ARCHERA]
    return next((entry["status"], entry["code"]) for entry in coverage if entry["account"]["id"] == account)


async def test_lines_that_fail_are_reported(world: World) -> None:
    world.archera({"2026-09": [archera_line("1", 1)], "2026-08": [archera_line("1", 2)]})
    world.service.control("archera").faults.insert(0, Fault(kind="status", status=503, path="/2026/9/line-items"))

    spend = await world.spend('filterBy: {providers: ["archera"]}')

    assert spend["rows"] == [row("USD", "2", (1, 1), month="2026-08-01")]
    assert await coverage_of(world, ARCHERA) == ("PARTIAL", "UNAVAILABLE")


async def test_an_unreadable_amount_is_reported(world: World) -> None:
    lines = [fastly_line("1,234.50")] * 12
    world.fastly(fastly_invoice("A", "2026-09", fastly_line(1), *lines))

    spend = await world.spend('filterBy: {providers: ["fastly"]}')

    assert spend["rows"] == [row("USD", "1", (1, 1), month="2026-09-01"), unpriced(1, 12, month="2026-09-01")]
    assert await coverage_of(world, FASTLY) == ("PARTIAL", "UNINTELLIGIBLE")
    response = await world.service.query(COVERAGE)
    [message] = [each["message"] for each in response["data"]["spend"]["coverage"] if each["account"]["id"] == FASTLY]
    assert message.endswith("12 failures occurred in total.")
    [entry] = [each for each in response["extensions"]["coverage"] if each["account"] == FASTLY]
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNINTELLIGIBLE")


async def test_an_account_that_fails_is_missing(world: World) -> None:
    world.service.control("fastly").faults[:] = [Fault(kind="status", status=403)]

    assert await coverage_of(world, FASTLY) == ("MISSING", "FORBIDDEN")
    assert await coverage_of(world, PALETTE) == ("PARTIAL", "UNLISTED")


async def test_an_unknown_id_adds_a_warning(world: World) -> None:
    response = await world.service.query('{ spend(filterBy: {accounts: ["cdn"]}) { rows { lines } } }')

    assert [(each["field"], each["argument"]) for each in response["extensions"]["warnings"]] == [
        ("spend", "filterBy.accounts")
    ]
