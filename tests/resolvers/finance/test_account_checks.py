"""Checks of all invoices of an account: each one fires, and does not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers.sandbox import Fault
from tests.resolvers.fastly import list_fault

from .checking import discrepancies, found
from .world import FASTLY, World, fastly_invoice, fastly_line, palette_payload, running_world

FASTLY_ONLY = {"providers": ["fastly"]}
REPEATED = ("MISMATCH", "1", "2")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


def may(key: str, *amounts: object, **fields: Any) -> dict[str, Any]:
    return fastly_invoice(key, "2026-05", *map(fastly_line, amounts), **fields)


async def test_one_number_under_two_ids_is_a_duplicate(world: World) -> None:
    world.fastly(may("B", 1, statement_number="INV-1"), may("A", 2, statement_number="INV-1"))

    [node] = [n for n in (await discrepancies(world))["nodes"] if n["check"]["code"] == "DUPLICATE"]

    assert (node["invoice"]["id"], node["check"]["subject"]) == (f"{FASTLY}/invoice/B", f"{FASTLY}/invoice/A")
    assert node["check"] | {"subject": ""} == {
        "code": "DUPLICATE",
        "verdict": "MISMATCH",
        "severity": "ERROR",
        "subject": "",
        "expected": "1",
        "actual": "2",
        "difference": "1",
        "tolerance": "0",
        "currency": None,
        "unit": "invoices",
        "reason": None,
    }


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ([1], "DUPLICATE"),
        (["1.00"], "DUPLICATE"),
        ([2], "SECOND_INVOICE"),
        ([1, 1], "SECOND_INVOICE"),
    ],
)
async def test_the_same_content_twice_is_a_duplicate(world: World, second: list[object], code: str) -> None:
    world.fastly(may("B", *second), may("A", 1))

    assert await found(world, "DUPLICATE") == ([("B", REPEATED)] if code == "DUPLICATE" else [])
    assert await found(world, "SECOND_INVOICE") == ([("B", REPEATED)] if code == "SECOND_INVOICE" else [])


async def test_one_invoice_for_each_month_is_not_repeated(world: World) -> None:
    world.fastly(fastly_invoice("B", "2026-06", fastly_line(1)), may("A", 1))

    assert await found(world, "DUPLICATE") + await found(world, "SECOND_INVOICE") == []


async def test_empty_invoices_are_no_duplicates() -> None:
    async with running_world(palette_invoices=2) as world:
        world.palette([palette_payload(), palette_payload()])

        assert await found(world, "DUPLICATE") == []
        assert len(await found(world, "SECOND_INVOICE")) == 1


async def test_months_without_an_invoice(world: World) -> None:
    months = ["2026-09", "2026-05", "2026-04", "2026-01"]
    world.fastly(*(fastly_invoice(month, month) for month in months))

    nodes = [n for n in (await discrepancies(world))["nodes"] if n["check"]["code"] == "MONTH_GAP"]

    gaps = [node["check"] for node in nodes if node["account"]["id"] == FASTLY]
    assert sorted((gap["expected"], gap["actual"], gap["unit"], gap["severity"]) for gap in gaps) == [
        ("2", "0", "invoices of 2026-02 to 2026-03", "WARNING"),
        ("3", "0", "invoices of 2026-06 to 2026-08", "WARNING"),
    ]
    assert all(node["invoice"] is None for node in nodes)


@pytest.mark.parametrize(
    ("filter_by", "reasons"),
    [
        (FASTLY_ONLY, []),
        (FASTLY_ONLY | {"periodFrom": "2026-05-01"}, []),
        (FASTLY_ONLY | {"search": "x"}, ["NOT_READ"]),
        ({"providers": ["spectrocloud"]}, ["UNLISTED"]),
    ],
)
async def test_when_a_gap_is_not_evaluable(world: World, filter_by: Any, reasons: list[str]) -> None:
    world.fastly(fastly_invoice("B", "2026-06"), may("A"))

    gaps = await found(world, "MONTH_GAP", filter=filter_by)

    assert gaps == [(None, ("NOT_EVALUABLE", reason)) for reason in reasons]


async def test_a_long_period_leaves_no_gap(world: World) -> None:
    quarter = may("A", billing_end_date="2026-07-31T00:00:00Z")
    world.fastly(fastly_invoice("B", "2026-08"), quarter)

    assert await found(world, "MONTH_GAP", filter=FASTLY_ONLY) == []


async def test_periods_that_overlap(world: World) -> None:
    shifted = fastly_invoice(
        "B", "2026-05", billing_start_date="2026-05-15T00:00:00Z", billing_end_date="2026-06-14T00:00:00Z"
    )
    world.fastly(shifted, may("A", billing_end_date="2026-05-31T00:00:00Z"))

    assert await found(world, "OVERLAP") == [("B", ("MISMATCH", "0", str(17 * 24 * 3600)))]

    world.fastly(fastly_invoice("B", "2026-06"), may("A", billing_end_date="2026-05-31T00:00:00Z"))
    assert await found(world, "OVERLAP") == []


async def test_count_of_the_list(world: World) -> None:
    invoices = [fastly_invoice("B", "2026-06"), may("A")]
    for total, expected in [(2, []), (3, [(None, ("MISMATCH", "3", "2"))])]:
        world.service.control("fastly").faults[:] = [list_fault(*invoices, total=total)]
        assert await found(world, "LIST_COUNT", filter=FASTLY_ONLY) == expected


async def test_a_list_that_failed_is_not_counted(world: World) -> None:
    world.service.control("fastly").faults[:] = [
        list_fault(may("A"), next_cursor="x", total=9, times=1),
        Fault(kind="status", status=503),
    ]

    page = await discrepancies(world, filter=FASTLY_ONLY)

    reasons = {n["check"]["code"]: n["check"]["reason"] for n in page["nodes"] if n["invoice"] is None}
    assert reasons == {"LIST_COUNT": "NOT_READ", "MONTH_GAP": "NOT_READ"}
    assert (page["totalCount"], page["coverage"][0]["code"]) == (None, "UNAVAILABLE")
