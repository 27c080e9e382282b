"""Projects, and what each invoice charges to them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from execution.awaitable import AwaitableOrValue
from execution.lazy import LazyObject, lazy_fields
from execution.selection import selects_only

from .account import Account
from .connection import After, First, PageArgs
from .context import Info
from .cost import EXPENSIVE
from .coverage import CoveredConnection
from .filters import InvoiceFilterArg
from .node import Node
from .scopes import INVOICES
from .values import Money, Quantity

if TYPE_CHECKING:
    from .invoice import Invoice


@strawberry.federation.type(
    keys=["id"], directives=INVOICES, description="A project that the invoices of one account charge."
)
class Project(Node):
    """A project is known only from the invoices that name it."""

    name: str | None = strawberry.field(
        description=(
            "Name of the project. Below an invoice, it is the name on that invoice. Elsewhere, it is the name "
            "on the newest invoice that charges the project. Null if that invoice states no name."
        )
    )
    account_id: strawberry.Private[str]

    @strawberry.field(description="Account that the project belongs to.")
    def account(self, info: Info) -> Account:
        return info.context.account_of(self)

    @strawberry.field(
        directives=EXPENSIVE,
        description=(
            "The project's share of each invoice, newest invoice first. Null with an error if the invoices "
            "could not be fetched."
        ),
    )
    async def charges(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter_by: InvoiceFilterArg = strawberry.UNSET,
    ) -> "ProjectChargeConnection | None":
        return await info.context.charges(self, PageArgs.of(first=first, after=after), filter_by or None)

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> AwaitableOrValue["Project | None"]:
        return find_project(info, id)


@strawberry.type(description="A project's usage of one product.")
class ProjectUsage:
    """One product's part of a project's share."""

    product: str = strawberry.field(description="Used product.")
    cost: Money | None = strawberry.field(
        description="Cost of the usage. Null if the provider does not state it or its currency is unknown."
    )
    unit_price: Money | None = strawberry.field(
        description="Price of one unit. Null if the provider does not state it or its currency is unknown."
    )
    used: Quantity | None = strawberry.field(description="Used quantity. Null if the provider does not state it.")


@lazy_fields
@strawberry.type(
    description=(
        "A project's share of an invoice. It is a second view of the same money as the line items: never add the two."
    )
)
class ProjectCharge(LazyObject):
    """One project's share of one invoice."""

    project: Project | None = strawberry.field(description="Charged project. Null if the provider names none.")
    name: str | None = strawberry.field(
        description="Name of the project on this invoice. Null if the provider does not state it."
    )
    invoice: Annotated["Invoice", strawberry.lazy("schema.invoice")] = strawberry.field(
        description="Invoice that this is a share of."
    )
    cost: Money | None = strawberry.field(
        description="Cost of the share. Null if the provider does not state it or its currency is unknown."
    )
    usage: list[ProjectUsage] | None = strawberry.field(
        description="Usage in the share, by product. Null if the provider does not state it."
    )
    index: strawberry.Private[int]  # position among the invoice's charges


@strawberry.type(description="A page of projects, sorted by ID.")
class ProjectConnection(CoveredConnection[Project]):
    """A page of projects."""


@strawberry.type(description="A page of a project's shares of invoices, newest invoice first.")
class ProjectChargeConnection(CoveredConnection[ProjectCharge]):
    """A page of charges."""


def find_project(info: Info, project_id: strawberry.ID) -> AwaitableOrValue[Project | None]:
    """Return the project, or None if no invoice names it.

    Makes no provider call if only `id` and `account` are selected: a well-formed id is enough for both.
    """
    return info.context.project(project_id, lambda: is_id_enough(info))


def is_id_enough(info: Info) -> bool:
    """Return True if the selection on a project needs no more than its id."""
    return selects_only(info, "Project", {"id", "account"})
