"""Rows of Palette's v1 invoices.

Every key can be absent, null, or of another type than documented. Palette omits zeros and empty texts: a number that is
absent from an object is 0. It writes empty lists as null, and a time that was never set as `0001-01-01T00:00:00.000Z`.
"""

from functools import reduce
from typing import Any

from providers import fields
from providers.rows import columns
from providers.rows.base import ListContext
from providers.rows.columns import InvoiceContext
from providers.rows.invoice import InvoiceRow, RowsOf, rows
from providers.rows.parts import CreditRow, LineItemRow, ProjectChargeRow
from schema.filters import CreditKind
from schema.payment import PaymentState, PaymentStatus, sort_states
from schema.project import ProjectUsage
from schema.values import BillingPeriod, Money

from .details import SpectroCloudInvoiceDetails, SpectroCloudLineItemDetails
from .products import CREDITS, PRODUCT_NAME, PRODUCTS, ZERO, product_rows

_PAYMENT_STATUS = {
    "Paid": PaymentStatus.PAID,
    "PaymentPending": PaymentStatus.PENDING,
    "PaymentInProgress": PaymentStatus.IN_PROGRESS,
    "PaymentFailed": PaymentStatus.FAILED,
}
_CREDIT_KINDS = {"freeCredits": CreditKind.FREE, "slaCredits": CreditKind.SLA}
_CORE_HOURS = "core-hours"


def _charged_products(payload: Any) -> dict[str, Any] | None:
    """Return the row of each product with an amount. Returns None if the status has no object of products."""
    products = product_rows(fields.mapping(payload, "status"), "productInvoice")
    if products is None:
        return None
    return {key: row for key, row in products.items() if row.get("amount") not in (None, "")}


def _plan_credits(payload: Any) -> list[Any] | None:
    """Return the plan's free credits, then its credits for a missed service level. Returns None if it has no list."""
    plan = reduce(fields.mapping, ("spec", "plan"), payload)
    rows_by_kind = {kind: fields.objects(plan, key) for key, kind in _CREDIT_KINDS.items()}
    if all(rows is None for rows in rows_by_kind.values()):
        return None
    return [_credit_row(row, kind) for kind, rows in rows_by_kind.items() for row in rows or ()]


def _credit_row(row: Any, kind: CreditKind) -> Any:
    """Return a row without nesting, with the kind of the credit."""
    plan_credit = fields.mapping(row, "planCredit")
    absent = {} if isinstance(row.get("planCredit"), dict) else {"cpuCoreHours": None, "totalCpuCoreHours": None}
    used = {key: row[key] for key in ("totalCpuCoreHours",) if key in row}
    return absent | plan_credit | used | {"kind": kind}


class SpectroCloudLineItem(LineItemRow):
    """A line item: a product with an amount."""

    quantity = columns.quantity("billableCredits", CREDITS, ZERO)
    unit_price = columns.money("tierPrice", ZERO)
    cost = columns.money("amount")
    product = PRODUCT_NAME
    details = SpectroCloudLineItemDetails

    @staticmethod
    def reference(row: Any, context: ListContext) -> str:
        return context.label_of(row)


class SpectroCloudCredit(CreditRow):
    """A credit of the plan, and how much of it is used. Its digest does not change while it is used up."""

    digest = ("kind", "product", "description", "starts_at", "expires_at", "value")
    reference = columns.text("creditUid")
    product = columns.text("type")  # Pure, Alloy
    description = columns.text("name")
    value = columns.quantity("cpuCoreHours", _CORE_HOURS, ZERO)
    used = columns.quantity("totalCpuCoreHours", _CORE_HOURS, ZERO)
    starts_at = columns.instant("start")
    expires_at = columns.instant("expiry")

    @staticmethod
    def kind(row: Any, _context: ListContext) -> CreditKind:
        return row["kind"]  # type: ignore[no-any-return] # set by _credit_row


class SpectroCloudProjectCharge(ProjectChargeRow):
    """One project's share of an invoice."""

    reference = columns.text("projectUid")
    name = columns.text("projectName")
    cost = columns.money("amount", ZERO)

    @staticmethod
    def usage(row: Any, context: ListContext) -> list[ProjectUsage] | None:
        products = product_rows(row, "usage")
        return None if products is None else [_usage(key, usage, context) for key, usage in products.items()]


def _usage(key: str, row: Any, context: ListContext) -> ProjectUsage:
    return ProjectUsage(
        product=PRODUCTS[key],
        cost=columns.amount_of(row, "amount", context, ZERO),
        unit_price=columns.amount_of(row, "tierPrice", context, ZERO),
        used=fields.quantity(row, "usedCredits", CREDITS, ZERO),
    )


_BILLABLE_AMOUNT, _BILLABLE_OR_ZERO = columns.money("billableAmount"), columns.money("billableAmount", ZERO)


def _total(status: Any, context: InvoiceContext) -> Money | None:
    """Return the billed amount. Without products an absent amount is unknown: nothing is billed yet."""
    column = _BILLABLE_OR_ZERO if isinstance(status.get("productInvoice"), dict) else _BILLABLE_AMOUNT
    return column(status, context)


def _payment_states(status: Any, _context: InvoiceContext) -> list[PaymentState] | None:
    """Return the payment history, earliest state first. Returns None if the status has no list of states.

    The order of the list is not documented. A state without a word is left out, because it says nothing.
    """
    rows = fields.objects(status, "states")
    if rows is None:
        return None
    return sort_states([state for row in rows if (state := _payment_state(row)) is not None])


def _payment_state(row: Any) -> PaymentState | None:
    word = fields.text(row, "state")
    if word is None:
        return None
    return PaymentState(
        status=_PAYMENT_STATUS.get(word, PaymentStatus.UNRECOGNIZED),
        word=word,
        message=fields.text(row, "paymentMsg"),
        at=fields.instant(row, "timestamp"),
    )


def _period(spec: Any, _context: InvoiceContext) -> BillingPeriod | None:
    """Return the billing period. The billed month replaces a start or an end that is not stated.

    Palette does not document whether the end is inclusive; examples end at 23:59:59.
    """
    payload = fields.mapping(spec, "billingPeriod")
    start, end = fields.written_instant(payload, "start"), fields.written_instant(payload, "end")
    if start is None or end is None:
        month = fields.written_instant(spec, "month")
        billed_month = fields.month(month.year, month.month) if month else None
        start, end = start or month, end or (billed_month.end if billed_month else None)
    return fields.period(start, end)


class SpectroCloudInvoice(InvoiceRow):
    """An invoice by its uid, with all its parts. Its status is absent if nothing is billed."""

    missing_message = "an invoice lacks its uid or its period"
    key = columns.within("metadata", columns.text("uid"))
    period = columns.within("spec", _period)
    currency = columns.within("spec", columns.currency("paymentUnit"))
    total = columns.within("status", _total)
    payment_states = columns.within("status", _payment_states)
    details = SpectroCloudInvoiceDetails
    line_items = RowsOf(_charged_products, SpectroCloudLineItem)
    credits = RowsOf(_plan_credits, SpectroCloudCredit)
    projects = rows("status.projects", SpectroCloudProjectCharge)
