"""The query root: each field calls the request context."""

from typing import Annotated

import strawberry
from strawberry.federation.schema_directives import Cost

from .account import Account, Provider
from .connection import After, Before, First, Last, PageArgs
from .context import Info
from .cost import EXPENSIVE
from .credit import CreditConnection
from .discrepancy import DiscrepancyConnection, MinSeverity
from .federation import FederationQuery
from .filters import CreditFilterArg, InvoiceFilterArg, InvoiceOrder, NewestFirst
from .invoice import Invoice
from .invoice_list import InvoiceConnection, MonthToDate
from .node import Node
from .project import Project, ProjectConnection, find_project, is_id_enough
from .rates import OnRateDay, RateDay
from .reconciliation import Severity
from .scopes import INVOICES
from .spend import Breakdown, ConvertTo, GroupBy, Spend, SpendArgs, SpendFilterArg, SpendKey
from .values import unset_to_none

AccountIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Only these accounts. An empty list matches nothing; null applies no filter."),
]
ProviderIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Only these providers. An empty list matches nothing; null applies no filter."),
]
Search = Annotated[
    str | None,
    strawberry.argument(description="Only projects whose name contains this text, ignoring case."),
]
Id = Annotated[strawberry.ID, strawberry.argument(description="An ID that this service returned.")]


@strawberry.type(description="The query root.")
class Query(FederationQuery):
    """All query fields."""

    @strawberry.field(
        directives=[*EXPENSIVE, *INVOICES], description="Invoices of all configured accounts, in one list."
    )
    async def invoices(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter_by: InvoiceFilterArg = strawberry.UNSET,
        order_by: NewestFirst = InvoiceOrder.NEWEST_FIRST,
    ) -> InvoiceConnection:
        page = PageArgs.of(first=first, after=after, last=last, before=before)
        return await info.context.invoices(page, filter_by or None, order_by)

    @strawberry.field(
        directives=EXPENSIVE,
        description="An invoice by its ID. Null if it does not exist. Null with an error if it could not be fetched.",
    )
    def invoice(self, info: Info, id: Id) -> Invoice | None:
        return info.context.invoice(id)  # type: ignore[return-value] # or awaitable

    @strawberry.field(
        directives=[*EXPENSIVE, *INVOICES],
        description="Running invoices, which are not posted yet. Only Fastly has one.",
    )
    async def month_to_date(self, info: Info, accounts: AccountIds = strawberry.UNSET) -> MonthToDate:
        return await info.context.month_to_date(unset_to_none(accounts))

    @strawberry.field(description="All configured accounts.")
    def accounts(self, info: Info, providers: ProviderIds = strawberry.UNSET) -> list[Account]:
        return info.context.accounts(unset_to_none(providers))

    @strawberry.field(description="An account by its ID. Null if it does not exist.")
    def account(self, info: Info, id: Id) -> Account | None:
        return info.context.account(id)

    @strawberry.field(directives=[*EXPENSIVE, *INVOICES], description="Projects that invoices charge, sorted by ID.")
    async def projects(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        accounts: AccountIds = strawberry.UNSET,
        search: Search = strawberry.UNSET,
    ) -> ProjectConnection:
        return await info.context.projects(
            PageArgs.of(first=first, after=after), unset_to_none(accounts), unset_to_none(search)
        )

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "A project by its ID. Null if no invoice names it. This is not checked if only `id` and `account` "
            "are selected. Null with an error if the invoices could not be fetched."
        ),
    )
    def project(self, info: Info, id: Id) -> Project | None:
        return find_project(info, id)  # type: ignore[return-value] # or awaitable

    @strawberry.field(
        directives=[*EXPENSIVE, *INVOICES],
        description="Credits that invoices show, newest invoice first. Each credit is as the newest invoice shows it.",
    )
    async def credits(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter_by: CreditFilterArg = strawberry.UNSET,
    ) -> CreditConnection:
        return await info.context.credits(PageArgs.of(first=first, after=after), filter_by or None)

    @strawberry.field(
        directives=[Cost(weight=1_000), *INVOICES],
        description=(
            "What invoices charge, added exactly: one row for each combination of keys in each currency. Currencies "
            "are never mixed. Running invoices are not included: see `monthToDate`."
        ),
    )
    async def spend(
        self,
        info: Info,
        group_by: GroupBy = [SpendKey.MONTH],  # noqa: B006 (Strawberry copies it into the schema)
        filter_by: SpendFilterArg = strawberry.UNSET,
        breakdown: Breakdown = strawberry.UNSET,
        convert_to: ConvertTo = strawberry.UNSET,
        convert_on: OnRateDay = RateDay.PERIOD_END,
    ) -> Spend:
        view, currency = unset_to_none(breakdown), unset_to_none(convert_to)
        return await info.context.spend(SpendArgs(group_by, filter_by or None, view, currency, convert_on))

    @strawberry.field(
        directives=[Cost(weight=1_000), *INVOICES],
        description=(
            "Checks of invoices that do not come out exact, worst first: whether the figures agree, and whether "
            "invoices are missing or doubled. Running invoices are not included."
        ),
    )
    async def discrepancies(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter_by: InvoiceFilterArg = strawberry.UNSET,
        min_severity: MinSeverity = Severity.WARNING,
    ) -> DiscrepancyConnection:
        page = PageArgs.of(first=first, after=after)
        return await info.context.discrepancies(page, filter_by or None, min_severity)

    @strawberry.field(description="All providers that this service supports, with or without accounts.")
    def providers(self, info: Info) -> list[Provider]:
        return info.context.providers()

    @strawberry.field(
        directives=INVOICES,
        description=(
            "Any `Node` by its ID, for clients that call this service directly, such as Relay. Null if it "
            "does not exist. Null with an error if it could not be fetched."
        ),
    )
    def node(self, info: Info, id: Id) -> Node | None:
        return info.context.node(id, lambda: is_id_enough(info))  # type: ignore[return-value] # or awaitable
