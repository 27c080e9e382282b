"""Projects, and what each invoice charges to them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from execution.lazy import Late, late
from execution.selection import selects_only

from .account import Account
from .connection import After, First, Slice
from .context import Info
from .cost import MAY_ASK
from .coverage import CoveredConnection
from .filters import Invoices
from .node import Node
from .values import Money, Quantity

if TYPE_CHECKING:
    from .invoice import Invoice


@strawberry.federation.type(keys=["id"], description="A project that invoices of one account charge.")
class Project(Node):
    """A project is known from the invoices that name it."""

    name: str | None = strawberry.field(
        description=(
            "Its name: below an invoice as that invoice has it, else as the newest that names it has it. "
            "Null when none does."
        )
    )
    account_id: strawberry.Private[str]

    @strawberry.field(description="The account that the project belongs to.")
    def account(self, info: Info) -> Account:
        return info.context.account_of(self)

    @strawberry.field(directives=MAY_ASK, description="The project's share of each invoice, newest first.")
    async def charges(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter_by: Invoices = strawberry.UNSET,
    ) -> "ProjectChargeConnection | None":
        return await info.context.charges(self, Slice.of(first=first, after=after), filter_by or None)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Project | None":
        return await find_project(info, id)


@strawberry.type(description="What a project used of one product.")
class ProjectUsage:
    """One product's part of a project's share."""

    product: str = strawberry.field(description="The product used.")
    cost: Money | None = strawberry.field(description="What it cost. Null when not stated.")
    unit_price: Money | None = strawberry.field(description="The price of one unit. Null when not stated.")
    used: Quantity | None = strawberry.field(description="How much was used. Null when not stated.")


@late
@strawberry.type(
    description=(
        "A project's share of an invoice. It is a second view of the same money as the line items: never add the two."
    )
)
class ProjectCharge(Late):
    """One project's share of one invoice."""

    project: Project | None = strawberry.field(description="The project charged. Null when the provider names none.")
    name: str | None = strawberry.field(description="The project's name in this invoice. Null when not stated.")
    invoice: Annotated["Invoice", strawberry.lazy("schema.invoice")] = strawberry.field(
        description="The invoice that this is a share of."
    )
    cost: Money | None = strawberry.field(description="The project's share. Null when not stated.")
    usage: list[ProjectUsage] | None = strawberry.field(description="The share by product. Null when not stated.")
    place: strawberry.Private[int]  # among the invoice's shares


@strawberry.type(description="One page of projects, by their id.")
class ProjectConnection(CoveredConnection[Project]):
    """A page of projects."""


@strawberry.type(description="One page of a project's shares of invoices, newest first.")
class ProjectChargeConnection(CoveredConnection[ProjectCharge]):
    """A page of shares."""


async def find_project(info: Info, project_id: strawberry.ID) -> Project | None:
    """The project; where only its id is wanted nobody is asked, for an id that is well formed names itself."""
    named = info.context.project_named(project_id)
    if named is None or selects_only(info, "Project", {"id", "account"}):
        return named
    return await info.context.project(project_id)
