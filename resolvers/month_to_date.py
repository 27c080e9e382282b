"""The running invoices of the current month, for the providers that have one."""

import asyncio

from providers.errors import NotFound, ProviderError
from providers.registry import Fact
from providers.source import MONTH_TO_DATE, Window
from schema.invoice import Invoice, MonthToDate

from .accounts import Member
from .coverage import Share, coverage
from .loaders import Loaders
from .scan import Reading


async def month_to_date(members: list[Member], loaders: Loaders) -> MonthToDate:
    found = await asyncio.gather(*(_ask(member, loaders) for member in members))
    return MonthToDate(
        nodes=[invoice for _, invoice in found if invoice is not None],
        coverage=[coverage(share) for share, _ in found],
    )


async def _ask(member: Member, loaders: Loaders) -> tuple[Share, Invoice | None]:
    if Fact.RUNNING not in member.kind.states:
        return Share(member, note=f"{member.kind.name} has no running invoice: it was not asked."), None
    reading = Reading(member, loaders, Window())
    try:
        invoice = await loaders.invoice(member.id, MONTH_TO_DATE, listing=True)
        if invoice is None:
            raise NotFound(member.owner)
    except ProviderError as failure:
        reading.failures.append(failure.with_traceback(None))  # a traceback leads back to here
        return Share(member, reading), None
    reading.invoices = 1
    reading.observed(invoice.observed_at, invoice.stale_reason)
    return Share(member, reading), invoice
