"""Palette's v1 invoice as it is on the wire. Every key may be absent, null, or of another type than declared.

Numbers reach us as int or as the text of their digits. Palette leaves out zeros and empty texts, writes
empty lists as null, and a time that was never set as `0001-01-01T00:00:00.000Z`.
"""

from typing import TypedDict

Number = int | str


class Metadata(TypedDict, total=False):
    """What Palette keeps of every object."""

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
    """Whether the end is inclusive is not documented; examples end at 23:59:59."""

    start: str
    end: str


class PlanCredit(TypedDict, total=False):
    """A grant of usage."""

    cpuCoreHours: Number
    creditUid: str
    expiry: str
    name: str
    start: str
    type: str  # Pure, Alloy


class Credit(TypedDict, total=False):
    """A grant, and how much of it is used."""

    planCredit: PlanCredit
    totalCpuCoreHours: Number


class Plan(TypedDict, total=False):
    """The tenant's plan."""

    freeCredits: list[Credit] | None
    plantype: str  # Trial, MonthlyOnDemand, AnnualSubscription
    slaCredits: list[Credit] | None


class Credits(TypedDict, total=False):
    """Free credits: Alloy's for imported clusters, Pure's for managed ones."""

    alloyFreeCredits: Number
    pureFreeCredits: Number


class Spec(TypedDict, total=False):
    """What is billed, and to whom."""

    address: Address
    billingPeriod: BillingPeriod
    credits: Credits
    envType: str  # Trial, MonthlyOnDemand, AnnualSubscription, OnPrem, and what may come
    month: str
    paymentUnit: str  # usd
    plan: Plan


class Product(TypedDict, total=False):
    """One product's part of the bill."""

    allocatedCredits: Number
    amount: Number
    billableCredits: Number
    breachedCredits: Number
    discount: Number  # of what, percent or money, is not documented
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
    """What a project used of one product."""

    amount: Number
    tierPrice: Number
    usedCredits: Number


class ProjectUsage(TypedDict, total=False):
    """What a project used, by product."""

    alloy: ProjectProduct
    pure: ProjectProduct


class Project(TypedDict, total=False):
    """A project's share of the bill."""

    amount: Number
    projectName: str
    projectUid: str
    usage: ProjectUsage


class State(TypedDict, total=False):
    """A step in the history of the payment."""

    paymentMsg: str
    state: str  # Paid, PaymentPending, PaymentInProgress, PaymentFailed
    timestamp: str


class Status(TypedDict, total=False):
    """What it comes to; absent where nothing is billed."""

    billableAmount: Number
    productInvoice: ProductInvoice
    projects: list[Project] | None
    states: list[State] | None  # in an order that is not documented
    stripeInvoiceId: str


class Invoice(TypedDict, total=False):
    """An invoice by its uid."""

    metadata: Metadata
    spec: Spec
    status: Status
