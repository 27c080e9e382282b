"""Projects and their shares, as the invoices of their accounts name them."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from providers import ids
from providers.errors import most_common
from providers.registry import Capability
from schema.connection import PageArgs
from schema.filters import InvoiceFilter
from schema.invoice import Invoice
from schema.project import Project, ProjectCharge, ProjectChargeConnection, ProjectConnection

from .accounts import AccountRegistry, ConnectedAccount
from .coverage import AccountResult, coverage, raise_when_missing, total_count
from .cursor import SortKey
from .invoices import InvoiceQuery
from .loaders import Loaders
from .pagination import PageWindow, SortOrder


def _charge_key(charge: ProjectCharge) -> SortKey:
    """Newest invoice first, and within one invoice the provider's order."""
    return (charge.invoice.period.start, str(charge.invoice.id), -charge.index)


BY_ID: SortOrder[Project] = SortOrder(lambda project: (str(project.id),), (str,))
NEWEST_SHARE_FIRST: SortOrder[ProjectCharge] = SortOrder(_charge_key, (datetime, str, int), descending=True)


class Projects:
    """Every question about projects."""

    def __init__(self, roster: AccountRegistry, loaders: Loaders) -> None:
        self._roster, self._loaders = roster, loaders

    def from_id(self, project_id: str) -> Project | None:
        """What a project's id says by itself, without asking whether an invoice names it."""
        ref = ids.parse(project_id)
        if ref is None or ref.kind != ids.PROJECT or ref.account not in self._roster:
            return None
        if not _has_projects(self._roster[ref.account]):
            return None
        return Project(id=strawberry.ID(project_id), name=None, account_id=ref.account)

    async def page(self, wanted: PageArgs, accounts: Sequence[str] | None, search: str | None) -> ProjectConnection:
        return (await self._page(wanted, self._roster.select(accounts), search))[0]

    async def of_account(self, member: ConnectedAccount, wanted: PageArgs) -> ProjectConnection | None:
        """One account's projects; null where its provider names none. Raises what kept all of them away."""
        if not _has_projects(member):
            return None
        connection, shares = await self._page(wanted, [member], None)
        raise_when_missing(shares)
        return connection

    async def _page(
        self, wanted: PageArgs, members: list[ConnectedAccount], search: str | None
    ) -> tuple[ProjectConnection, list[AccountResult]]:
        cut = PageWindow(wanted, BY_ID)
        named, asked = await self._load([member for member in members if _has_projects(member)])
        shares = [asked[member.id] if member.id in asked else _without_projects(member) for member in members]
        sought = (search or "").casefold()
        projects = [project for project in named.values() if sought in (project.name or "").casefold()]
        page = cut.page_of(projects)
        connection = ProjectConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=total_count(projects, shares),
            coverage=[coverage(share) for share in shares],
        )
        return connection, shares

    async def one(self, project_id: str) -> Project | None:
        """The project, where an invoice names it. Raises when it may stand in one that could not be read."""
        stub = self.from_id(project_id)
        if stub is None:
            return None
        named, asked = await self._load([self._roster[stub.account_id]])
        if project_id in named:
            return named[project_id]
        for share in asked.values():
            if share.scan and share.scan.failures:
                raise most_common(share.scan.failures)
        return None

    async def _load(self, members: list[ConnectedAccount]) -> tuple[dict[str, Project], dict[str, AccountResult]]:
        """Every project that the accounts' invoices name, as the newest one names it."""
        listing = InvoiceQuery(self._roster, self._loaders, None, account_ids=[member.id for member in members])
        invoices, shares = await listing.all()
        named: dict[str, Project] = {}
        for invoice in invoices:
            for charge in invoice.projects() or ():
                if charge.project is not None:
                    named.setdefault(str(charge.project.id), charge.project)
        return named, {share.account.id: share for share in shares}

    async def charges(
        self, project: Project, wanted: PageArgs, filter_by: InvoiceFilter | None
    ) -> ProjectChargeConnection | None:
        """The project's share of each invoice, newest first. Raises what kept all of them away."""
        cut = PageWindow(wanted, NEWEST_SHARE_FIRST)
        listing = InvoiceQuery(self._roster, self._loaders, filter_by, account_ids=[project.account_id])
        invoices, shares = await listing.all()
        raise_when_missing(shares)
        charges = [charge for invoice in invoices for charge in _charges_of(invoice, project)]
        page = cut.page_of(charges)
        return ProjectChargeConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=total_count(charges, shares),
            coverage=[coverage(share) for share in shares],
        )


def _has_projects(member: ConnectedAccount) -> bool:
    """Whether a provider's invoices say which projects they charge."""
    return Capability.PROJECTS in member.spec.capabilities


def _without_projects(member: ConnectedAccount) -> AccountResult:
    return AccountResult(member, note=f"{member.spec.name}'s invoices name no projects: it was not asked.")


def _charges_of(invoice: Invoice, project: Project) -> list[ProjectCharge]:
    charges = invoice.projects() or ()
    return [charge for charge in charges if charge.project is not None and charge.project.id == project.id]
