"""GraphQL types for facts that only Palette states."""

from datetime import date
from decimal import Decimal

import strawberry

from execution.lazy import LazyObject, lazy_fields
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails
from schema.values import Money


@strawberry.type(description="Address at which a tenant receives its bills.")
class PostalAddress:
    """Each part can be None."""

    line1: str | None = strawberry.field(
        description="First line, such as a street. Null if the provider does not state it."
    )
    line2: str | None = strawberry.field(description="Second line. Null if the provider does not state it.")
    city: str | None = strawberry.field(description="City. Null if the provider does not state it.")
    state: str | None = strawberry.field(description="State or province. Null if the provider does not state it.")
    postal_code: str | None = strawberry.field(description="Postal code. Null if the provider does not state it.")
    country: str | None = strawberry.field(
        description="Country, as the provider writes it. Null if the provider does not state it."
    )


@strawberry.type(description="Free credits of one product.")
class ProductCredits:
    """Free credits in the `spec` of an invoice."""

    product: str = strawberry.field(
        description="Product: `Pure` for managed clusters, `Alloy` for imported clusters. Never null."
    )
    credits: Decimal = strawberry.field(description="Number of free credits. Never null.")


@strawberry.type(description="All facts that Palette states about one product in one invoice.")
class SpectroCloudProduct:
    """One product's part of the bill. Palette omits zeros, so None means 0 or not stated."""

    product: str = strawberry.field(
        description="Product: `Pure` for managed clusters, `Alloy` for imported clusters. Never null."
    )
    amount: Money | None = strawberry.field(
        description="Cost of the product. Null if the provider does not state it or its currency is unknown."
    )
    tier_name: str | None = strawberry.field(
        description="Name of the price tier. Null if the provider does not state it."
    )
    tier_price: Money | None = strawberry.field(
        description=(
            "Price of one credit in the price tier. Null if the provider does not state it or its currency is unknown."
        )
    )
    allocated_credits: Decimal | None = strawberry.field(
        description="Number of credits that the plan allocates. Null if the provider does not state it."
    )
    free_credits: Decimal | None = strawberry.field(
        description="Number of free credits. Null if the provider does not state it."
    )
    used_credits: Decimal | None = strawberry.field(
        description="Number of used credits. Null if the provider does not state it."
    )
    total_used_credits: Decimal | None = strawberry.field(
        description=(
            "Number of all used credits. The difference from `usedCredits` is not documented. Null if the "
            "provider does not state it."
        )
    )
    billable_credits: Decimal | None = strawberry.field(
        description="Number of billed credits. Null if the provider does not state it."
    )
    breached_credits: Decimal | None = strawberry.field(
        description="Number of credits used beyond the allocation. Null if the provider does not state it."
    )
    discount: Decimal | None = strawberry.field(
        description=(
            "Applied discount. Palette does not document whether it is a percentage or money. Null if the "
            "provider does not state it."
        )
    )
    overage_limit_percentage: Decimal | None = strawberry.field(
        description="Percentage by which usage may exceed the allocation. Null if the provider does not state it."
    )


@lazy_fields
@strawberry.type(description="Facts that only Palette states about an invoice.")
class SpectroCloudInvoiceDetails(LazyObject, InvoiceDetails):
    """Facts from Palette only."""

    name: str | None = strawberry.field(description="Name of the invoice. Null if it has none.")
    environment: str | None = strawberry.field(
        description=(
            "Kind of environment, such as `MonthlyOnDemand` or `OnPrem`. Null if the provider does not state it."
        )
    )
    plan: str | None = strawberry.field(
        description="Kind of plan, such as `Trial` or `AnnualSubscription`. Null if the provider does not state it."
    )
    month: date | None = strawberry.field(
        description="Billed month, as its first day. Null if the provider does not state it."
    )
    address: PostalAddress | None = strawberry.field(
        description="Address of the tenant. Null if the provider does not state it."
    )
    stripe_invoice: str | None = strawberry.field(
        description="ID of the invoice in the vendor's own Stripe account. Null if it has none there."
    )
    free_credits: list[ProductCredits] | None = strawberry.field(
        description="Free credits by product. Null if Palette states nothing about them."
    )
    products: list[SpectroCloudProduct] = strawberry.field(
        description="All stated facts about each product. Empty if no product is named; never null."
    )


@lazy_fields
@strawberry.type(description="Facts that only Palette states about a line item.")
class SpectroCloudLineItemDetails(LazyObject, LineItemDetails):
    """Facts from Palette only."""

    tier: str | None = strawberry.field(description="Name of the price tier. Null if the provider does not state it.")
    used_credits: Decimal | None = strawberry.field(
        description="Number of used credits. Null if the provider does not state it."
    )
