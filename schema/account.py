"""Providers, their accounts, and the health of an account."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from .connection import After, Before, First, Last, PageArgs
from .context import Info
from .cost import EXPENSIVE
from .coverage import FailureCode
from .filters import InvoiceFilterArg, InvoiceOrder, NewestFirst
from .node import Node
from .scopes import AUTHENTICATED, INVOICES

if TYPE_CHECKING:
    from .invoice_list import InvoiceConnection
    from .project import ProjectConnection


@strawberry.federation.type(
    keys=["id"], directives=AUTHENTICATED, description="A company whose invoices this service can read."
)
class Provider:
    """A provider that this service calls."""

    id: strawberry.ID = strawberry.field(description="Short name of the provider, such as `fastly`.")
    name: str = strawberry.field(description="Display name of the provider.")

    @strawberry.field(description="Configured accounts at this provider.")
    def accounts(self, info: Info) -> list["Account"]:
        return info.context.accounts([self.id])

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Provider | None":
        return info.context.provider(id)


@strawberry.enum(description="Health of an account, by the latest response of its provider.")
class HealthStatus(Enum):
    """Derived from the latest response of the provider."""

    HEALTHY = strawberry.enum_value("HEALTHY", description="The latest call to the provider succeeded.")
    FAILING = strawberry.enum_value("FAILING", description="The latest call to the provider failed.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="The provider has not been called since the service started."
    )


@strawberry.type(description="Health of an account: how its provider has responded since the service started.")
class AccountHealth:
    """What this service has observed. Reading it makes no provider call."""

    status: HealthStatus = strawberry.field(description="Result of the latest call to the provider.")
    last_success_at: datetime | None = strawberry.field(
        description="Time of the latest successful response. Null if there was none since the service started."
    )
    last_failure_at: datetime | None = strawberry.field(
        description="Time of the latest failure. Null if there was none since the service started."
    )
    code: FailureCode | None = strawberry.field(
        description="Reason for the failure. Null if the account is not failing."
    )


@strawberry.federation.type(
    keys=["id"], directives=INVOICES, description="An account at one provider, as the configuration names it."
)
class Account(Node):
    """One account. Its invoices are fetched only if they are selected."""

    name: str = strawberry.field(description="Display name of the account.")
    sandbox: bool = strawberry.field(
        description="True if the account's data is simulated. Simulated data never shows real costs."
    )
    provider_id: strawberry.Private[str]

    @strawberry.field(description="Provider that bills this account.")
    def provider(self, info: Info) -> Provider:
        return info.context.provider_of(self)

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "ID of the customer, tenant or organization at the provider. Null if the provider has not stated "
            "it. May require a provider call if only an invoice names it."
        ),
    )
    async def reference(self, info: Info) -> str | None:
        return await info.context.reference(self)

    @strawberry.field(description="Health of the account. This field never calls the provider.")
    def health(self, info: Info) -> AccountHealth:
        return info.context.health(self)

    @strawberry.field(directives=EXPENSIVE, description="Invoices of this account, sorted and paginated.")
    async def invoices(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
        filter_by: InvoiceFilterArg = strawberry.UNSET,
        order_by: NewestFirst = InvoiceOrder.NEWEST_FIRST,
    ) -> Annotated["InvoiceConnection", strawberry.lazy("schema.invoice_list")]:
        page = PageArgs.of(first=first, after=after, last=last, before=before)
        return await info.context.invoices(page, filter_by or None, order_by, [self.id])

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "Projects that this account's invoices charge, sorted by ID. Null if the provider's invoices name "
            "no projects. Null with an error if the invoices could not be fetched."
        ),
    )
    async def projects(
        self, info: Info, first: First = strawberry.UNSET, after: After = strawberry.UNSET
    ) -> Annotated["ProjectConnection", strawberry.lazy("schema.project")] | None:
        return await info.context.projects_of(self, PageArgs.of(first=first, after=after))

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Account | None":
        return info.context.account(id)
