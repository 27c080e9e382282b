"""Many accounts' invoices as one filtered, ordered, paged list that says how far it speaks for each account."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TypeVar

from providers.source import Window
from schema.connection import PageArgs
from schema.filters import InvoiceFilter, InvoiceOrder
from schema.invoice import Invoice, InvoiceConnection
from schema.values import unset_to_none

from .accounts import Member, Roster
from .coverage import NOTHING, Share, coverage
from .filters import Match, match
from .loaders import Loaders
from .pagination import Cut
from .scan import NEWEST_FIRST, OLDEST_FIRST, Reading

T = TypeVar("T")


class Listing:
    """One question to the list of invoices: who is asked, what matches, which page is wanted."""

    def __init__(
        self,
        roster: Roster,
        loaders: Loaders,
        wanted: InvoiceFilter | None,
        within: Sequence[str] | None = None,
    ) -> None:
        self._loaders = loaders
        self.match: Match = match(wanted)
        chosen = admitted(roster, wanted)
        self.members = [member for member in roster.admitted(within) if member in chosen]

    async def page(self, wanted: PageArgs, order_by: InvoiceOrder) -> InvoiceConnection:
        newest_first = order_by is InvoiceOrder.NEWEST_FIRST
        cut = Cut(wanted, NEWEST_FIRST if newest_first else OLDEST_FIRST)
        window = _window(cut, self.match.window, newest_first)
        from_newest = newest_first != cut.backward  # the end of the list at which reading starts
        enough = cut.size + 1 if from_newest else None
        found = await self._of_all(lambda member: self._take(member, window, cut, enough))
        page = cut.of(invoice for _, invoices in found for invoice in invoices)
        shares = [share for share, _ in found]
        return InvoiceConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=lambda: self._count(shares),
            coverage=[coverage(share) for share in shares],
        )

    async def all(self) -> tuple[list[Invoice], list[Share]]:
        """Every invoice that matches, newest first."""
        found = await self._of_all(lambda member: self._take(member, self.match.window))
        return NEWEST_FIRST.sorted(row for _, rows in found for row in rows), [share for share, _ in found]

    async def _of_all(self, ask: Callable[[Member], Awaitable[T]]) -> list[T]:
        if len(self.members) == 1:
            return [await ask(self.members[0])]  # without a task
        return await asyncio.gather(*(ask(member) for member in self.members))

    async def _take(
        self, member: Member, window: Window, cut: Cut[Invoice] | None = None, enough: int | None = None
    ) -> tuple[Share, list[Invoice]]:
        """The account's matches, until there are enough of them within the cut."""
        share = self._unasked(member)
        if share is not None:
            return share, []
        reading = Reading(member, self._loaders, window)
        share, taken, within = Share(member, reading), list[Invoice](), 0
        async for invoices in reading.newest_first():
            for invoice in invoices:
                matches = self.match(invoice)
                share.left_out += matches is None
                if matches:
                    taken.append(invoice)
                    within += cut is None or cut.holds(invoice)
                    if within == enough:
                        return share, taken
        return share, taken

    def _unasked(self, member: Member) -> Share | None:
        """The share of an account that cannot have a match, and so is not called."""
        if self.match.nothing:
            return Share(member, note=NOTHING)
        if not self.match.facts <= member.kind.states:
            name = member.kind.name
            return Share(member, left_out=1, note=f"{name} never states what the filter asks for: it was not asked.")
        return None

    async def _count(self, shares: list[Share]) -> int | None:
        """How many match in all; null while an account could not be read in full."""
        if not all(share.countable for share in shares):
            return None
        counts = await self._of_all(self._count_of)
        return None if None in counts else sum(count for count in counts if count is not None)

    async def _count_of(self, member: Member) -> int | None:
        """An account's matches: by its own count where nothing is filtered here, else by reading them all."""
        if self._unasked(member):
            return 0
        reading = Reading(member, self._loaders, self.match.window)
        count = 0
        async for invoices in reading.newest_first():
            if not self.match.tests and reading.total is not None and not reading.ended and not reading.failures:
                return reading.total
            count += sum(map(bool, map(self.match, invoices)))
        return None if reading.failures else count


def admitted(roster: Roster, wanted: InvoiceFilter | None) -> list[Member]:
    """The accounts whose invoices a filter may let pass."""
    if wanted is None:
        return roster.admitted()
    chosen = roster.admitted(unset_to_none(wanted.accounts), unset_to_none(wanted.providers))
    return [member for member in chosen if _may_name(member, wanted)]


def _may_name(member: Member, wanted: InvoiceFilter) -> bool:
    """A project belongs to one account, so a filter on projects admits only theirs."""
    projects = unset_to_none(wanted.projects)
    return projects is None or not projects or any(project.startswith(f"{member.id}/") for project in projects)


def _window(cut: Cut[Invoice], asked: Window, newest_first: bool) -> Window:
    """The narrowest window that both the filter and the cursors allow."""
    above, below = (cut.after, cut.before) if newest_first else (cut.before, cut.after)
    newest = [day for day in (asked.newest, above and _day(above[0])) if day]
    oldest = [day for day in (asked.oldest, below and _day(below[0])) if day]
    return Window(max(oldest, default=None), min(newest, default=None))


def _day(moment: object) -> date:
    return moment.date()  # type: ignore[attr-defined,no-any-return]
