"""States of credits at an instant, and filters on when credits expire."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from .finance.world import World, fastly_invoice, fastly_line, palette_payload, running_world

AS_OF = "2026-06-15T00:00:00Z"
NODES = "{ credits(%s) { nodes { reference state(asOf: %s) remaining { ... on Quantity { amount } } } totalCount } }"


def grant(reference: str, start: str | None, expiry: str | None, used: int | None = 1) -> dict[str, Any]:
    plan = {"creditUid": reference, "cpuCoreHours": 10, "start": start, "expiry": expiry, "type": "Pure"}
    uses = {} if used is None else {"totalCpuCoreHours": used}
    return {"planCredit": {key: value for key, value in plan.items() if value is not None}} | uses


def invoice(month: str, *grants: dict[str, Any]) -> dict[str, Any]:
    payload = palette_payload(month=month, products={"pure": 1})
    payload["spec"]["plan"] = {"freeCredits": list(grants)}
    return payload


GRANTS = [
    grant("later", "2026-07-01T00:00:00Z", "2027-07-01T00:00:00Z"),
    grant("active", "2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z"),
    grant("forever", "2026-01-01T00:00:00Z", None),
    grant("exhausted", "2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z", 10),
    grant("overused", None, None, 11),
    grant("expired", "2026-01-01T00:00:00Z", "2026-06-15T00:00:00Z", 10),
    grant("fresh", None, "2026-06-15T00:00:01Z", None),
]
STATES = {
    "later": "NOT_STARTED",
    "active": "ACTIVE",
    "forever": "ACTIVE",
    "exhausted": "EXHAUSTED",
    "overused": "EXHAUSTED",
    "expired": "EXPIRED",
    "fresh": "ACTIVE",
}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as instance:
        instance.palette([invoice("2026-06", *GRANTS)])
        yield instance


async def references(world: World, filter_by: str) -> set[str]:
    credits = (await world.service.data(NODES % (f"filterBy: {{{filter_by}}}", "null")))["credits"]
    assert credits["totalCount"] == len(credits["nodes"])
    return {node["reference"] for node in credits["nodes"]}


async def test_states_at_an_instant(world: World) -> None:
    nodes = (await world.service.data(NODES % ("first: 20", f'"{AS_OF}"')))["credits"]["nodes"]

    assert {node["reference"]: node["state"] for node in nodes} == STATES


@pytest.mark.parametrize("state", ["NOT_STARTED", "ACTIVE", "EXHAUSTED", "EXPIRED"])
async def test_filter_on_states(world: World, state: str) -> None:
    expected = {reference for reference, name in STATES.items() if name == state}

    assert await references(world, f'states: [{state}], asOf: "{AS_OF}"') == expected


@pytest.mark.parametrize(
    ("filter_by", "expected"),
    [
        (f'expiringWithin: 90, asOf: "{AS_OF}"', {"fresh", "active"}),
        (f'expiringWithin: 78, asOf: "{AS_OF}"', {"fresh", "active"}),
        (f'expiringWithin: 77, asOf: "{AS_OF}"', {"fresh"}),
        (f'expiringWithin: 0, asOf: "{AS_OF}"', set()),
        (f'expiringWithin: 3660, asOf: "{AS_OF}", states: [ACTIVE]', {"fresh", "active"}),
        ('expiringWithin: 3660, asOf: "9999-12-31T00:00:00Z"', set()),
        ('expiringWithin: 3660, asOf: "0001-01-01T00:00:00Z"', set()),
        ('expiringAfter: "2026-09-01T00:00:00Z"', {"later", "exhausted"}),
        ('expiringAfter: "2026-08-31T23:59:59Z", expiringBefore: "2026-12-01T00:00:00Z"', {"active"}),
        ('expiringBefore: "2026-06-15T00:00:01Z"', {"expired"}),
    ],
)
async def test_filter_on_expiry(world: World, filter_by: str, expected: set[str]) -> None:
    assert await references(world, filter_by) == expected


@pytest.mark.parametrize(
    "filter_by",
    [
        "expiringWithin: -1",
        "expiringWithin: 3661",
        'expiringAfter: "2026-06-15T00:00:00Z", expiringBefore: "2026-06-15T00:00:00Z"',
    ],
)
async def test_impossible_filters_are_refused(world: World, filter_by: str) -> None:
    payload = await world.service.query(NODES % (f"filterBy: {{{filter_by}}}", "null"))

    assert payload["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert world.service.all_calls() == []


@pytest.mark.parametrize(
    "filter_by", ["states: [ACTIVE]", "expiringWithin: 9", 'expiringAfter: "2026-01-01T00:00:00Z"']
)
async def test_accounts_without_dates_are_not_called(world: World, filter_by: str) -> None:
    await references(world, filter_by)

    assert (world.service.calls("fastly"), world.service.calls("archera")) == ([], [])
    assert len(world.service.calls("spectrocloud")) == 1


async def test_no_state_matches_nothing(world: World) -> None:
    assert await references(world, "states: []") == set()
    assert world.service.all_calls() == []


async def test_coupons_have_no_state(world: World) -> None:
    world.fastly(fastly_invoice("A", "2026-09", fastly_line(-1, credit_coupon_code="C")))

    nodes = (await world.service.data(NODES % ("filterBy: {kinds: [COUPON]}", "null")))["credits"]["nodes"]

    assert nodes == [{"reference": "C", "state": None, "remaining": None}]


async def test_a_grant_has_its_newest_figures() -> None:
    dates = ("2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z")
    async with running_world(palette_invoices=3) as world:
        world.palette(
            [invoice(f"2026-0{month}", grant("g", *dates, used)) for month, used in ((7, 4), (9, 10), (8, 7))]
        )

        nodes = (await world.service.data(NODES % ("first: 9", "null")))["credits"]["nodes"]
        assert nodes == [{"reference": "g", "state": "EXHAUSTED", "remaining": {"amount": "0"}}]
        assert await references(world, "states: [ACTIVE]") == set()
        assert await references(world, "states: [EXHAUSTED]") == {"g"}
