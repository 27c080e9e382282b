"""A response with the rates of today is not cached: tomorrow it would be wrong."""

from pathlib import Path

import pytest

from server.config.rates import RatesSettings
from tests.harness import running_service, sandbox_of

RATES = "base,currency,date,rate,source\nUSD,EUR,2000-01-01,0.5,Bank\n"
SPEND = '{ spend(convertTo: "EUR", convertOn: %s) { breakdown } }'
TOTAL_IN = '{ invoices(first: 1) { nodes { totalIn(to: "EUR", on: %s) { money { amount } } } } }'


@pytest.mark.parametrize("document", [SPEND, TOTAL_IN])
@pytest.mark.parametrize(("day", "cached"), [("PERIOD_END", 1), ("ISSUED", 1), ("TODAY", 0)])
async def test_rates_of_today_are_not_cached(document: str, day: str, cached: int, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(RATES)
    rates = RatesSettings(files=(tmp_path / "rates.csv",))
    async with running_service(sandbox_of("fastly"), settings={"attempts": 1}, rates=rates) as service:
        await service.data(document % day)

        assert len(service.app.state.runner.response_cache) == cached
