"""The interface of the request context. Fields call it, and `resolvers` implements it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

import strawberry

if TYPE_CHECKING:
    from datetime import datetime

    from execution.awaitable import AwaitableOrValue

    from .account import Account, AccountHealth, Provider
    from .connection import PageArgs
    from .credit import Credit, CreditConnection
    from .discrepancy import DiscrepancyConnection
    from .filters import CreditFilter, InvoiceFilter, InvoiceOrder, LineItemFilter
    from .focus import FocusInvoiceDetail
    from .invoice import Invoice
    from .invoice_list import InvoiceConnection, MonthToDate
    from .line_item import LineItem, LineItemConnection
    from .node import Node
    from .project import Project, ProjectChargeConnection, ProjectConnection
    from .rates import ConvertedMoney, RateDay
    from .reconciliation import Reconciliation, Severity
    from .scalars import CurrencyCode, Json
    from .spend import Spend, SpendArgs
    from .subscription import InvoiceChange
    from .totals import LinesTotal
    from .values import Money


class HasAccountId(Protocol):
    """An object that belongs to one account."""

    account_id: str


class HasInvoiceId(Protocol):
    """An object that belongs to one invoice."""

    invoice_id: str


class PaymentTerms(Protocol):
    """The payment of invoices, by the terms in the configuration. None: not known."""

    def due_at(self, invoice: Invoice) -> datetime | None: ...
    def is_overdue(self, invoice: Invoice) -> bool | None: ...
    def failed_attempts(self, invoice: Invoice) -> int | None: ...


class Context(Protocol):
    """What fields can ask for during one request.

    A method that returns one object raises if the fetch fails. A list reports the failure in its coverage.
    """

    # Known without a provider call
    def now(self) -> datetime: ...
    @property
    def payment_terms(self) -> PaymentTerms: ...
    def providers(self) -> list[Provider]: ...
    def provider(self, provider_id: str) -> Provider | None: ...
    def health(self, account: Account) -> AccountHealth: ...
    def provider_of(self, account: Account) -> Provider: ...
    def accounts(self, providers: Sequence[str] | None) -> list[Account]: ...
    def account(self, account_id: str) -> Account | None: ...
    def account_of(self, part: HasAccountId) -> Account: ...

    # Lists over accounts
    async def invoices(
        self,
        page: PageArgs,
        filter_by: InvoiceFilter | None,
        order_by: InvoiceOrder,
        account_ids: Sequence[str] | None = None,
    ) -> InvoiceConnection: ...
    async def month_to_date(self, accounts: Sequence[str] | None) -> MonthToDate: ...
    async def projects(
        self, page: PageArgs, accounts: Sequence[str] | None, search: str | None
    ) -> ProjectConnection: ...
    async def credits(self, page: PageArgs, filter_by: CreditFilter | None) -> CreditConnection: ...
    async def spend(self, args: SpendArgs) -> Spend: ...
    async def discrepancies(
        self, page: PageArgs, filter_by: InvoiceFilter | None, min_severity: Severity
    ) -> DiscrepancyConnection: ...

    # Changes from now on
    def invoice_changes(self, filter_by: InvoiceFilter | None) -> AsyncGenerator[InvoiceChange, None]: ...

    # One object by its id, or None if there is none. `is_id_enough`: whether a project needs no name
    def node(self, node_id: str, is_id_enough: Callable[[], bool]) -> AwaitableOrValue[Node | None]: ...
    def invoice(self, invoice_id: str) -> AwaitableOrValue[Invoice | None]: ...
    async def line_item(self, line_item_id: str) -> LineItem | None: ...
    async def credit(self, credit_id: str) -> Credit | None: ...
    def project(self, project_id: str, is_id_enough: Callable[[], bool]) -> AwaitableOrValue[Project | None]: ...

    # Parts of an object
    def total(self, invoice: Invoice) -> AwaitableOrValue[Money | None]: ...
    def line_items(
        self, invoice: Invoice, page: PageArgs, filter_by: LineItemFilter | None
    ) -> AwaitableOrValue[LineItemConnection | None]: ...
    async def reconcile(self, invoice: Invoice) -> Reconciliation: ...
    async def lines_total(self, invoice: Invoice) -> LinesTotal | None: ...
    def total_in(
        self, invoice: Invoice, currency: CurrencyCode, rate_day: RateDay
    ) -> AwaitableOrValue[ConvertedMoney | None]: ...
    def credits_of(self, invoice: Invoice) -> AwaitableOrValue[list[Credit] | None]: ...
    async def raw(self, invoice: Invoice) -> Json | None: ...
    def parent_invoice(self, part: HasInvoiceId) -> AwaitableOrValue[Invoice]: ...
    async def focus(self, line: LineItem) -> FocusInvoiceDetail: ...
    async def reference(self, account: Account) -> str | None: ...
    async def projects_of(self, account: Account, page: PageArgs) -> ProjectConnection | None: ...
    async def charges(
        self, project: Project, page: PageArgs, filter_by: InvoiceFilter | None
    ) -> ProjectChargeConnection | None: ...


Info: TypeAlias = strawberry.Info[Context, None]
