"""One request: answers each question of schema.context, and remembers what it has asked."""

from collections.abc import AsyncGenerator, Sequence

from execution.awaitable import AwaitableOrValue, LazyAwaitable
from providers import ids
from providers.cache.dependencies import dependencies
from schema.account import Account, AccountHealth, Provider
from schema.connection import PageArgs
from schema.context import HasAccountId, HasInvoiceId
from schema.credit import Credit, CreditConnection
from schema.filters import CreditFilter, InvoiceFilter, InvoiceOrder, LineItemFilter
from schema.invoice import Invoice, InvoiceConnection, MonthToDate
from schema.line_item import LineItem, LineItemConnection
from schema.node import Node
from schema.project import Project, ProjectChargeConnection, ProjectConnection
from schema.scalars import Json
from schema.subscription import InvoiceChange
from schema.values import Money

from .accounts import AccountRegistry
from .change_feed import ChangeFeed
from .credits import CreditQuery
from .errors import BadUserInput
from .invoice_fields import InvoiceFields
from .invoices import InvoiceQuery
from .loaders import Loaders
from .month_to_date import month_to_date
from .nodes import NodeLookup
from .outcomes import RequestOutcomes
from .projects import Projects


class RequestContext:
    """Made for one request, inside its event loop; `close` it when the request is answered."""

    def __init__(self, roster: AccountRegistry, changes: ChangeFeed | None = None) -> None:
        """`changes`: what a subscription listens to."""
        self._roster, self._changes = roster, changes
        self._loaders = Loaders(roster)
        self._parts = InvoiceFields(roster, self._loaders)
        self._objects = NodeLookup(roster, self._loaders, self._parts)
        self._projects = Projects(roster, self._loaders)

    @property
    def outcomes(self) -> RequestOutcomes:
        """Who was asked so far, and what came of it."""
        return self._loaders.outcomes

    def close(self) -> None:
        self._loaders.close()

    def providers(self) -> list[Provider]:
        return self._roster.providers

    def provider(self, provider_id: str) -> Provider | None:
        return next((provider for provider in self._roster.providers if provider.id == provider_id), None)

    def provider_of(self, account: Account) -> Provider:
        return self._roster.provider(account.provider_id)

    def health(self, account: Account) -> AccountHealth:
        """As of now: an answer that tells it is not one for later."""
        if noted := dependencies.get():
            noted.is_cacheable = False
        return self._roster[str(account.id)].health_record.health

    def accounts(self, providers: Sequence[str] | None) -> list[Account]:
        return [member.account for member in self._roster.select(providers=providers)]

    def account(self, account_id: str) -> Account | None:
        return self._roster[account_id].account if account_id in self._roster else None

    def account_of(self, thing: HasAccountId) -> Account:
        return self._roster[thing.account_id].account

    def project_from_id(self, project_id: str) -> Project | None:
        return self._projects.from_id(project_id)

    async def invoices(
        self,
        page: PageArgs,
        filter_by: InvoiceFilter | None,
        order_by: InvoiceOrder,
        account_ids: Sequence[str] | None = None,
    ) -> InvoiceConnection:
        return await InvoiceQuery(self._roster, self._loaders, filter_by, account_ids).page(page, order_by)

    async def month_to_date(self, accounts: Sequence[str] | None) -> MonthToDate:
        return await month_to_date(self._roster.select(accounts), self._loaders)

    async def projects(self, page: PageArgs, accounts: Sequence[str] | None, search: str | None) -> ProjectConnection:
        return await self._projects.page(page, accounts, search)

    async def credits(self, page: PageArgs, filter_by: CreditFilter | None) -> CreditConnection:
        return await CreditQuery(self._roster, self._loaders, self._parts, filter_by).page(page)

    def invoice_changes(self, filter_by: InvoiceFilter | None) -> AsyncGenerator[InvoiceChange, None]:
        if self._changes is None:
            raise BadUserInput("Nothing can be watched here.")
        return self._changes.watch(filter_by)

    async def node(self, node_id: str) -> Node | None:
        ref = ids.parse(node_id)
        if ref is None:
            return self.account(node_id)
        by_kind = {
            ids.INVOICE: self.invoice,
            ids.LINE_ITEM: self.line_item,
            ids.CREDIT: self.credit,
            ids.PROJECT: self.project,
        }
        return await by_kind[ref.kind](node_id)

    async def invoice(self, invoice_id: str) -> Invoice | None:
        return await self._objects.invoice(invoice_id)

    async def line_item(self, line_item_id: str) -> LineItem | None:
        return await self._objects.line_item(line_item_id)

    async def credit(self, credit_id: str) -> Credit | None:
        return await self._objects.credit(credit_id)

    async def project(self, project_id: str) -> Project | None:
        return await self._projects.one(project_id)

    def total(self, invoice: Invoice) -> AwaitableOrValue[Money | None]:
        return self._parts.total(invoice)

    def line_items(
        self, invoice: Invoice, page: PageArgs, filter_by: LineItemFilter | None
    ) -> AwaitableOrValue[LineItemConnection | None]:
        return self._parts.line_items(invoice, page, filter_by)

    def credits_of(self, invoice: Invoice) -> AwaitableOrValue[list[Credit] | None]:
        known = invoice.credit_part
        return known.get(invoice) if known else LazyAwaitable(lambda: self._parts.credits(invoice))

    async def raw(self, invoice: Invoice) -> Json | None:
        return await self._parts.raw(invoice)

    def parent_invoice(self, part: HasInvoiceId) -> LazyAwaitable[Invoice]:
        return LazyAwaitable(lambda: self._objects.parent_invoice(part.invoice_id))

    async def reference(self, account: Account) -> str | None:
        return await self._objects.reference(account)

    async def projects_of(self, account: Account, page: PageArgs) -> ProjectConnection | None:
        return await self._projects.of_account(self._roster[str(account.id)], page)

    async def charges(
        self, project: Project, page: PageArgs, filter_by: InvoiceFilter | None
    ) -> ProjectChargeConnection | None:
        return await self._projects.charges(project, page, filter_by)
