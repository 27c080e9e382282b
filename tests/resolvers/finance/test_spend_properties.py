"""For any data and any keys, the rows of spend add up to the totals of the flat list of lines, digit for digit."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from decimal import Context, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .world import World, archera_line, fastly_invoice, fastly_line, palette_payload, palette_project, running_world

EXACT = Context(prec=200)
EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink an example takes minutes
)
MONTHS = st.sampled_from(["2026-05", "2026-06", "2026-07"])
AMOUNTS = st.decimals(min_value=-(10**20), max_value=10**20, places=None, allow_nan=False).map(
    lambda amount: Decimal(f"{amount:.9f}")
) | st.sampled_from([Decimal("0.00"), Decimal("-0.005"), Decimal("1E+2"), Decimal("30.240000000000002")])
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "pts", None])
KEYS = ["MONTH", "PROVIDER", "ACCOUNT", "PRODUCT", "PRODUCT_GROUP", "REGION", "CATEGORY"]
PROJECT_KEYS = ["MONTH", "PROVIDER", "ACCOUNT", "PRODUCT", "PROJECT"]
LINES = st.lists(
    st.builds(
        fastly_line,
        AMOUNTS | st.none(),
        st.sampled_from(["CDN", "TLS", "VAT", ""]),
        region=st.sampled_from(["Asia", "Europe", ""]),
        product_group=st.sampled_from(["Delivery", ""]),
        credit_coupon_code=st.sampled_from(["", "SUMMER"]),
    ),
    max_size=4,
)
SHARES = st.lists(
    st.builds(palette_project, st.sampled_from(["a", "b", None]), pure=AMOUNTS, alloy=AMOUNTS), max_size=3
)
PREMIUMS = st.dictionaries(MONTHS, st.lists(AMOUNTS | st.none(), max_size=3))
LISTING = "{ invoices(first: 200) { nodes { lineItems(first: 200) { nodes { cost { amount currency } } } } } }"


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Generate the invoices of all providers."""
    fastly = [
        fastly_invoice(str(number), month, *lines, currency_code=currency)
        for number, (month, lines, currency) in enumerate(
            draw(st.lists(st.tuples(MONTHS, LINES, CURRENCIES), max_size=4))
        )
    ]
    products = st.dictionaries(st.sampled_from(["pure", "alloy"]), AMOUNTS, min_size=1)
    palette = palette_payload(
        month=draw(MONTHS), products=draw(products), projects=draw(SHARES | st.none()), currency=draw(CURRENCIES)
    )
    archera = {
        month: [archera_line(str(number), premium) for number, premium in enumerate(premiums)]
        for month, premiums in draw(PREMIUMS).items()
    }
    return {"fastly": fastly, "palette": palette, "archera": archera}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[asyncio.Runner, World]]:
    """One service for all examples, with the event loop that it belongs to."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(running_world()))
        yield runner, world
        runner.run(stack.aclose())


def fill(world: World, content: dict[str, Any]) -> None:
    world.fastly(*content["fastly"])
    world.palette([content["palette"]])
    world.archera(content["archera"])


def add(amounts: list[str]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        assert isinstance(amount, str)  # JSON has no exact numbers
        total = EXACT.add(total, Decimal(amount))
    return total


async def flat_sums(world: World) -> tuple[dict[str, Decimal], int]:
    """Return the sum of the listed lines in each currency, and the number of lines without a cost."""
    nodes = (await world.service.data(LISTING))["invoices"]["nodes"]
    costs = [line["cost"] for node in nodes for line in (node["lineItems"] or {"nodes": []})["nodes"]]
    amounts = defaultdict(list)
    for cost in costs:
        if cost is not None:
            amounts[cost["currency"]].append(cost["amount"])
    return {currency: add(found) for currency, found in amounts.items()}, costs.count(None)


def check_sums(spend: dict[str, Any]) -> dict[str, Decimal]:
    """Check that rows add up to totals, and parts to what is billed. Return the totals by currency."""
    by_currency: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for row in spend["rows"]:
        by_currency[row.get("currency")].append(row)
    assert len({json.dumps({**row, "billed": ""}, sort_keys=True) for row in spend["rows"]}) == len(spend["rows"])
    assert [total.get("currency") for total in spend["totals"]] == sorted(
        by_currency, key=lambda code: (code is None, code)
    )
    for total in spend["totals"]:
        rows = by_currency[total.get("currency")]
        for name in ("billed", "charges", "credits", "adjustments", "taxes"):
            assert add([row[name] for row in rows if name in row]) == Decimal(total.get(name, 0))
        assert [sum(row[name] for row in rows) for name in ("lines", "unpriced")] == [total["lines"], total["unpriced"]]
        parts = [total[name] for name in ("charges", "credits", "adjustments", "taxes") if name in total]
        assert add(parts) == Decimal(total.get("billed", 0))
        assert (total["unpriced"] == 0) if "currency" in total else (total["unpriced"] == total["lines"])
    return {total["currency"]: Decimal(total["billed"]) for total in spend["totals"] if "currency" in total}


@EXAMPLES
@given(content=worlds(), keys=st.lists(st.sampled_from(KEYS), max_size=7, unique=True))
def test_any_keys_add_up_to_the_flat_list(running: tuple[asyncio.Runner, World], content: Any, keys: list[str]) -> None:
    runner, world = running
    fill(world, content)

    spend = runner.run(world.spend(f"groupBy: [{', '.join(keys)}]"))

    sums, unpriced = runner.run(flat_sums(world))
    assert check_sums(spend) == sums
    assert sum(total["unpriced"] for total in spend["totals"]) == unpriced


@EXAMPLES
@given(content=worlds(), keys=st.lists(st.sampled_from(PROJECT_KEYS), max_size=5, unique=True))
def test_projects_have_the_totals_of_lines(
    running: tuple[asyncio.Runner, World], content: Any, keys: list[str]
) -> None:
    runner, world = running
    fill(world, content)

    by_project = runner.run(world.spend(f"groupBy: [{', '.join(keys)}], breakdown: PROJECTS"))
    by_line = runner.run(world.spend("groupBy: [], breakdown: LINES"))

    billed, of_lines = check_sums(by_project), check_sums(by_line)
    assert {code: amount for code, amount in billed.items() if amount} == {
        code: amount for code, amount in of_lines.items() if amount
    }


@EXAMPLES
@given(content=worlds(), keys=st.permutations(KEYS))
def test_the_order_of_keys_changes_no_sum(running: tuple[asyncio.Runner, World], content: Any, keys: list[str]) -> None:
    runner, world = running
    fill(world, content)

    one, other = (runner.run(world.spend(f"groupBy: [{', '.join(order)}]")) for order in (KEYS, keys))

    def plain(row: dict[str, Any]) -> str:
        return json.dumps({**row, "unattributed": sorted(row.get("unattributed", []))}, sort_keys=True)

    assert sorted(map(plain, one["rows"])) == sorted(map(plain, other["rows"]))
    assert one["totals"] == other["totals"]
