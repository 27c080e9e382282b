"""Sums over the recorded samples. The expected figures were added by hand, from the samples' own digits."""

from collections.abc import AsyncIterator

import pytest

from providers.sandbox import Fault
from tests.recorded import recorded_text
from tests.resolvers.fastly import LIST

from .test_spend import row, unpriced
from .world import ARCHERA, FASTLY, PALETTE, World, running_world

UIDS = {"invoice.200": "65bb0c1de4b0a1b2c3d4e5f6", "invoice-trial.200": "65692317a1b2c3d4e5f60718"}
SAMPLES = [
    ("fastly", "invoices.200", LIST),
    ("archera", "invoices.200", r"/invoices(\?|$)"),
    ("archera", "line-items.200", "/2026/1/line-items"),  # nested: 10.0, none and 0
    ("archera", "line-items-flat.200", "/line-items"),  # flat, in February and in March: 12.340
]


@pytest.fixture
async def recorded() -> AsyncIterator[World]:
    """A world that sends the recorded samples."""
    async with running_world(palette_invoices=2) as world:
        for provider in world.service.sandbox.apis:
            world.service.control(provider).faults.clear()
        for provider, case, path in SAMPLES:
            fault = Fault(kind="garbage", body=recorded_text(provider, case), path=path)
            world.service.control(provider).faults.append(fault)
        for uid, (case, recorded_uid) in zip(world.uids, UIDS.items(), strict=True):
            body = recorded_text("spectrocloud", case).replace(recorded_uid, uid)
            world.service.control("spectrocloud").faults.append(Fault(kind="garbage", body=body, path=f"{uid}$"))
        yield world


async def test_sums_of_each_month_and_account(recorded: World) -> None:
    spend = await recorded.spend("groupBy: [MONTH, ACCOUNT]")

    july = {"charges": "2892.03", "credits": "-75.00", "adjustments": "-25"}  # 292.03 + 2600
    assert spend["rows"] == [
        unpriced(1, 0, month="2023-11-01", account=PALETTE),
        row("USD", "292.03", (1, 1), month="2024-05-01", account=FASTLY),
        row("USD", "10.0", (1, 2), month="2026-01-01", account=ARCHERA),
        unpriced(1, 1, month="2026-01-01", account=ARCHERA),
        row("USD", "1253.06", (1, 2), month="2026-01-01", account=PALETTE),
        row("USD", "12.340", (1, 1), month="2026-02-01", account=ARCHERA),
        row("USD", "12.340", (1, 1), month="2026-03-01", account=ARCHERA),
        row("USD", "2792.03", (1, 4), month="2026-07-01", account=FASTLY) | july,
    ]
    assert spend["totals"] == [
        # 292.03 + 2792.03 + 1253.06 + 10.0 + 12.340 + 12.340
        row("USD", "4371.800", (6, 11)) | {"charges": "4471.800", "credits": "-75.00", "adjustments": "-25"},
        unpriced(2, 1),
    ]


async def test_sums_of_each_project(recorded: World) -> None:
    rows = await recorded.rows(f'groupBy: [PROJECT], filterBy: {{accounts: ["{PALETTE}"]}}')

    # The share without a uid is not in the products: 1253.06 - 1253.06 - 0.5. The third share has no amount.
    assert rows == [
        row("USD", "1253.06", (1, 2), project=f"{PALETTE}/project/5fbbf0a1"),
        row("USD", "0", (1, 1), project=f"{PALETTE}/project/5fbbf0a2"),
        row("USD", "0.5", (1, 1), unattributed=["PROJECT"], because="NOT_STATED"),
        row("USD", "-0.5", (1, 1), unattributed=["PROJECT"], because="RESIDUAL"),
        unpriced(1, 0, unattributed=["PROJECT"], because="NOT_STATED"),
    ]


async def test_stated_totals(recorded: World) -> None:
    document = "{ invoices { totals { sums { amount currency } invoices withoutTotal } } }"

    totals = (await recorded.service.data(document))["invoices"]["totals"]

    # 2792.0300 + 292.03 + 1253.06; Archera states none, and nothing was billed in the trial
    assert totals == {"sums": [{"amount": "4337.1200", "currency": "USD"}], "invoices": 7, "withoutTotal": 4}
