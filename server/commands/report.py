"""The command `invoicegraph report`: what one month cost, in exact sums for each currency."""

import asyncio
import calendar
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

import typer

from providers.call import CallBudget, CallContext
from providers.deadline import loop_time
from providers.errors import ProviderError
from resolvers.errors import BadUserInput
from resolvers.request import RequestContext
from schema.filters import InvoiceFilter
from schema.rates import RateDay
from schema.spend import Spend, SpendArgs, SpendKey
from server.accounts import configured_accounts, connect_accounts
from server.config.settings import Settings
from server.export.manifest import coverage_word

from .common import EXIT_FAILURE, EXIT_INVALID_CONFIGURATION, Config, Simulated, configure_logs, end, load_settings
from .export import EXIT_PARTIAL
from .progress import spinner
from .report_format import FORMATS

_KEYS = {key.name.lower().replace("_", "-"): key for key in SpendKey}
_MONTH = "Write the month as YYYY-MM, such as 2026-09."


def report(
    month: Annotated[str, typer.Option(help="The month in which billing periods start, such as 2026-09.")],
    config: Config = None,
    simulated: Simulated = False,
    by: Annotated[
        str, typer.Option(help=f"The keys of the rows, separated by commas: {', '.join(_KEYS)}.")
    ] = "account",
    output_format: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="The format.")] = "table",
) -> None:
    """Print what one month cost: a row for each key and currency, the totals, and how complete they are.

    The exit code is 0 if all invoices were read, 1 if the report could not be made, and 4 if it is partial.
    """
    configure_logs()
    settings = load_settings(config, sandbox=simulated)
    first, keys = _parse_month(month), _parse_keys(by)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    filter_by = InvoiceFilter(period_from=first, period_to=last)
    spend = asyncio.run(_spend(settings, SpendArgs(keys, filter_by, None, None, RateDay.PERIOD_END)))
    typer.echo(FORMATS[output_format](month, keys, spend), nl=False)
    raise typer.Exit(EXIT_PARTIAL if coverage_word(spend.coverage) == "partial" else 0)


def _parse_month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        end(_MONTH, EXIT_INVALID_CONFIGURATION)


def _parse_keys(text: str) -> Sequence[SpendKey]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in _KEYS:
            end(f"There is no key {name[:40]}. There are {', '.join(_KEYS)}.", EXIT_INVALID_CONFIGURATION)
    return [_KEYS[name] for name in names]


async def _spend(settings: Settings, args: SpendArgs) -> Spend:
    async with (
        configured_accounts(settings)() as account_settings,
        connect_accounts(account_settings, settings.cache) as connections,
    ):
        budget = CallBudget(settings.export.max_provider_calls)
        call = CallContext(loop_time() + settings.export.deadline, budget=budget)
        context = RequestContext(connections.registry, call)
        try:
            with spinner("Reading the invoices"):
                return await context.spend(args)
        except (BadUserInput, ProviderError) as error:
            end(str(error), EXIT_FAILURE)
        finally:
            context.close()
