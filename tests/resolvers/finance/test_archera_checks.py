"""Checks of Archera's invoices: each one fires, and does not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers.sandbox import Fault
from providers.sandbox.data import encode

from .checking import CHECKS, checks, outcomes
from .world import ARCHERA, World, running_world

DETAIL = f'{{ invoice(id: "{ARCHERA}/invoice/2026-09") {{ number }} }}'


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        yield instance


def line(**fields: Any) -> dict[str, Any]:
    return {"id": "l", "archera_premiums": 10, "rebates": 0, "total_savings": 40, "net_savings": 30} | fields


async def outcomes_of(world: World, code: str, *lines: dict[str, Any]) -> list[tuple[str, ...]]:
    world.archera({"2026-09": list(lines)})
    return await outcomes(world, "archera", code)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (1, ("EXACT", "1", "1")),
        (0, ("EXACT", "0", "0")),
        ("1.02", ("MISMATCH", "1", "1.02")),
        ("-0.1", ("MISMATCH", "0", "-0.1")),
        (None, ("NOT_EVALUABLE", "NOT_STATED")),
    ],
)
async def test_utilization(world: World, share: object, expected: tuple[str, ...]) -> None:
    assert await outcomes_of(world, "UTILIZATION", line(utilization=share)) == [expected]

    [check] = await checks(world, "archera", "UTILIZATION")
    assert (check["unit"], check["subject"]) == ("share of the commitment", f"{ARCHERA}/line-item/2026-09/l")


async def test_savings(world: World) -> None:
    assert await outcomes_of(world, "SAVINGS", line()) == [("EXACT", "30", "30")]
    assert await outcomes_of(world, "SAVINGS", line(rebates=3, net_savings=33)) == [("EXACT", "33", "33")]
    assert await outcomes_of(world, "SAVINGS", line(rebates=None)) == [("NOT_EVALUABLE", "NOT_STATED")]
    assert await outcomes_of(world, "SAVINGS", line(net_savings=35)) == [("MISMATCH", "30", "35")]
    [check] = await checks(world, "archera", "SAVINGS")
    assert (check["severity"], check["currency"], check["difference"]) == ("INFO", "USD", "5")


async def test_lines_that_fail_are_an_error(world: World) -> None:
    world.archera({"2026-09": []})
    world.service.control("archera").faults.insert(0, Fault(kind="status", status=403, path="line-items"))

    payload = await world.service.query(CHECKS, {"filter": {"providers": ["archera"]}})

    assert payload["data"]["invoices"]["nodes"] == [{"reconciliation": None}]
    assert payload["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("listed", "detailed", "expected"),
    [
        ("10.0", 10, ("EXACT", "10.0", "10")),
        (10, 11, ("MISMATCH", "10", "11")),
        (None, 11, ("NOT_EVALUABLE", "NOT_STATED")),
    ],
)
async def test_list_and_detail(listed: object, detailed: object, expected: tuple[str, ...]) -> None:
    async with running_world(account_settings={"attempts": 1}) as world:
        rows = [{"year": 2026, "month": 9, "total_cloud_bill": bill} for bill in (listed, detailed)]
        for body, path in [(rows[:1], r"/invoices$"), (rows[1], "/9$"), ([], "line-items")]:
            world.service.control("archera").faults.insert(
                0, Fault(kind="garbage", body=encode(body).decode(), path=path)
            )
        await world.service.data(DETAIL)

        assert await outcomes(world, "archera", "LIST_DETAIL") == [expected]
        assert len(world.service.calls("archera")) == 3
