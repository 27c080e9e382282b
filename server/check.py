"""Calls every account once, for `invoicegraph check`."""

from collections.abc import Sequence
from dataclasses import dataclass

from execution.awaitable import value_of
from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import ProviderError
from providers.settings import AccountSettings
from providers.transport.carrier import Carrier
from providers.transport.measured import MeasuredCarrier
from resolvers.request import RequestContext
from schema.connection import PageArgs
from schema.coverage import Coverage, CoverageStatus, FailureCode
from schema.filters import InvoiceFilter, InvoiceOrder
from schema.line_item import LineItem
from server.config.cache import CacheSettings
from server.config.settings import ServerSettings

from .accounts import AccountsContext, connect_accounts, open_store

_ALL_LINES = PageArgs(first=200)  # the maximum


@dataclass(frozen=True, slots=True)
class Measurements:
    """What the calls of one account showed. None is unknown."""

    provider: str
    cause: str | None  # of a failure, in the word of the log
    latency_ms: int | None  # of the fastest call
    newest_period: str | None  # first day of the newest invoice's period
    clock_skew_seconds: int | None  # how far the provider's clock is ahead of this machine's
    rate_limit: str  # of this service, and what is left of the provider's if it says so
    cache: str  # where the account's data is kept


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one account, or of the shared cache."""

    account: str  # its id, or "[cache]"
    name: str | None
    result: str  # "ok" or a failure code
    message: str
    is_failure: bool
    measured: Measurements | None = None


async def check_accounts(accounts: AccountsContext, server: ServerSettings, cache: CacheSettings) -> list[CheckResult]:
    """List the invoices of each account once, within `server.deadline` seconds.

    Palette has no list: its configured invoices are fetched one by one.
    """
    carriers: dict[str, MeasuredCarrier] = {}

    def measure(account: AccountSettings, carrier: Carrier) -> Carrier:
        return carriers.setdefault(account.account_ref.id, MeasuredCarrier(carrier))

    kept = "shared" if cache.url else "disk" if cache.path else "memory"
    async with (
        accounts() as account_settings,
        connect_accounts(account_settings, wrap_carrier=measure) as connections,
    ):
        context = RequestContext(connections.registry, CallContext(loop_time() + server.deadline))
        try:
            page = await context.invoices(PageArgs(first=1), None, InvoiceOrder.NEWEST_FIRST)
            newest = [await _newest(context, entry) for entry in page.coverage]
        finally:
            context.close()
        settings = {account.account_ref.id: account for account in connections.accounts}
        results = []
        for entry, (period, lines) in zip(page.coverage, newest, strict=True):
            account_id = str(entry.account.id)
            cause = context.outcomes.cause(account_id)
            measured = _measurements(settings[account_id], carriers.get(account_id), cause, period, kept)
            explanation = context.outcomes.explanation(account_id)
            results.append(_check_result(entry, explanation, _unread_money(lines), measured))
        return results


def _measurements(
    account: AccountSettings, carrier: MeasuredCarrier | None, cause: str | None, period: str | None, cache: str
) -> Measurements:
    latency = carrier.latency_seconds if carrier else None
    skew = carrier.clock_skew_seconds if carrier else None
    limit = account.rate_limit
    rate_limit = "none" if limit is None else f"{limit.per_second:g}/s, burst {limit.burst}"
    if carrier and carrier.remaining_calls is not None:
        rate_limit += f", {carrier.remaining_calls} left"
    return Measurements(
        provider=account.provider,
        cause=cause,
        latency_ms=None if latency is None else round(latency * 1000),
        newest_period=period,
        clock_skew_seconds=None if skew is None else round(skew),
        rate_limit=rate_limit,
        cache=cache,
    )


async def _newest(context: RequestContext, entry: Coverage) -> tuple[str | None, Sequence[LineItem]]:
    """Return the first day and the line items of an account's newest invoice. Returns none if they cannot be read."""
    period = None
    only = InvoiceFilter(accounts=[entry.account.id])
    try:
        invoices = (await context.invoices(PageArgs(first=1), only, InvoiceOrder.NEWEST_FIRST)).nodes
        if not invoices:
            return None, ()
        period = (await value_of(invoices[0].period)).start.date().isoformat()
        page = await value_of(context.line_items(invoices[0], _ALL_LINES, None))
    except ProviderError:
        return period, ()
    return period, page.nodes if page else ()


def _unread_money(lines: Sequence[LineItem]) -> str | None:
    keys = dict.fromkeys(key for line in lines for key in line.unread_money)
    return f"Amounts of line items are under unknown keys, and so are null: {', '.join(keys)}." if keys else None


async def check_cache(cache: CacheSettings) -> list[CheckResult]:
    """Write to the store and read it once. Returns no result if none is configured."""
    store = open_store(cache)
    if store is None:
        return []
    try:
        is_usable = await store.ping()
    finally:
        await store.close()
    if is_usable:
        return [CheckResult("[cache]", None, "ok", f"The {store.name} can be written to.", is_failure=False)]
    return [
        CheckResult("[cache]", None, FailureCode.UNAVAILABLE.name, f"The {store.name} cannot be used.", is_failure=True)
    ]


def _check_result(entry: Coverage, explanation: str | None, note: str | None, measured: Measurements) -> CheckResult:
    account, name = str(entry.account.id), entry.account.name
    if entry.status is CoverageStatus.COMPLETE:
        message = " ".join(filter(None, ("The invoices of this account can be read.", entry.message, note)))
        return CheckResult(account, name, "ok", message, False, measured)
    is_ok = entry.code in {None, FailureCode.UNLISTED}
    result = "ok" if is_ok else str(entry.code and entry.code.name)
    message = " ".join(filter(None, (entry.message, None if is_ok else explanation)))
    return CheckResult(account, name, result, message, not is_ok, measured)
