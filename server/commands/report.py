"""The command `invoicegraph report`: what one month cost, in exact sums for each currency, and what does not add up."""

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
from schema.connection import PageArgs
from schema.discrepancy import DiscrepancyConnection
from schema.filters import InvoiceFilter
from schema.rates import RateDay
from schema.reconciliation import Severity
from schema.spend import SpendArgs, SpendKey
from server.accounts import configured_accounts, connect_accounts
from server.config.settings import Settings
from server.export.manifest import coverage_word

from .common import EXIT_FAILURE, EXIT_INVALID_CONFIGURATION, Config, Simulated, configure_logs, end, load_settings
from .export import EXIT_PARTIAL
from .progress import spinner
from .report_format import FORMATS, Report

_KEYS = {key.name.lower().replace("_", "-"): key for key in SpendKey}
EXIT_DISCREPANCIES = 5
MAX_DISCREPANCIES = 200  # that a report lists
_MONTH = "Write the month as YYYY-MM, such as 2026-09."


def report(
    month: Annotated[str, typer.Option(help="The month in which billing periods start, such as 2026-09.")],
    config: Config = None,
    simulated: Simulated = False,
    by: Annotated[
        str, typer.Option(help=f"The keys of the rows, separated by commas: {', '.join(_KEYS)}.")
    ] = "account",
    output_format: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="The format.")] = "table",
    fail_on: Annotated[
        Literal["ERROR", "WARNING", "INFO"] | None,
        typer.Option(help="End with 5 if there is a discrepancy of at least this severity."),
    ] = None,
) -> None:
    """Print what one month cost: a row for each key and currency, the totals, what does not add up, and the coverage.

    The exit code is 0 if all invoices were read, 1 if the report could not be made, 4 if it is partial, and 5 if
    there are discrepancies that --fail-on names.
    """
    configure_logs()
    settings = load_settings(config, sandbox=simulated)
    first, keys = _parse_month(month), _parse_keys(by)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    filter_by = InvoiceFilter(period_from=first, period_to=last)
    args = SpendArgs(keys, filter_by, None, None, RateDay.PERIOD_END)
    content = asyncio.run(_read(settings, month, args, Severity.INFO if fail_on == "INFO" else Severity.WARNING))
    typer.echo(FORMATS[output_format](content), nl=False)
    if fail_on and _has_discrepancy(content.discrepancies, Severity[fail_on]):
        raise typer.Exit(EXIT_DISCREPANCIES)
    raise typer.Exit(EXIT_PARTIAL if coverage_word(content.spend.coverage) == "partial" else 0)


def _has_discrepancy(discrepancies: DiscrepancyConnection, severity: Severity) -> bool:
    """Return whether the first one, which is the worst, has at least this severity."""
    severities = list(Severity)
    return any(severities.index(node.check.severity) >= severities.index(severity) for node in discrepancies.nodes[:1])


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


async def _read(settings: Settings, month: str, args: SpendArgs, min_severity: Severity) -> Report:
    async with (
        configured_accounts(settings)() as account_settings,
        connect_accounts(account_settings, settings.cache) as connections,
    ):
        budget = CallBudget(settings.export.max_provider_calls)
        call = CallContext(loop_time() + settings.export.deadline, budget=budget)
        context = RequestContext(connections.registry, call)
        try:
            with spinner("Reading the invoices"):
                spend = await context.spend(args)
                page = PageArgs(first=MAX_DISCREPANCIES)
                return Report(
                    month, args.group_by, spend, await context.discrepancies(page, args.filter_by, min_severity)
                )
        except (BadUserInput, ProviderError) as error:
            end(str(error), EXIT_FAILURE)
        finally:
            context.close()
