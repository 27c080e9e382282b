"""Projects and their shares, as the invoices of their accounts name them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from providers import ids
from providers.errors import usual
from providers.registry import Fact
from schema.connection import PageArgs
from schema.filters import InvoiceFilter
from schema.invoice import Invoice
from schema.project import Project, ProjectCharge, ProjectChargeConnection, ProjectConnection

from .accounts import Member, Roster
from .coverage import Share, counted, coverage, raise_when_missing
from .cursor import Key
from .invoices import Listing
from .loaders import Loaders
from .pagination import Cut, Order


def _place(charge: ProjectCharge) -> Key:
    """Newest invoice first, and within one invoice the provider's order."""
    return (charge.invoice.period.start, str(charge.invoice.id), -charge.index)


BY_ID: Order[Project] = Order(lambda project: (str(project.id),), (str,))
NEWEST_SHARE_FIRST: Order[ProjectCharge] = Order(_place, (datetime, str, int), descending=True)


class Projects:
    """Every question about projects."""

    def __init__(self, roster: Roster, loaders: Loaders) -> None:
        self._roster, self._loaders = roster, loaders

    def named(self, project_id: str) -> Project | None:
        """What a project's id says by itself, without asking whether an invoice names it."""
        ref = ids.read(project_id)
        if ref is None or ref.kind != ids.PROJECT or ref.account not in self._roster:
            return None
        if not _splits(self._roster[ref.account]):
            return None
        return Project(id=strawberry.ID(project_id), name=None, account_id=ref.account)

    async def page(self, wanted: PageArgs, accounts: Sequence[str] | None, search: str | None) -> ProjectConnection:
        return (await self._page(wanted, self._roster.admitted(accounts), search))[0]

    async def of_account(self, member: Member, wanted: PageArgs) -> ProjectConnection | None:
        """One account's projects; null where its provider names none. Raises what kept all of them away."""
        if not _splits(member):
            return None
        connection, shares = await self._page(wanted, [member], None)
        raise_when_missing(shares)
        return connection

    async def _page(
        self, wanted: PageArgs, members: list[Member], search: str | None
    ) -> tuple[ProjectConnection, list[Share]]:
        cut = Cut(wanted, BY_ID)
        named, asked = await self._of([member for member in members if _splits(member)])
        shares = [asked[member.id] if member.id in asked else _unsplit(member) for member in members]
        sought = (search or "").casefold()
        projects = [project for project in named.values() if sought in (project.name or "").casefold()]
        page = cut.of(projects)
        connection = ProjectConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=counted(projects, shares),
            coverage=[coverage(share) for share in shares],
        )
        return connection, shares

    async def one(self, project_id: str) -> Project | None:
        """The project, where an invoice names it. Raises when it may stand in one that could not be read."""
        stub = self.named(project_id)
        if stub is None:
            return None
        named, asked = await self._of([self._roster[stub.account_id]])
        if project_id in named:
            return named[project_id]
        for share in asked.values():
            if share.reading and share.reading.failures:
                raise usual(share.reading.failures)
        return None

    async def _of(self, members: list[Member]) -> tuple[dict[str, Project], dict[str, Share]]:
        """Every project that the accounts' invoices name, as the newest one names it."""
        listing = Listing(self._roster, self._loaders, None, within=[member.id for member in members])
        invoices, shares = await listing.all()
        named: dict[str, Project] = {}
        for invoice in invoices:
            for charge in invoice.projects() or ():
                if charge.project is not None:
                    named.setdefault(str(charge.project.id), charge.project)
        return named, {share.member.id: share for share in shares}

    async def charges(
        self, project: Project, wanted: PageArgs, filter_by: InvoiceFilter | None
    ) -> ProjectChargeConnection | None:
        """The project's share of each invoice, newest first. Raises what kept all of them away."""
        cut = Cut(wanted, NEWEST_SHARE_FIRST)
        listing = Listing(self._roster, self._loaders, filter_by, within=[project.account_id])
        invoices, shares = await listing.all()
        raise_when_missing(shares)
        charges = [charge for invoice in invoices for charge in _shares(invoice, project)]
        page = cut.of(charges)
        return ProjectChargeConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=counted(charges, shares),
            coverage=[coverage(share) for share in shares],
        )


def _splits(member: Member) -> bool:
    """Whether a provider's invoices say which projects they charge."""
    return Fact.PROJECTS in member.kind.states


def _unsplit(member: Member) -> Share:
    return Share(member, note=f"{member.kind.name}'s invoices name no projects: it was not asked.")


def _shares(invoice: Invoice, project: Project) -> list[ProjectCharge]:
    charges = invoice.projects() or ()
    return [charge for charge in charges if charge.project is not None and charge.project.id == project.id]
