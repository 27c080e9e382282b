"""Checks of Palette's invoices: each one fires, and does not. A part of 0 may also be missing."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from .checking import checks, outcomes, reconciliations
from .world import PALETTE, World, palette_payload, palette_project, running_world

EXACT, OPEN = "EXACT", "NOT_EVALUABLE"
TIMES = ["2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z"]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


def invoice(products: Any, projects: Any = None, total: Any = None, **status: Any) -> dict[str, Any]:
    payload = palette_payload(products={}, projects=projects)
    rows = {name: row if isinstance(row, dict) else {"amount": row} for name, row in products.items()}
    payload["status"] |= {"productInvoice": rows, "billableAmount": total} | status
    return payload


async def outcomes_of(world: World, code: str, *arguments: Any, **fields: Any) -> list[tuple[str, ...]]:
    world.palette([invoice(*arguments, **fields)])
    return await outcomes(world, "spectrocloud", code)


async def test_total_and_products(world: World) -> None:
    code = "PRODUCTS_TOTAL"
    assert await outcomes_of(world, code, {"pure": 60, "alloy": 40}, total=100) == [(EXACT, "100", "100")]
    assert await outcomes_of(world, code, {"pure": 60, "alloy": 30}, total=100) == [("MISMATCH", "100", "90")]
    [check] = await checks(world, "spectrocloud", code)
    assert (check["severity"], check["subject"].startswith(f"{PALETTE}/invoice/")) == ("ERROR", True)


async def test_a_part_of_zero_may_be_missing(world: World) -> None:
    code = "PRODUCTS_TOTAL"
    assert await outcomes_of(world, code, {"pure": 100, "alloy": {}}, total=100) == [(EXACT, "100", "100")]
    assert await outcomes_of(world, code, {"pure": 60, "alloy": {}}, total=100) == [(OPEN, "ZERO_LEFT_OUT")]
    assert await outcomes_of(world, code, {"pure": 60, "alloy": None}, total=60) == [(OPEN, "NOT_STATED")]
    assert await outcomes_of(world, code, {}, total=60) == [(OPEN, "NOT_STATED")]


async def test_total_and_projects(world: World) -> None:
    def projects(*amounts: str) -> list[dict[str, Any]]:
        return [palette_project(str(index), pure=Decimal(amount)) for index, amount in enumerate(amounts)]

    code, products = "PROJECTS_TOTAL", {"pure": 100}
    fitting, missing = projects("33.33", "33.33", "33.34"), projects("33.33", "33.33")
    assert await outcomes_of(world, code, products, fitting, 100) == [(EXACT, "100", "100.00")]
    assert await outcomes_of(world, code, products, missing, 100) == [("MISMATCH", "100", "66.66")]
    assert await outcomes_of(world, code, products, [], 100) == [("MISMATCH", "100", "0")]
    assert await outcomes_of(world, code, products, None, 100) == [(OPEN, "NOT_STATED")]


async def test_a_project_and_its_usage(world: World) -> None:
    code, products = "PROJECT_USAGE", {"pure": 50}
    project = palette_project("a", pure=20, alloy=30)
    assert await outcomes_of(world, code, products, [project]) == [(EXACT, "50", "50")]

    project = palette_project("a", pure=20, alloy=20) | {"amount": 50}
    assert await outcomes_of(world, code, products, [project]) == [("MISMATCH", "50", "40")]
    [check] = await checks(world, "spectrocloud", code)
    assert (check["severity"], check["subject"]) == ("WARNING", f"{PALETTE}/project/a")

    assert await outcomes_of(world, code, products, [palette_project("a")]) == [(OPEN, "NOT_STATED")]


async def test_a_product_and_its_usage(world: World) -> None:
    code, products = "PRODUCT_USAGE", {"pure": 60}
    projects = [palette_project("a", pure=30), palette_project("b", pure=30)]
    assert await outcomes_of(world, code, products, projects) == [(EXACT, "60", "60")]

    projects = [palette_project("a", pure=30), palette_project("b", pure=20)]
    assert await outcomes_of(world, code, products, projects) == [("MISMATCH", "60", "50")]
    [check] = await checks(world, "spectrocloud", code)
    assert (check["severity"], check["subject"].rpartition("/")[2]) == ("WARNING", "pure")

    assert await outcomes_of(world, code, products, []) == [(OPEN, "NOT_STATED")]


async def test_price_of_the_tier(world: World) -> None:
    def product(amount: str, **fields: Any) -> dict[str, Any]:
        row = {"amount": Decimal(amount), "tierPrice": 30, "billableCredits": Decimal("41.152")}
        return {"pure": row | fields}

    code = "TIER_PRICE"
    assert await outcomes_of(world, code, product("1234.56")) == [(EXACT, "1234.560", "1234.56")]
    assert await outcomes_of(world, code, product("1000")) == [("MISMATCH", "1234.560", "1000")]
    assert await outcomes_of(world, code, product("1000", discount=10)) == [(OPEN, "DISCOUNT_UNDOCUMENTED")]
    assert await outcomes_of(world, code, product("1234.56", discount=10)) == [(EXACT, "1234.560", "1234.56")]
    assert await outcomes_of(world, code, product("1000", tierPrice=0)) == [(OPEN, "ZERO_LEFT_OUT")]
    assert await outcomes_of(world, code, product("1000", billableCredits=None)) == [(OPEN, "NOT_STATED")]


@pytest.mark.parametrize(
    ("used", "expected"), [(25_000, [(EXACT, "25000", "25000")]), (25_001, [("MISMATCH", "25000", "25001")])]
)
async def test_use_of_a_grant(world: World, used: int, expected: list[tuple[str, ...]]) -> None:
    payload = invoice({"pure": 1})
    grant = {"planCredit": {"cpuCoreHours": 25_000, "creditUid": "g", "type": "Pure"}, "totalCpuCoreHours": used}
    payload["spec"]["plan"] = {"freeCredits": [grant]}
    world.palette([payload])

    assert await outcomes(world, "spectrocloud", "GRANT_OVERUSE") == expected
    [check] = await checks(world, "spectrocloud", "GRANT_OVERUSE")
    assert (check["unit"], check["currency"], check["tolerance"]) == ("core-hours", None, "0")


@pytest.mark.parametrize(
    ("states", "contradictions"),
    [
        (["PaymentPending@0", "PaymentFailed@1", "Paid@2"], "0"),
        (["Paid@2", "PaymentFailed@2"], "1"),
        (["PaymentPending@0", "PaymentInProgress@0", "Paid@1"], "0"),
        (["Paid@0", "PaymentFailed@1", "PaymentInProgress@2"], "2"),
        (["Paid@0", "Paid@1"], "0"),
        (["Paid", "PaymentFailed"], "1"),
        (["Paid"], "0"),
        ([], "0"),
    ],
)
async def test_contradictions_in_a_payment_history(world: World, states: list[str], contradictions: str) -> None:
    rows = [
        {"state": word, "timestamp": TIMES[int(time)] if time else None}
        for word, _, time in (state.partition("@") for state in states)
    ]

    verdict = EXACT if contradictions == "0" else "MISMATCH"
    assert await outcomes_of(world, "PAYMENT_HISTORY", {"pure": 1}, states=rows) == [(verdict, "0", contradictions)]


async def test_an_invoice_without_a_status_is_not_evaluable(world: World) -> None:
    [reconciliation] = await reconciliations(world, "spectrocloud")

    assert reconciliation["verdict"] == EXACT  # its currency
    reasons = {check["code"]: check["reason"] for check in reconciliation["checks"] if check["reason"]}
    assert set(reasons.values()) == {"NOT_STATED"}
    assert len(reasons) == 7
