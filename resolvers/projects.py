"""Projects and their shares of invoices, collected from the invoices of their accounts."""

from collections.abc import Callable, Sequence
from datetime import datetime

import strawberry

from execution.awaitable import AwaitableOrValue, LazyAwaitable
from providers import ids
from providers.errors import most_common
from providers.registry import Capability
from schema.connection import PageArgs
from schema.filters import InvoiceFilter
from schema.invoice import Invoice
from schema.project import Project, ProjectCharge, ProjectChargeConnection, ProjectConnection

from .accounts import AccountRegistry, ConnectedAccount
from .coverage import AccountResult, account_coverage, raise_when_missing, total_count
from .cursor import SortKey
from .invoices import InvoiceQuery
from .loaders import Loaders
from .pagination import PageWindow, SortOrder


def _charge_key(charge: ProjectCharge) -> SortKey:
    """Return the sort key: newest invoice first, then the provider's order within the invoice."""
    return (charge.invoice.period.start, str(charge.invoice.id), -charge.index)


BY_ID: SortOrder[Project] = SortOrder(lambda project: (str(project.id),), (str,))
NEWEST_CHARGE_FIRST: SortOrder[ProjectCharge] = SortOrder(_charge_key, (datetime, str, int), descending=True)


class Projects:
    """Resolves projects and their charges. Projects are known only from the invoices that name them."""

    def __init__(self, registry: AccountRegistry, loaders: Loaders) -> None:
        self._registry, self._loaders = registry, loaders

    def is_project_id(self, project_id: str) -> bool:
        """Return True if a project may have this id: it is well-formed, and its account's provider has projects."""
        ref = ids.parse(project_id)
        return (
            ref is not None
            and ref.kind == ids.PROJECT
            and ref.account in self._registry
            and _has_projects(self._registry[ref.account])
        )

    def find(
        self, ref: ids.GlobalId, project_id: str, is_id_enough: Callable[[], bool]
    ) -> AwaitableOrValue[Project | None]:
        """Return the project. Returns None if its provider has no projects, or no invoice names it.

        If the id is enough, no provider is called, and it is not checked that an invoice names the project.
        """
        if not _has_projects(self._registry[ref.account]):
            return None
        if is_id_enough():
            return Project(id=strawberry.ID(project_id), name=None, account_id=ref.account)
        return LazyAwaitable(lambda: self._find_in_invoices(ref.account, project_id))

    async def page(
        self, page_args: PageArgs, account_ids: Sequence[str] | None, search: str | None
    ) -> ProjectConnection:
        return (await self._page(page_args, self._registry.select(account_ids), search))[0]

    async def account_page(self, account: ConnectedAccount, page_args: PageArgs) -> ProjectConnection | None:
        """Return the projects of one account. Returns None if its provider has no projects.

        Raises the most common ProviderError if no invoice of the account could be read.
        """
        if not _has_projects(account):
            return None
        connection, results = await self._page(page_args, [account], None)
        raise_when_missing(results)
        return connection

    async def _page(
        self, page_args: PageArgs, accounts: list[ConnectedAccount], search: str | None
    ) -> tuple[ProjectConnection, list[AccountResult]]:
        page_window = PageWindow(page_args, BY_ID)
        by_id, scanned = await self._load([account for account in accounts if _has_projects(account)])
        results = [scanned[account.id] if account.id in scanned else _skip(account) for account in accounts]
        text = (search or "").casefold()
        projects = [project for project in by_id.values() if text in (project.name or "").casefold()]
        page = page_window.page_of(projects)
        connection = ProjectConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=page_window.order.cursor_of,
            count=total_count(projects, results),
            coverage=[account_coverage(result) for result in results],
        )
        return connection, results

    async def _find_in_invoices(self, account_id: str, project_id: str) -> Project | None:
        """Raises ProviderError if an invoice that may name the project could not be read."""
        by_id, results = await self._load([self._registry[account_id]])
        if project_id in by_id:
            return by_id[project_id]
        for result in results.values():
            if result.scan and result.scan.failures:
                raise most_common(result.scan.failures)
        return None

    async def _load(self, accounts: list[ConnectedAccount]) -> tuple[dict[str, Project], dict[str, AccountResult]]:
        """Return every project that the accounts' invoices name, by id, and the results by account id.

        The newest invoice that names a project gives it its name.
        """
        query = InvoiceQuery(self._registry, self._loaders, None, account_ids=[account.id for account in accounts])
        invoices, results = await query.all()
        projects: dict[str, Project] = {}
        for invoice in invoices:
            for charge in invoice.projects() or ():
                if charge.project is not None:
                    projects.setdefault(str(charge.project.id), charge.project)
        return projects, {result.account.id: result for result in results}

    async def charges(
        self, project: Project, page_args: PageArgs, filter_by: InvoiceFilter | None
    ) -> ProjectChargeConnection | None:
        """Return the project's share of each invoice, newest first.

        Raises the most common ProviderError if no invoice of the account could be read.
        """
        page_window = PageWindow(page_args, NEWEST_CHARGE_FIRST)
        query = InvoiceQuery(self._registry, self._loaders, filter_by, account_ids=[project.account_id])
        invoices, results = await query.all()
        raise_when_missing(results)
        charges = [charge for invoice in invoices for charge in _charges_to(invoice, project)]
        page = page_window.page_of(charges)
        return ProjectChargeConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=page_window.order.cursor_of,
            count=total_count(charges, results),
            coverage=[account_coverage(result) for result in results],
        )


def _has_projects(account: ConnectedAccount) -> bool:
    """Return True if the invoices of the account's provider state which projects they charge."""
    return Capability.PROJECTS in account.spec.capabilities


def _skip(account: ConnectedAccount) -> AccountResult:
    return AccountResult(account, note=f"{account.spec.name} is not called: its invoices name no projects.")


def _charges_to(invoice: Invoice, project: Project) -> list[ProjectCharge]:
    charges = invoice.projects() or ()
    return [charge for charge in charges if charge.project is not None and charge.project.id == project.id]
