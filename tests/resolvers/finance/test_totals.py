"""Sums of stated totals, and the sum of an invoice's lines."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from providers.sandbox import Fault
from tests.harness import Service

from .world import ARCHERA, FASTLY, World, archera_line, fastly_invoice, fastly_line, palette_payload, running_world

TOTALS = "{ invoices(first: 1%s) { totals { sums { amount currency } invoices withoutTotal } nodes { id } } }"
LINES = """{ invoices(filterBy: {providers: ["%s"]}) { nodes {
  total { amount } linesTotal { sum { amount currency } lines unpriced } } } }"""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


async def totals(world: World, arguments: str = "") -> Any:
    return (await world.service.data(TOTALS % arguments))["invoices"]["totals"]


async def lines_totals(world: World, provider: str) -> Any:
    nodes = (await world.service.data(LINES % provider))["invoices"]["nodes"]
    return [node["linesTotal"] for node in nodes]


def money(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


async def test_totals_add_what_matches_on_every_page(world: World) -> None:
    world.fastly(
        fastly_invoice("C", "2026-09", monthly_transaction_amount=Decimal("0.10")),
        fastly_invoice("B", "2026-08", monthly_transaction_amount=Decimal("5.00"), currency_code="EUR"),
        fastly_invoice("A", "2026-07", monthly_transaction_amount=Decimal("0.20")),
    )
    world.palette([palette_payload(products={"pure": 9})])
    world.archera({"2026-09": []})

    assert await totals(world) == {"sums": [money("5.00", "EUR"), money("9.30")], "invoices": 5, "withoutTotal": 1}
    assert await totals(world, ', filterBy: {providers: ["fastly"], periodTo: "2026-08-31"}') == {
        "sums": [money("5.00", "EUR"), money("0.20")],
        "invoices": 2,
        "withoutTotal": 0,
    }
    assert await totals(world, ', filterBy: {currency: ["GBP"]}') == {"sums": [], "invoices": 0, "withoutTotal": 0}


async def test_totals_of_unread_accounts_are_unknown(world: World) -> None:
    world.service.control("fastly").faults[:] = [Fault(kind="status", status=503)]

    assert await totals(world) is None
    assert await totals(world, ', filterBy: {providers: ["spectrocloud"]}') is not None


async def test_an_unreadable_total_is_an_error(world: World) -> None:
    world.fastly(fastly_invoice("A", "2026-09", monthly_transaction_amount="1,50"))

    payload = await world.service.query(TOTALS % "")

    assert payload["data"]["invoices"]["totals"] is None
    assert [
        (error["path"], error["extensions"]["code"], error["extensions"]["account"]) for error in payload["errors"]
    ] == [(["invoices", "totals"], "UNINTELLIGIBLE", FASTLY)]


async def test_totals_of_one_account(world: World) -> None:
    world.fastly(fastly_invoice("A", "2026-09"))
    document = f'{{ account(id: "{FASTLY}") {{ invoices {{ totals {{ sums {{ amount }} invoices }} }} }} }}'

    account = (await world.service.data(document))["account"]

    assert account["invoices"]["totals"] == {"sums": [{"amount": "1.50"}], "invoices": 1}
    assert world.service.calls("archera") == []


async def test_premiums_add_up_without_a_total(world: World) -> None:
    lines = [archera_line("1", Decimal("12.340")), archera_line("2", None), archera_line("3", Decimal("0.66"))]
    world.archera({"2026-09": lines, "2026-08": [archera_line("1", None)], "2026-07": []})

    assert await lines_totals(world, "archera") == [
        {"sum": money("13.000"), "lines": 3, "unpriced": 1},
        {"sum": None, "lines": 1, "unpriced": 1},
        {"sum": None, "lines": 0, "unpriced": 0},
    ]
    assert len(world.service.calls("archera")) == 4


async def test_lines_stand_beside_the_stated_total(world: World) -> None:
    invoice = fastly_invoice("A", "2026-09", fastly_line(3), fastly_line(-1), monthly_transaction_amount=5)
    world.fastly(invoice, fastly_invoice("B", "2026-08", transaction_line_items=None))

    nodes = (await world.service.data(LINES % "fastly"))["invoices"]["nodes"]

    assert nodes == [
        {"total": {"amount": "5"}, "linesTotal": {"sum": money("2"), "lines": 2, "unpriced": 0}},
        {"total": {"amount": "1.50"}, "linesTotal": None},
    ]


@pytest.mark.parametrize("fault", [Fault(kind="status", status=403, path="line-items"), None])
async def test_lines_that_cannot_be_added_are_an_error(world: World, fault: Fault | None) -> None:
    world.archera({"2026-09": [archera_line("1", "1,50")]})
    if fault:
        world.service.control("archera").faults.insert(0, fault)

    payload = await world.service.query(LINES % "archera")

    assert payload["data"]["invoices"]["nodes"] == [{"total": None, "linesTotal": None}]
    [error] = payload["errors"]
    assert error["extensions"] == {
        "code": "FORBIDDEN" if fault else "UNINTELLIGIBLE",
        "account": ARCHERA,
        "provider": "archera",
    }


async def test_the_running_invoice_has_a_sum_of_lines(service: Service) -> None:
    document = "{ monthToDate { nodes { total { amount } linesTotal { sum { amount currency } unpriced } } } }"

    [node] = (await service.data(document))["monthToDate"]["nodes"]

    assert node["linesTotal"] == {"sum": {**node["total"], "currency": "USD"}, "unpriced": 0}
