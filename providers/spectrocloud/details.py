"""What only Palette says."""

from datetime import date
from decimal import Decimal

import strawberry

from execution.lazy import Late, late
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails
from schema.values import Money


@strawberry.type(description="Where a tenant receives its bills.")
class PostalAddress:
    """Every part may be missing."""

    line1: str | None = strawberry.field(description="The first line, such as a street. Null when not stated.")
    line2: str | None = strawberry.field(description="The second line. Null when not stated.")
    city: str | None = strawberry.field(description="The city. Null when not stated.")
    state: str | None = strawberry.field(description="The state or province. Null when not stated.")
    postal_code: str | None = strawberry.field(description="The postal code. Null when not stated.")
    country: str | None = strawberry.field(description="The country, as the provider writes it. Null when not stated.")


@strawberry.type(description="Free credits of one product.")
class ProductCredits:
    """What the spec of an invoice grants for free."""

    product: str = strawberry.field(
        description="The product: Pure for managed clusters, Alloy for imported ones; never null."
    )
    credits: Decimal = strawberry.field(description="How many credits are free; never null.")


@strawberry.type(description="All that Palette states of one product in one invoice.")
class SpectroCloudProduct:
    """One product's part of the bill; Palette leaves zeros out, so null may stand for 0 or for not stated."""

    product: str = strawberry.field(
        description="The product: Pure for managed clusters, Alloy for imported ones; never null."
    )
    amount: Money | None = strawberry.field(
        description="What it costs. Null when not stated, or when its currency is unknown."
    )
    tier_name: str | None = strawberry.field(description="The name of the price tier. Null when not stated.")
    tier_price: Money | None = strawberry.field(
        description="The price of one credit in that tier. Null when not stated, or when its currency is unknown."
    )
    allocated_credits: Decimal | None = strawberry.field(
        description="The credits that the plan allocates. Null when not stated."
    )
    free_credits: Decimal | None = strawberry.field(description="The credits that are free. Null when not stated.")
    used_credits: Decimal | None = strawberry.field(description="The credits used. Null when not stated.")
    total_used_credits: Decimal | None = strawberry.field(
        description="All credits used; how they differ from usedCredits is not documented. Null when not stated."
    )
    billable_credits: Decimal | None = strawberry.field(description="The credits billed. Null when not stated.")
    breached_credits: Decimal | None = strawberry.field(
        description="The credits used beyond the allocation. Null when not stated."
    )
    discount: Decimal | None = strawberry.field(
        description="The discount applied; whether percent or money is not documented. Null when not stated."
    )
    overage_limit_percentage: Decimal | None = strawberry.field(
        description="How far use may exceed the allocation, in percent. Null when not stated."
    )


@late
@strawberry.type(description="What only Palette says about an invoice.")
class SpectroCloudInvoiceDetails(Late, InvoiceDetails):
    """Palette's own facts."""

    name: str | None = strawberry.field(description="The name of the invoice. Null when it has none.")
    environment: str | None = strawberry.field(
        description="The kind of environment, such as MonthlyOnDemand or OnPrem. Null when not stated."
    )
    plan: str | None = strawberry.field(
        description="The kind of plan, such as Trial or AnnualSubscription. Null when not stated."
    )
    month: date | None = strawberry.field(description="The month billed, by its first day. Null when not stated.")
    address: PostalAddress | None = strawberry.field(description="The tenant's address. Null when not stated.")
    stripe_invoice: str | None = strawberry.field(
        description="The id of the invoice in the vendor's own Stripe account. Null when it has none there."
    )
    free_credits: list[ProductCredits] | None = strawberry.field(
        description="The free credits, by product. Null when nothing is said of them."
    )
    products: list[SpectroCloudProduct] = strawberry.field(
        description="All that is stated of each product; empty when no product is named, never null."
    )


@late
@strawberry.type(description="What only Palette says about a line.")
class SpectroCloudLineItemDetails(Late, LineItemDetails):
    """Palette's own facts."""

    tier: str | None = strawberry.field(description="The name of the price tier. Null when not stated.")
    used_credits: Decimal | None = strawberry.field(description="The credits used. Null when not stated.")
