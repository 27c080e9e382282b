"""The roots of the graph: each field puts one question to its request."""

from typing import Annotated

import strawberry

from .account import Account, Provider
from .connection import After, Before, First, Last, Slice
from .context import Info
from .cost import MAY_ASK
from .credit import CreditConnection
from .federation import FederationQuery
from .filters import Credits, InvoiceOrder, Invoices, NewestFirst
from .invoice import Invoice, InvoiceConnection, MonthToDate
from .node import Node
from .project import Project, ProjectConnection, find_project
from .values import given

AccountIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Only these accounts. [] matches nothing, null filters nothing."),
]
ProviderIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="Only these providers. [] matches nothing, null filters nothing."),
]
Search = Annotated[
    str | None,
    strawberry.argument(description="Only projects whose name contains this text, whatever its case."),
]
Id = Annotated[strawberry.ID, strawberry.argument(description="An id that this graph gave.")]


@strawberry.type(description="What can be asked.")
class Query(FederationQuery):
    """Every root."""

    @strawberry.field(
        directives=MAY_ASK, description="The invoices of every account that the caller may see, in one list."
    )
    async def invoices(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter_by: Invoices = strawberry.UNSET,
        order_by: NewestFirst = InvoiceOrder.NEWEST_FIRST,
    ) -> InvoiceConnection:
        page = Slice.of(first=first, after=after, last=last, before=before)
        return await info.context.invoices(page, filter_by or None, order_by)

    @strawberry.field(
        directives=MAY_ASK,
        description="One invoice by its id. Null when there is none, or with an error when it could not be asked.",
    )
    async def invoice(self, info: Info, id: Id) -> Invoice | None:
        return await info.context.invoice(id)

    @strawberry.field(directives=MAY_ASK, description="The running, not yet posted invoices. Only Fastly has one.")
    async def month_to_date(self, info: Info, accounts: AccountIds = strawberry.UNSET) -> MonthToDate:
        return await info.context.month_to_date(given(accounts))

    @strawberry.field(description="The accounts that the caller may see.")
    def accounts(self, info: Info, providers: ProviderIds = strawberry.UNSET) -> list[Account]:
        return info.context.accounts(given(providers))

    @strawberry.field(description="One account by its id. Null when there is none.")
    def account(self, info: Info, id: Id) -> Account | None:
        return info.context.account(id)

    @strawberry.field(directives=MAY_ASK, description="The projects that invoices charge, by their id.")
    async def projects(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        accounts: AccountIds = strawberry.UNSET,
        search: Search = strawberry.UNSET,
    ) -> ProjectConnection:
        return await info.context.projects(Slice.of(first=first, after=after), given(accounts), given(search))

    @strawberry.field(
        directives=MAY_ASK,
        description=(
            "One project by its id. Null when no invoice names it, which is not looked up where only its id is "
            "selected, or with an error when it could not be asked."
        ),
    )
    async def project(self, info: Info, id: Id) -> Project | None:
        return await find_project(info, id)

    @strawberry.field(
        directives=MAY_ASK,
        description="The grants that invoices show, each as the newest invoice shows it, newest first.",
    )
    async def credits(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter_by: Credits = strawberry.UNSET,
    ) -> CreditConnection:
        return await info.context.credits(Slice.of(first=first, after=after), filter_by or None)

    @strawberry.field(description="Every provider that this graph speaks to, with or without accounts.")
    def providers(self, info: Info) -> list[Provider]:
        return info.context.providers()

    @strawberry.field(description="Any object by its id, for clients that talk to this graph directly, such as Relay.")
    async def node(self, info: Info, id: Id) -> Node | None:
        if info.context.project_named(id):
            return await find_project(info, id)
        return await info.context.node(id)
