"""A response with the rates of today is not cached: tomorrow it would be wrong."""

import pytest

from resolvers.finance.rates import RateSeries, RateTable
from tests.harness import running_service, sandbox_of

RATES = RateTable.of([RateSeries.of("USD", "EUR", "Bank", {1: (5, -1)})])
SPEND = '{ spend(convertTo: "EUR", convertOn: %s) { breakdown } }'
TOTAL_IN = '{ invoices(first: 1) { nodes { totalIn(to: "EUR", on: %s) { money { amount } } } } }'


@pytest.mark.parametrize("document", [SPEND, TOTAL_IN])
@pytest.mark.parametrize(("day", "cached"), [("PERIOD_END", 1), ("ISSUED", 1), ("TODAY", 0)])
async def test_rates_of_today_are_not_cached(document: str, day: str, cached: int) -> None:
    async with running_service(sandbox_of("fastly"), settings={"attempts": 1}, rates=RATES) as service:
        await service.data(document % day)

        assert len(service.app.state.runner.response_cache) == cached
