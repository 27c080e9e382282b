"""Accounts and the providers they are at."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from .connection import After, Before, First, Last, Slice
from .context import Info
from .cost import MAY_ASK
from .coverage import FailureCode
from .filters import InvoiceOrder, Invoices, NewestFirst
from .node import Node

if TYPE_CHECKING:
    from .invoice import InvoiceConnection
    from .project import ProjectConnection


@strawberry.federation.type(keys=["id"], description="A company whose invoices this graph can read.")
class Provider:
    """One of the providers that this graph speaks to."""

    id: strawberry.ID = strawberry.field(description="The provider's short name, such as fastly.")
    name: str = strawberry.field(description="The provider's name as people write it.")

    @strawberry.field(description="The accounts at this provider that the caller may see.")
    def accounts(self, info: Info) -> list["Account"]:
        return info.context.accounts([self.id])

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Provider | None":
        return info.context.provider(id)


@strawberry.enum(description="How an account's provider has answered lately.")
class HealthStatus(Enum):
    """By its last answer."""

    HEALTHY = strawberry.enum_value("HEALTHY", description="The last time that it was asked, it answered.")
    FAILING = strawberry.enum_value("FAILING", description="The last time that it was asked, it failed.")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="It has not been asked since the service started.")


@strawberry.type(description="How an account's provider has answered since this service started.")
class AccountHealth:
    """What the service has seen; asking for it asks nobody."""

    status: HealthStatus = strawberry.field(description="How its last answer was.")
    last_success_at: datetime | None = strawberry.field(
        description="When it last answered. Null when it never has since the service started."
    )
    last_failure_at: datetime | None = strawberry.field(
        description="When it last failed. Null when it never has since the service started."
    )
    code: FailureCode | None = strawberry.field(description="Why it is failing. Null when it is not.")


@strawberry.federation.type(keys=["id"], description="One account at one provider, as the configuration names it.")
class Account(Node):
    """One account; its invoices are asked for when they are selected."""

    name: str = strawberry.field(description="What people call the account.")
    sandbox: bool = strawberry.field(description="True when its data is simulated: never real costs.")
    provider_id: strawberry.Private[str]

    @strawberry.field(description="The provider that bills this account.")
    def provider(self, info: Info) -> Provider:
        return info.context.provider_of(self)

    @strawberry.field(
        directives=MAY_ASK,
        description=(
            "The customer, tenant or organisation id at the provider. Null when the provider has not said it; "
            "reading it may cost a call where only an invoice names it."
        ),
    )
    async def reference(self, info: Info) -> str | None:
        return await info.context.reference(self)

    @strawberry.field(description="How its provider has answered lately; asks nobody.")
    def health(self, info: Info) -> AccountHealth:
        return info.context.health(self)

    @strawberry.field(directives=MAY_ASK, description="The invoices of this account, in one order, page by page.")
    async def invoices(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter_by: Invoices = strawberry.UNSET,
        order_by: NewestFirst = InvoiceOrder.NEWEST_FIRST,
    ) -> Annotated["InvoiceConnection", strawberry.lazy("schema.invoice")]:
        page = Slice.of(first=first, after=after, last=last, before=before)
        return await info.context.invoices(page, filter_by or None, order_by, [self.id])

    @strawberry.field(
        directives=MAY_ASK,
        description=(
            "The projects that this account's invoices charge, by their id. "
            "Null when the provider's invoices name no projects."
        ),
    )
    async def projects(
        self, info: Info, first: First = strawberry.UNSET, after: After = strawberry.UNSET
    ) -> Annotated["ProjectConnection", strawberry.lazy("schema.project")] | None:
        return await info.context.projects_of(self, Slice.of(first=first, after=after))

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Account | None":
        return info.context.account(id)
