"""Asks every account once, for `invoicegraph check`."""

import asyncio
from dataclasses import dataclass

from providers.deadline import deadline
from resolvers.request import RequestContext
from schema.connection import PageArgs
from schema.coverage import Coverage, CoverageStatus, FailureCode
from schema.filters import InvoiceOrder
from server.config.settings import ServerSettings

from .accounts import Accounts, connect_accounts


@dataclass(frozen=True, slots=True)
class Finding:
    """What one account answered."""

    account: str
    result: str
    message: str
    failed: bool


async def check_accounts(accounts: Accounts, server: ServerSettings) -> list[Finding]:
    """One list call to each account (for Palette: each configured invoice), within the server's deadline."""
    async with accounts() as chosen, connect_accounts(chosen) as connections:
        deadline.set(asyncio.get_running_loop().time() + server.deadline)
        context = RequestContext(connections.registry)
        try:
            page = await context.invoices(PageArgs(first=1), None, InvoiceOrder.NEWEST_FIRST)
        finally:
            context.close()
        return [_finding(entry) for entry in page.coverage]


def _finding(entry: Coverage) -> Finding:
    account = f"{entry.account.id} ({entry.account.name})"
    if entry.status is CoverageStatus.COMPLETE:
        return Finding(account, "ok", "Its invoices can be read.", failed=False)
    listed = entry.code in {None, FailureCode.UNLISTED}
    result = "ok" if listed else str(entry.code and entry.code.name)
    return Finding(account, result, entry.message or "", failed=not listed)
