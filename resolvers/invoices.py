"""Many accounts' invoices as one filtered, ordered, paged list that says how far it speaks for each account."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TypeVar

from providers.source import DateWindow
from schema.connection import PageArgs
from schema.filters import InvoiceFilter, InvoiceOrder
from schema.invoice import Invoice, InvoiceConnection
from schema.values import unset_to_none

from .accounts import AccountRegistry, ConnectedAccount
from .coverage import MATCHES_NOTHING, AccountResult, coverage
from .filters import InvoicePredicate, compile_filter
from .loaders import Loaders
from .pagination import PageWindow
from .scan import NEWEST_FIRST, OLDEST_FIRST, AccountScan

T = TypeVar("T")


class InvoiceQuery:
    """One question to the list of invoices: who is asked, what matches, which page is wanted."""

    def __init__(
        self,
        roster: AccountRegistry,
        loaders: Loaders,
        wanted: InvoiceFilter | None,
        account_ids: Sequence[str] | None = None,
    ) -> None:
        self._loaders = loaders
        self.predicate: InvoicePredicate = compile_filter(wanted)
        chosen = candidate_accounts(roster, wanted)
        self.accounts = [member for member in roster.select(account_ids) if member in chosen]

    async def page(self, wanted: PageArgs, order_by: InvoiceOrder) -> InvoiceConnection:
        newest_first = order_by is InvoiceOrder.NEWEST_FIRST
        cut = PageWindow(wanted, NEWEST_FIRST if newest_first else OLDEST_FIRST)
        window = _window(cut, self.predicate.window, newest_first)
        from_newest = newest_first != cut.is_backward  # the end of the list at which reading starts
        enough = cut.size + 1 if from_newest else None
        found = await self._for_each_account(lambda member: self._collect(member, window, cut, enough))
        page = cut.page_of(invoice for _, invoices in found for invoice in invoices)
        shares = [share for share, _ in found]
        return InvoiceConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=lambda: self._count(shares),
            coverage=[coverage(share) for share in shares],
        )

    async def all(self) -> tuple[list[Invoice], list[AccountResult]]:
        """Every invoice that matches, newest first."""
        found = await self._for_each_account(lambda member: self._collect(member, self.predicate.window))
        return NEWEST_FIRST.sorted(row for _, rows in found for row in rows), [share for share, _ in found]

    async def _for_each_account(self, ask: Callable[[ConnectedAccount], Awaitable[T]]) -> list[T]:
        if len(self.accounts) == 1:
            return [await ask(self.accounts[0])]  # without a task
        return await asyncio.gather(*(ask(member) for member in self.accounts))

    async def _collect(
        self,
        member: ConnectedAccount,
        window: DateWindow,
        cut: PageWindow[Invoice] | None = None,
        enough: int | None = None,
    ) -> tuple[AccountResult, list[Invoice]]:
        """The account's matches, until there are enough of them within the cut."""
        share = self._skip_reason(member)
        if share is not None:
            return share, []
        reading = AccountScan(member, self._loaders, window)
        share, taken, within = AccountResult(member, reading), list[Invoice](), 0
        async for invoices in reading.newest_first():
            for invoice in invoices:
                matches = self.predicate(invoice)
                share.excluded += matches is None
                if matches:
                    taken.append(invoice)
                    within += cut is None or cut.contains(invoice)
                    if within == enough:
                        return share, taken
        return share, taken

    def _skip_reason(self, member: ConnectedAccount) -> AccountResult | None:
        """The share of an account that cannot have a match, and so is not called."""
        if self.predicate.matches_nothing:
            return AccountResult(member, note=MATCHES_NOTHING)
        if not self.predicate.required_capabilities <= member.spec.capabilities:
            name = member.spec.name
            return AccountResult(
                member, excluded=1, note=f"{name} never states what the filter asks for: it was not asked."
            )
        return None

    async def _count(self, shares: list[AccountResult]) -> int | None:
        """How many match in all; null while an account could not be read in full."""
        if not all(share.is_complete for share in shares):
            return None
        counts = await self._for_each_account(self._count_of)
        return None if None in counts else sum(count for count in counts if count is not None)

    async def _count_of(self, member: ConnectedAccount) -> int | None:
        """An account's matches: by its own count where nothing is filtered here, else by reading them all."""
        if self._skip_reason(member):
            return 0
        reading = AccountScan(member, self._loaders, self.predicate.window)
        count = 0
        async for invoices in reading.newest_first():
            if (
                not self.predicate.tests
                and reading.total is not None
                and not reading.is_finished
                and not reading.failures
            ):
                return reading.total
            count += sum(map(bool, map(self.predicate, invoices)))
        return None if reading.failures else count


def candidate_accounts(roster: AccountRegistry, wanted: InvoiceFilter | None) -> list[ConnectedAccount]:
    """The accounts whose invoices a filter may let pass."""
    if wanted is None:
        return roster.select()
    chosen = roster.select(unset_to_none(wanted.accounts), unset_to_none(wanted.providers))
    return [member for member in chosen if _may_name(member, wanted)]


def _may_name(member: ConnectedAccount, wanted: InvoiceFilter) -> bool:
    """A project belongs to one account, so a filter on projects admits only theirs."""
    projects = unset_to_none(wanted.projects)
    return projects is None or not projects or any(project.startswith(f"{member.id}/") for project in projects)


def _window(cut: PageWindow[Invoice], asked: DateWindow, newest_first: bool) -> DateWindow:
    """The narrowest window that both the filter and the cursors allow."""
    above, below = (cut.after, cut.before) if newest_first else (cut.before, cut.after)
    newest = [day for day in (asked.newest, above and _day(above[0])) if day]
    oldest = [day for day in (asked.oldest, below and _day(below[0])) if day]
    return DateWindow(max(oldest, default=None), min(newest, default=None))


def _day(moment: object) -> date:
    return moment.date()  # type: ignore[attr-defined,no-any-return]
