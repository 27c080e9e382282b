"""The request context: implements schema.context for one request."""

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial

from execution.awaitable import AwaitableOrValue, map_value, value_of
from execution.list_sizes import KnownSizes
from providers.call import CallContext
from schema.account import Account, AccountHealth, Provider
from schema.connection import PageArgs
from schema.context import HasAccountId, HasInvoiceId
from schema.credit import Credit, CreditConnection
from schema.discrepancy import DiscrepancyConnection
from schema.filters import CreditFilter, InvoiceFilter, InvoiceOrder, LineItemFilter
from schema.focus import FocusInvoiceDetail
from schema.invoice import Invoice
from schema.invoice_list import InvoiceConnection, MonthToDate
from schema.line_item import LineItem, LineItemConnection
from schema.node import Node
from schema.project import Project, ProjectChargeConnection, ProjectConnection
from schema.rates import ConvertedMoney, RateDay
from schema.reconciliation import Reconciliation, Severity
from schema.scalars import CurrencyCode, Json
from schema.spend import Spend, SpendArgs
from schema.subscription import InvoiceChange
from schema.totals import LinesTotal
from schema.values import Money

from .accounts import AccountRegistry
from .change_feed import ChangeFeed
from .credits import CreditQuery
from .errors import BadUserInput
from .finance.conversions import Conversions
from .finance.discrepancies import DiscrepancyQuery
from .finance.lines_total import lines_total
from .finance.rates import NO_RATES, RateTable
from .finance.reconciliation import Reconciler
from .finance.spend import SpendQuery
from .focus.line_focus import focus_of
from .focus.record import BillingAccount, billing_account
from .grants import EVERYTHING, Grants
from .invoice_fields import InvoiceFields
from .invoice_stream import InvoiceStream
from .invoices import InvoiceQuery
from .loaders import Loaders
from .month_to_date import month_to_date
from .nodes import NodeLookup
from .outcomes import RequestOutcomes
from .payment_terms import PaymentTerms
from .projects import Projects
from .unknown_ids import UnknownIds


class RequestContext:
    """Everything that a GraphQL field can ask for during one request. Fields reach it as `info.context`.

    Each method serves one or a few fields and delegates to the class that resolves them. All methods share one set of
    loaders, so the same page, invoice or list of line items is fetched at most once per request. The context sees only
    the accounts in its registry. `outcomes` records how each called account responded. `call` goes with every
    provider call of the request.

    It lives as long as one operation, or one event of a subscription. Create it inside the event loop. Call `close`
    when the response is complete: this cancels the fetches that are still in flight and drops what was loaded.
    """

    def __init__(
        self,
        registry: AccountRegistry,
        call: CallContext,
        change_feed: ChangeFeed | None = None,
        grants: Grants = EVERYTHING,
        rates: RateTable = NO_RATES,
    ) -> None:
        """`registry` has the caller's accounts only. `grants` select those of a subscription, also after a reload.

        `rates` convert amounts. Without `change_feed`, `invoice_changes` raises BadUserInput.
        """
        self._registry, self.call, self._change_feed = registry, call, change_feed
        self._grants = grants
        self._loaders = Loaders(registry, call)
        self._invoice_fields = InvoiceFields(registry, self._loaders)
        self._reconciler = Reconciler(registry, call, self._invoice_fields)
        self.payment_terms, self.now = PaymentTerms(lambda: registry, self._loaders.clock.now), self._loaders.clock.now
        self._conversions = Conversions(rates, call, self.outcomes)
        self._projects = Projects(registry, self._loaders)
        self._nodes = NodeLookup(registry, self._loaders, self._invoice_fields, self._projects)
        self._unknown_ids = UnknownIds(registry, self.outcomes, self._projects.is_project_id)

    @property
    def outcomes(self) -> RequestOutcomes:
        """The accounts that were called so far, and how each responded."""
        return self._loaders.outcomes

    @property
    def list_sizes(self) -> KnownSizes:
        """The lengths of lists of accounts, by which the limits count them."""
        return self._registry.list_sizes

    def close(self) -> None:
        self._loaders.close()

    def providers(self) -> list[Provider]:
        return self._registry.providers

    def provider(self, provider_id: str) -> Provider | None:
        return self._registry.provider(provider_id)

    def provider_of(self, account: Account) -> Provider:
        return self._registry.provider_of(account)

    def health(self, account: Account) -> AccountHealth:
        """Return the current health. A response that contains it is not cached, because health changes at any time."""
        if self.call.dependencies is not None:
            self.call.dependencies.is_cacheable = False
        return self._registry[str(account.id)].health_record.health

    def accounts(self, providers: Sequence[str] | None) -> list[Account]:
        self._unknown_ids.check_providers("accounts", providers)
        return [connected.account for connected in self._registry.select(providers=providers)]

    def account(self, account_id: str) -> Account | None:
        return self._registry[account_id].account if account_id in self._registry else None

    def account_of(self, part: HasAccountId) -> Account:
        return self._registry[part.account_id].account

    async def invoices(
        self,
        page: PageArgs,
        filter_by: InvoiceFilter | None,
        order_by: InvoiceOrder,
        account_ids: Sequence[str] | None = None,
    ) -> InvoiceConnection:
        self._unknown_ids.check_invoice_filter("invoices", filter_by)
        return await InvoiceQuery(self._registry, self._loaders, filter_by, account_ids).page(page, order_by)

    def stream_invoices(self, filter_by: InvoiceFilter | None, *, with_lines: bool) -> InvoiceStream:
        """Return every matching invoice, for files. No other method may run while the stream is read."""
        self._unknown_ids.check_invoice_filter("export", filter_by)
        query = InvoiceQuery(self._registry, self._loaders, filter_by)
        return InvoiceStream(query, self._invoice_fields, self._loaders, with_lines=with_lines)

    async def month_to_date(self, accounts: Sequence[str] | None) -> MonthToDate:
        self._unknown_ids.check_accounts("monthToDate", accounts)
        return await month_to_date(self._registry.select(accounts), self._loaders)

    async def projects(self, page: PageArgs, accounts: Sequence[str] | None, search: str | None) -> ProjectConnection:
        self._unknown_ids.check_accounts("projects", accounts)
        return await self._projects.page(page, accounts, search)

    async def credits(self, page: PageArgs, filter_by: CreditFilter | None) -> CreditConnection:
        self._unknown_ids.check_credit_filter("credits", filter_by)
        return await CreditQuery(self._registry, self._loaders, self._invoice_fields, filter_by).page(page)

    async def spend(self, args: SpendArgs) -> Spend:
        self._unknown_ids.check_invoice_filter("spend", args.filter_by)
        query = InvoiceQuery(self._registry, self._loaders, args.filter_by)
        converter = None
        if args.convert_to is not None:
            converter = self._conversions.converter(args.convert_to, args.convert_on, "spend", "convertTo")
        return await SpendQuery(self._registry, query, self._invoice_fields, args, converter).sum()

    async def discrepancies(
        self, page: PageArgs, filter_by: InvoiceFilter | None, min_severity: Severity
    ) -> DiscrepancyConnection:
        self._unknown_ids.check_invoice_filter("discrepancies", filter_by)
        query = InvoiceQuery(self._registry, self._loaders, filter_by)
        return await DiscrepancyQuery(query, self._reconciler, page, min_severity).page()

    def invoice_changes(self, filter_by: InvoiceFilter | None) -> AsyncGenerator[InvoiceChange, None]:
        if self._change_feed is None:
            raise BadUserInput("Subscriptions are not available here.")
        return self._change_feed.watch(filter_by, self._grants)

    def node(self, node_id: str, is_id_enough: Callable[[], bool]) -> AwaitableOrValue[Node | None]:
        return self._nodes.node(node_id, is_id_enough)

    def invoice(self, invoice_id: str) -> AwaitableOrValue[Invoice | None]:
        return self._nodes.invoice(invoice_id)

    async def line_item(self, line_item_id: str) -> LineItem | None:
        return await self._nodes.line_item(line_item_id)

    async def credit(self, credit_id: str) -> Credit | None:
        return await self._nodes.credit(credit_id)

    def project(self, project_id: str, is_id_enough: Callable[[], bool]) -> AwaitableOrValue[Project | None]:
        return self._nodes.project(project_id, is_id_enough)

    def total(self, invoice: Invoice) -> AwaitableOrValue[Money | None]:
        return self._invoice_fields.total(invoice)

    def line_items(
        self, invoice: Invoice, page: PageArgs, filter_by: LineItemFilter | None
    ) -> AwaitableOrValue[LineItemConnection | None]:
        return self._invoice_fields.line_items(invoice, page, filter_by)

    async def reconcile(self, invoice: Invoice) -> Reconciliation:
        return await self._reconciler.reconcile(invoice)

    async def lines_total(self, invoice: Invoice) -> LinesTotal | None:
        return await lines_total(self._invoice_fields, invoice)

    def total_in(
        self, invoice: Invoice, currency: CurrencyCode, rate_day: RateDay
    ) -> AwaitableOrValue[ConvertedMoney | None]:
        convert = partial(self._conversions.converter(currency, rate_day, "totalIn", "to").convert, invoice)
        return map_value(self._invoice_fields.total(invoice), convert)

    def credits_of(self, invoice: Invoice) -> AwaitableOrValue[list[Credit] | None]:
        return self._invoice_fields.credits(invoice)

    async def raw(self, invoice: Invoice) -> Json | None:
        return await self._invoice_fields.raw(invoice)

    def parent_invoice(self, part: HasInvoiceId) -> AwaitableOrValue[Invoice]:
        return self._nodes.parent_invoice(part.invoice_id)

    async def billing_account(self, account_id: str) -> BillingAccount:
        """Return an account with its id at the provider, which may cost a call."""
        connected = self._registry[account_id]
        is_configured = connected.source.settings.billing_account_id
        return billing_account(connected, None if is_configured else await self._nodes.reference(connected.account))

    async def focus(self, line: LineItem) -> FocusInvoiceDetail:
        invoice = line.parent
        if invoice is None:
            invoice = await value_of(self.parent_invoice(line))
        return focus_of(line, invoice, await self.billing_account(invoice.account_id))

    async def reference(self, account: Account) -> str | None:
        return await self._nodes.reference(account)

    async def projects_of(self, account: Account, page: PageArgs) -> ProjectConnection | None:
        return await self._projects.account_page(self._registry[str(account.id)], page)

    async def charges(
        self, project: Project, page: PageArgs, filter_by: InvoiceFilter | None
    ) -> ProjectChargeConnection | None:
        self._unknown_ids.check_invoice_filter("charges", filter_by)
        return await self._projects.charges(project, page, filter_by)
