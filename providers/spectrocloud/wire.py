"""Types of Palette's v1 invoice payloads.

Every key can be absent, null, or of another type than declared. Numbers arrive as int or as the text of their digits.
Palette omits zeros and empty texts. It writes empty lists as null, and a time that was never set as
`0001-01-01T00:00:00.000Z`.
"""

from typing import TypedDict

Number = int | str


class Metadata(TypedDict, total=False):
    """The metadata that every object of Palette has."""

    uid: str
    name: str
    creationTimestamp: str
    lastModifiedTimestamp: str
    deletionTimestamp: str
    annotations: dict[str, str]
    labels: dict[str, str]


class Address(TypedDict, total=False):
    """The tenant's address."""

    addressLine1: str
    addressLine2: str
    city: str
    country: str
    pincode: str
    state: str


class BillingPeriod(TypedDict, total=False):
    """The billing period. Palette does not document whether the end is inclusive; examples end at 23:59:59."""

    start: str
    end: str


class PlanCredit(TypedDict, total=False):
    """A credit of the plan."""

    cpuCoreHours: Number
    creditUid: str
    expiry: str
    name: str
    start: str
    type: str  # Pure, Alloy


class Credit(TypedDict, total=False):
    """A credit of the plan, and how much of it is used."""

    planCredit: PlanCredit
    totalCpuCoreHours: Number


class Plan(TypedDict, total=False):
    """The tenant's plan."""

    freeCredits: list[Credit] | None
    plantype: str  # Trial, MonthlyOnDemand, AnnualSubscription
    slaCredits: list[Credit] | None


class Credits(TypedDict, total=False):
    """Free credits. Alloy is for imported clusters, Pure for managed clusters."""

    alloyFreeCredits: Number
    pureFreeCredits: Number


class Spec(TypedDict, total=False):
    """The tenant, its plan and the billed period."""

    address: Address
    billingPeriod: BillingPeriod
    credits: Credits
    envType: str  # Trial, MonthlyOnDemand, AnnualSubscription, OnPrem; new words can appear
    month: str
    paymentUnit: str  # usd
    plan: Plan


class Product(TypedDict, total=False):
    """The charge for one product."""

    allocatedCredits: Number
    amount: Number
    billableCredits: Number
    breachedCredits: Number
    discount: Number  # not documented whether it is a percentage or money
    freeCredits: Number
    overageLimitPercentage: Number
    tierName: str
    tierPrice: Number
    totalUsedCredits: Number
    usedCredits: Number


class ProductInvoice(TypedDict, total=False):
    """The two products."""

    alloy: Product
    pure: Product


class ProjectProduct(TypedDict, total=False):
    """One project's usage of one product."""

    amount: Number
    tierPrice: Number
    usedCredits: Number


class ProjectUsage(TypedDict, total=False):
    """One project's usage by product."""

    alloy: ProjectProduct
    pure: ProjectProduct


class Project(TypedDict, total=False):
    """The charge to one project."""

    amount: Number
    projectName: str
    projectUid: str
    usage: ProjectUsage


class State(TypedDict, total=False):
    """A state in the payment history."""

    paymentMsg: str
    state: str  # Paid, PaymentPending, PaymentInProgress, PaymentFailed
    timestamp: str


class Status(TypedDict, total=False):
    """The amounts and the payment of an invoice. Absent if nothing is billed."""

    billableAmount: Number
    productInvoice: ProductInvoice
    projects: list[Project] | None
    states: list[State] | None  # their order is not documented
    stripeInvoiceId: str


class Invoice(TypedDict, total=False):
    """An invoice by its uid."""

    metadata: Metadata
    spec: Spec
    status: Status
