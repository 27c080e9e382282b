"""What spend costs: provider calls, turns of the event loop, and time until the deadline."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from providers import PROVIDERS
from providers.call import CallContext
from providers.fastly.client import FastlySettings
from providers.fastly.translate import FastlyInvoice
from providers.source import DateWindow, InvoicePage
from resolvers.accounts import AccountRegistry
from resolvers.finance.rates import NO_RATES, RateSeries, RateTable
from resolvers.pacer import STEPS_PER_TURN
from server.accounts import build_graph
from server.config.settings import ServerSettings
from server.operations.request import GraphQLRequest
from server.operations.response import DeadlineExceeded
from server.operations.runner import OperationRunner
from tests.harness import Service
from tests.resolvers.fastly import invoice_payload, line_payload
from tests.uncached import uncached

YEARS = 'filterBy: {periodFrom: "2023-11-01", periodTo: "2026-10-31"}'
LISTING = (
    f"{{ invoices(first: 200, {YEARS}) {{ nodes {{ lineItems(first: 200) {{ nodes {{ cost {{ amount }} }} }} }} }} }}"
)
SUMS = "{ spend(groupBy: [MONTH, ACCOUNT, PRODUCT], %s) { totals { invoices billed { amount } } } }"


async def calls_of(service: Service, document: str) -> list[str]:
    service.reset_calls()
    await service.data(document)
    return sorted(service.all_calls())


async def test_spend_makes_the_calls_of_the_listing(service: Service) -> None:
    listing = await calls_of(service, LISTING)

    assert await calls_of(service, SUMS % YEARS) == listing
    assert len(listing) == 37 + 1 + 36
    assert await calls_of(service, SUMS.replace("PRODUCT", "PROJECT") % YEARS) == listing


async def test_totals_make_the_calls_of_a_listing(service: Service) -> None:
    plain = await calls_of(service, LISTING.replace("lineItems(first: 200) { nodes { cost { amount } } }", "id"))

    assert await calls_of(service, SUMS.replace(", PRODUCT", "") % f"{YEARS}, breakdown: TOTALS") == plain
    assert len(plain) == 1 + 1 + 36


async def test_sums_of_one_operation_share_the_calls(service: Service) -> None:
    sums = SUMS.removeprefix("{ ").removesuffix(" }") % YEARS

    calls = await calls_of(service, f"{{ a: {sums} b: {sums} }}")

    assert len(calls) == 37 + 1 + 36


async def test_spend_has_a_price(service: Service) -> None:
    document = "{ spend { rows { month } totals { lines } } }"

    reported = (await service.post({"query": document}, **{"GraphQL-Cost": "report"})).json()

    assert reported["extensions"]["cost"]["estimated"] == 1_000 + 1 + 1_000 + 1 + 5


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("".join(f"a{n}: spend {{ breakdown }} " for n in range(200)), None),
        ("".join(f"a{n}: spend {{ rows {{ {'lines ' * 10} }} }} " for n in range(40)), "costs more than 250,000"),
        ("".join(f"a{n}: spend {{ rows {{ lines }} }} " for n in range(51)), "more than 50,000 list elements"),
    ],
)
def test_many_sums_cost_too_much(query: str, reason: str | None) -> None:
    schema = build_graph(compiled=False)
    context: Any = None

    errors = schema.prepare_execution(schema.documents(f"{{ {query} }}"), None, {}, context)

    assert (reason is None) is not isinstance(errors, list)
    assert reason is None or (isinstance(errors, list) and reason in errors[0].message)


class LocalSource:
    """A source with a local list of many lines."""

    settings = FastlySettings(id="cdn", provider="fastly", api_key=SecretStr("secret"))
    volatile_keys = frozenset[str]()
    list_is_local = list_is_static = True

    def __init__(self, invoices: int, lines: int, months: int = 1) -> None:
        rows = [line_payload(amount="1.50", product_name=f"Product {number}") for number in range(lines)]
        self._payloads = [
            invoice_payload(f"A{number}", f"2026-{number % months + 1:02}", *rows, monthly_transaction_amount="1.50")
            for number in range(invoices)
        ]

    async def page(self, _window: DateWindow, _cursor: str | None, _call: CallContext) -> InvoicePage:
        observed_at, ref = datetime.now(UTC), self.settings.account_ref
        invoices = [FastlyInvoice.translate(payload, ref, observed_at, in_list=True) for payload in self._payloads]
        return InvoicePage(observed_at, invoices=invoices)


def runner_of(source: LocalSource, deadline: float, rates: RateTable = NO_RATES) -> OperationRunner:
    accounts = AccountRegistry(PROVIDERS.values(), [uncached(source)])
    return OperationRunner(build_graph(), lambda: accounts, ServerSettings(deadline=deadline), rates=rates)


async def execute(runner: OperationRunner, query: str) -> Any:
    operation = runner.receive(GraphQLRequest(query=query), "r")
    response = await runner.execute(operation, runner.start_deadline())
    payload = json.loads(response.body_bytes())
    return payload.get("data") or payload["errors"]


@contextmanager
def counted_turns() -> Iterator[list[int]]:
    """Count the turns of the event loop."""
    turns = [0]

    async def count() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(count())
    yield turns
    task.cancel()


@pytest.mark.parametrize(("invoices", "lines"), [(1, 5_000), (500, 10)])
@pytest.mark.parametrize("arguments", ["", "(groupBy: [MONTH, CATEGORY], breakdown: LINES)"])
async def test_other_requests_go_on_meanwhile(invoices: int, lines: int, arguments: str) -> None:
    runner = runner_of(LocalSource(invoices, lines), 30)

    with counted_turns() as turns:
        data = await execute(runner, f"{{ spend{arguments} {{ totals {{ lines billed {{ amount }} }} }} }}")

    assert data == {"spend": {"totals": [{"lines": 5_000, "billed": {"amount": "7500.00"}}]}}
    assert turns[0] >= 5_000 // STEPS_PER_TURN


async def test_totals_of_many_invoices_pause() -> None:
    runner = runner_of(LocalSource(2_000, 0), 30)

    with counted_turns() as turns:
        data = await execute(runner, "{ invoices(first: 0) { totals { sums { amount } invoices } } }")

    assert data == {"invoices": {"totals": {"sums": [{"amount": "3000.00"}], "invoices": 2_000}}}
    assert turns[0] >= 2_000 // STEPS_PER_TURN


async def test_a_long_sum_ends_at_the_deadline() -> None:
    runner = runner_of(LocalSource(100, 5_000), 0.5)

    with pytest.raises(DeadlineExceeded):
        await execute(runner, "{ spend(groupBy: [PRODUCT]) { totals { lines } } }")


async def test_the_number_of_rates_is_bounded() -> None:
    days = {date(2026, month, 28).toordinal(): (9, -1) for month in range(1, 13)}
    rates = RateTable.of([RateSeries.of("USD", "EUR", "Bank", days)])
    runner = runner_of(LocalSource(12, 4_200, months=12), 60, rates)
    document = '{ spend(groupBy: [%s], convertTo: "EUR") { totals { converted { amount } } } }'

    [error] = await execute(runner, document % "PRODUCT")

    assert error["message"] == (
        "The rows of spend use more than 50,000 exchange rates. Add MONTH to groupBy, or convert less."
    )
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert await execute(runner, document % "MONTH") == {"spend": {"totals": [{"converted": {"amount": "68040.00"}}]}}
