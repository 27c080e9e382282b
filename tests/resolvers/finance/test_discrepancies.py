"""The list of discrepancies: order, pages, filters, coverage, and the calls that it costs."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers.sandbox import Fault
from tests.harness import Service

from .checking import DISCREPANCIES, discrepancies
from .world import ARCHERA, World, archera_line, fastly_invoice, fastly_line, palette_payload, running_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


def wrong_totals(*months: str) -> list[dict[str, Any]]:
    return [fastly_invoice(month, month, fastly_line(1), monthly_transaction_amount=9) for month in months]


def codes(page: Any) -> list[str]:
    return [
        f"{node['check']['code']}@{(node['invoice'] or node['account'])['id'].rpartition('/')[2]}"
        for node in page["nodes"]
    ]


async def test_the_sandbox_has_none(service: Service) -> None:
    page = (await service.data(DISCREPANCIES, {"least": "WARNING"}))["discrepancies"]

    assert (page["totalCount"], page["nodes"]) == (0, [])
    assert [entry["status"] for entry in page["coverage"]] == ["COMPLETE", "COMPLETE", "PARTIAL"]


async def test_worst_come_first_then_newest(world: World) -> None:
    other = fastly_invoice("2026-09", "2026-09", fastly_line(5, rate=1), currency_code="USD")
    world.fastly(other | {"monthly_transaction_amount": 5}, *wrong_totals("2026-08", "2026-07"))
    world.archera({"2026-09": [archera_line("l", 1) | {"utilization": 2}], "2026-07": []})
    world.palette([palette_payload(products={"pure": 9})])

    page = await discrepancies(world, least="WARNING")

    assert codes(page) == [
        "LINES_TOTAL@2026-08",
        "LINES_TOTAL@2026-07",
        "LINE_PRODUCT@2026-09",
        "UTILIZATION@2026-09",
        "MONTH_GAP@sandbox-archera",
    ]
    assert page["totalCount"] == 5


async def test_pages_return_each_one_once(world: World) -> None:
    months = [f"2026-{month:02}" for month in range(9, 0, -1)]
    world.fastly(*wrong_totals(*months))
    everything = await discrepancies(world, first=200)
    seen: list[str] = []
    after = None
    while True:
        page = await discrepancies(world, first=2, after=after)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["totalCount"] == everything["totalCount"] == len(everything["nodes"])
        seen += codes(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == codes(everything)
    assert len(seen) > 18
    assert seen[:9] == [f"LINES_TOTAL@{month}" for month in months]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"least": "ERROR"}, ["LINES_TOTAL@2026-08", "LINES_TOTAL@2026-07"]),
        ({"least": "ERROR", "filter": {"periodFrom": "2026-08-01"}}, ["LINES_TOTAL@2026-08"]),
        ({"least": "ERROR", "filter": {"accounts": [ARCHERA]}}, []),
        ({"filter": {"providers": []}}, []),
        ({"first": 0}, []),
    ],
)
async def test_filters(world: World, variables: dict[str, Any], expected: list[str]) -> None:
    world.fastly(*wrong_totals("2026-08", "2026-07"))

    assert codes(await discrepancies(world, **variables)) == expected


@pytest.mark.parametrize("arguments", ["first: 201", "first: -1", 'after: "x"', 'filterBy: {totalMin: "1"}'])
async def test_wrong_arguments_are_refused(world: World, arguments: str) -> None:
    payload = await world.service.query(f"{{ discrepancies({arguments}) {{ totalCount }} }}")

    assert payload["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert world.service.all_calls() == []


async def test_calls_are_those_of_a_listing_with_lines(service: Service) -> None:
    await service.data("{ invoices(first: 200) { nodes { lineItems { nodes { id } } } } }")
    listing = sorted(service.all_calls())
    service.reset_calls()

    await service.data(DISCREPANCIES)

    assert sorted(service.all_calls()) == listing


async def test_an_invoice_without_its_lines_is_reported(world: World) -> None:
    world.archera({"2026-09": [], "2026-08": [archera_line("l", 1) | {"utilization": 2}]})
    world.service.control("archera").faults.insert(0, Fault(kind="status", status=403, path="/9/line-items"))

    page = await discrepancies(world, least="WARNING", filter={"accounts": [ARCHERA]})

    assert codes(page) == ["UTILIZATION@2026-08"]
    assert page["coverage"] == [{"account": {"id": ARCHERA}, "status": "PARTIAL", "code": "FORBIDDEN"}]
    assert page["totalCount"] is None


async def test_calls_beyond_the_budget_are_not_made() -> None:
    async with running_world(max_provider_calls=4) as world:
        world.archera({f"2026-0{month}": [] for month in range(1, 8)})

        page = await discrepancies(world, filter={"accounts": [ARCHERA]})

        assert len(world.service.calls("archera")) == 4
        assert page["coverage"][0]["code"] == "RATE_LIMITED"


async def test_unknown_ids_are_warned_of(world: World) -> None:
    payload = await world.service.query('{ discrepancies(filterBy: {providers: ["Fastly"]}) { totalCount } }')

    [warning] = payload["extensions"]["warnings"]
    assert (warning["field"], warning["nearestId"]) == ("discrepancies", "fastly")
