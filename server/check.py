"""Calls every account once, for `invoicegraph check`."""

from collections.abc import Sequence
from dataclasses import dataclass

from execution.awaitable import value_of
from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import ProviderError
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
class CheckResult:
    """The result of one account's call."""

    account: str
    result: str  # "ok" or a failure code
    message: str
    is_failure: bool


async def check_accounts(accounts: AccountsContext, server: ServerSettings) -> list[CheckResult]:
    """List the invoices of each account once, within `server.deadline` seconds.

    Palette has no list: its configured invoices are fetched one by one.
    """
    async with accounts() as account_settings, connect_accounts(account_settings) as connections:
        context = RequestContext(connections.registry, CallContext(loop_time() + server.deadline))
        try:
            page = await context.invoices(PageArgs(first=1), None, InvoiceOrder.NEWEST_FIRST)
            lines = [await _newest_lines(context, entry) for entry in page.coverage]
        finally:
            context.close()
        explain = context.outcomes.explanation
        return [
            _check_result(entry, explain(str(entry.account.id)), _unread_money(some_lines))
            for entry, some_lines in zip(page.coverage, lines, strict=True)
        ]


async def _newest_lines(context: RequestContext, entry: Coverage) -> Sequence[LineItem]:
    """Return the line items of an account's newest invoice. Returns none of them if they cannot be read."""
    only = InvoiceFilter(accounts=[entry.account.id])
    try:
        invoices = (await context.invoices(PageArgs(first=1), only, InvoiceOrder.NEWEST_FIRST)).nodes
        page = await value_of(context.line_items(invoices[0], _ALL_LINES, None)) if invoices else None
    except ProviderError:
        return ()
    return page.nodes if page else ()


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
        return [CheckResult("[cache]", "ok", f"The {store.name} can be written to.", is_failure=False)]
    return [CheckResult("[cache]", FailureCode.UNAVAILABLE.name, f"The {store.name} cannot be used.", is_failure=True)]


def _check_result(entry: Coverage, explanation: str | None, note: str | None) -> CheckResult:
    account = f"{entry.account.id} ({entry.account.name})"
    if entry.status is CoverageStatus.COMPLETE:
        message = " ".join(filter(None, ("The invoices of this account can be read.", entry.message, note)))
        return CheckResult(account, "ok", message, is_failure=False)
    is_ok = entry.code in {None, FailureCode.UNLISTED}
    result = "ok" if is_ok else str(entry.code and entry.code.name)
    message = " ".join(filter(None, (entry.message, None if is_ok else explanation)))
    return CheckResult(account, result, message, is_failure=not is_ok)
