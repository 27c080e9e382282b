"""Month-to-date invoices of the providers that have them."""

from execution.awaitable import value_of
from providers.errors import NotFound, ProviderError
from providers.registry import Capability
from providers.source import MONTH_TO_DATE, DateWindow
from schema.invoice import Invoice
from schema.invoice_list import MonthToDate

from .accounts import ConnectedAccount
from .coverage import AccountResult, account_coverage
from .fan_out import for_each_account
from .loaders import Loaders
from .scan import AccountScan


async def month_to_date(accounts: list[ConnectedAccount], loaders: Loaders) -> MonthToDate:
    """Return the month-to-date invoices of the accounts, and the coverage of each account."""
    results = await for_each_account(accounts, lambda account: _load(account, loaders))
    return MonthToDate(
        nodes=[invoice for _, invoice in results if invoice is not None],
        coverage=[account_coverage(result) for result, _ in results],
    )


async def _load(account: ConnectedAccount, loaders: Loaders) -> tuple[AccountResult, Invoice | None]:
    if Capability.MONTH_TO_DATE not in account.spec.capabilities:
        return AccountResult(account, note=f"{account.spec.name} is not called: it has no month-to-date invoice."), None
    scan = AccountScan(account, loaders, DateWindow())
    try:
        invoice = await value_of(loaders.invoice(account.id, MONTH_TO_DATE, listing=True))
    except ProviderError as failure:
        # Without its traceback, which refers to this frame: that would be a reference cycle.
        scan.failures.append(failure.with_traceback(None))
        return AccountResult(account, scan), None
    if invoice is None:
        scan.add_failure(NotFound(account.account_ref))
        return AccountResult(account, scan), None
    scan.invoices = 1
    scan.record_observation(invoice.observed_at, invoice.stale_reason)
    return AccountResult(account, scan), invoice
