"""Spend by project: shares, what they leave, and invoices that are not split."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from .test_spend import row, unpriced
from .world import (
    PALETTE,
    World,
    archera_line,
    fastly_invoice,
    fastly_line,
    palette_payload,
    palette_project,
    running_world,
)

OF_PALETTE = 'filterBy: {providers: ["spectrocloud"]}'
A, B = f"{PALETTE}/project/a", f"{PALETTE}/project/b"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


def project(project_id: str) -> dict[str, Any]:
    return {"project": project_id}


def without(because: str, *keys: str) -> dict[str, Any]:
    return {"unattributed": list(keys or ("PROJECT",)), "because": because}


async def test_each_project_has_its_shares(world: World) -> None:
    shares = [palette_project("a", pure=Decimal("1.10"), alloy=2), palette_project("b", pure=Decimal("3.30"))]
    world.palette([palette_payload(products={"pure": Decimal("4.40"), "alloy": 2}, projects=shares)])

    spend = await world.spend(f"groupBy: [PROJECT], {OF_PALETTE}")

    assert spend["breakdown"] == "PROJECTS"
    assert spend["rows"] == [row("USD", "3.10", (1, 2), **project(A)), row("USD", "3.30", (1, 1), **project(B))]
    assert spend["totals"] == [row("USD", "6.40", (1, 3))]


async def test_what_shares_leave_is_a_row(world: World) -> None:
    payload = palette_payload(products={"pure": 100, "alloy": 10}, projects=[palette_project("a", pure=70, alloy=12)])
    world.palette([payload])

    assert await world.rows(f"groupBy: [PROJECT, PRODUCT], {OF_PALETTE}") == [
        row("USD", "12", (1, 1), **project(A), product="Alloy"),
        row("USD", "70", (1, 1), **project(A), product="Pure"),
        row("USD", "-2", (1, 1), product="Alloy", **without("RESIDUAL")),
        row("USD", "30", (1, 1), product="Pure", **without("RESIDUAL")),
    ]
    assert await world.rows(f"groupBy: [PRODUCT], breakdown: PROJECTS, {OF_PALETTE}") == [
        row("USD", "10", (1, 2), product="Alloy"),
        row("USD", "100", (1, 2), product="Pure"),
    ]


async def test_both_views_of_palette_have_one_total(world: World) -> None:
    payload = palette_payload(products={"pure": 100}, projects=[palette_project("a", pure=70, alloy=12)])
    world.palette([payload])

    views = [(await world.spend(f"groupBy: [], breakdown: {view}"))["totals"][0] for view in ("LINES", "PROJECTS")]

    assert [view["billed"] for view in views] == ["100", "100"]
    assert [view["lines"] for view in views] == [1, 4]


async def test_unsplit_providers_keep_their_lines(world: World) -> None:
    world.fastly(fastly_invoice("A", "2026-10", fastly_line(1), fastly_line(-3, credit_coupon_code="C")))
    world.archera({"2026-10": [archera_line("1", 5), archera_line("2", None)]})
    world.palette([palette_payload(products={"pure": 7})])

    assert await world.rows("groupBy: [PROJECT]") == [
        row("USD", "3", (2, 3), **without("NOT_SPLIT")) | {"charges": "6", "credits": "-3"},
        row("USD", "7", (1, 1), **without("NOT_STATED")),
        unpriced(1, 1, **without("NOT_SPLIT")),
    ]


async def test_a_share_without_a_project_is_apart(world: World) -> None:
    shares = [palette_project(None, pure=4), palette_project("a", pure=6)]
    world.palette([palette_payload(products={"pure": 10}, projects=shares)])

    assert await world.rows(f"groupBy: [PROJECT], {OF_PALETTE}") == [
        row("USD", "6", (1, 1), **project(A)),
        row("USD", "4", (1, 1), **without("NOT_STATED")),
    ]


async def test_a_share_without_usage_has_no_product(world: World) -> None:
    share = {"projectUid": "a", "projectName": "A", "amount": 9}
    world.palette([palette_payload(products={"pure": 10}, projects=[share])])

    assert await world.rows(f"groupBy: [PROJECT, PRODUCT], {OF_PALETTE}") == [
        row("USD", "9", (1, 1), **project(A), **without("NOT_STATED", "PRODUCT")),
        row("USD", "10", (1, 1), product="Pure", **without("RESIDUAL")),
        row("USD", "-9", (1, 1), **without("RESIDUAL", "PROJECT", "PRODUCT")),
    ]


async def test_shares_are_all_that_is_known_without_lines(world: World) -> None:
    payload = palette_payload(products={}, projects=[palette_project("a", pure=9)])
    payload["status"]["productInvoice"] = None
    world.palette([payload])

    assert await world.rows(f"groupBy: [PROJECT], {OF_PALETTE}") == [row("USD", "9", (1, 1), **project(A))]


async def test_a_filter_of_projects_adds_only_their_shares(world: World) -> None:
    shares = [palette_project("a", pure=60), palette_project("b", pure=5)]
    world.palette([palette_payload(products={"pure": 100}, projects=shares)])

    spend = await world.spend(f'filterBy: {{projects: ["{B}", "{PALETTE}/project/none"]}}')

    assert spend == {
        "breakdown": "PROJECTS",
        "rows": [row("USD", "5", (1, 1), month="2026-10-01")],
        "totals": [row("USD", "5", (1, 1))],
    }
    assert world.service.calls("fastly") == world.service.calls("archera") == []


async def test_an_unreadable_share_is_reported(world: World) -> None:
    shares = [palette_project("a", pure=60), {**palette_project("b"), "usage": {"pure": {"amount": "1,5"}}}]
    world.palette([palette_payload(products={"pure": 100}, projects=shares)])

    assert await world.rows(f"groupBy: [PROJECT], {OF_PALETTE}") == [
        row("USD", "60", (1, 1), **project(A)),
        unpriced(1, 1, **project(B)),
        row("USD", "40", (1, 1), **without("RESIDUAL")),
    ]
    coverage = "coverage { account { id } status code }"
    found = (await world.service.data(f"{{ spend(groupBy: [PROJECT], {OF_PALETTE}) {{ {coverage} }} }}"))["spend"]
    assert found["coverage"] == [{"account": {"id": PALETTE}, "status": "PARTIAL", "code": "UNINTELLIGIBLE"}]


async def test_the_newest_name_of_a_project_is_shown() -> None:
    async with running_world(palette_invoices=2) as world:
        old, new = palette_project("a", pure=1), {**palette_project("a", pure=2), "projectName": "Renamed"}
        world.palette(
            [
                palette_payload(month="2026-09", products={"pure": 1}, projects=[old]),
                palette_payload(month="2026-10", products={"pure": 2}, projects=[new]),
            ]
        )
        document = "{ spend(groupBy: [PROJECT]) { rows { project { name } billed { amount } invoices } } }"

        rows = (await world.service.data(document))["spend"]["rows"]

    assert rows == [{"project": {"name": "Renamed"}, "billed": {"amount": "3"}, "invoices": 2}]
