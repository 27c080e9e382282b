"""The running invoices of the current month, for the providers that have one."""

import asyncio

from providers.errors import NotFound, ProviderError
from providers.registry import Capability
from providers.source import MONTH_TO_DATE, DateWindow
from schema.invoice import Invoice, MonthToDate

from .accounts import ConnectedAccount
from .coverage import AccountResult, coverage
from .loaders import Loaders
from .scan import AccountScan


async def month_to_date(members: list[ConnectedAccount], loaders: Loaders) -> MonthToDate:
    found = await asyncio.gather(*(_ask(member, loaders) for member in members))
    return MonthToDate(
        nodes=[invoice for _, invoice in found if invoice is not None],
        coverage=[coverage(share) for share, _ in found],
    )


async def _ask(member: ConnectedAccount, loaders: Loaders) -> tuple[AccountResult, Invoice | None]:
    if Capability.MONTH_TO_DATE not in member.spec.capabilities:
        return AccountResult(member, note=f"{member.spec.name} has no running invoice: it was not asked."), None
    reading = AccountScan(member, loaders, DateWindow())
    try:
        invoice = await loaders.invoice(member.id, MONTH_TO_DATE, listing=True)
        if invoice is None:
            raise NotFound(member.owner)
    except ProviderError as failure:
        reading.failures.append(failure.with_traceback(None))  # a traceback leads back to here
        return AccountResult(member, reading), None
    reading.invoices = 1
    reading.record_observation(invoice.observed_at, invoice.stale_reason)
    return AccountResult(member, reading), invoice
