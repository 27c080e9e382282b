"""Translation of the credits in a Palette plan. Pure: no I/O."""

from collections import Counter

import strawberry

from providers import fields
from providers.account import AccountRef
from providers.ids import digest_id
from schema.credit import Credit
from schema.filters import CreditKind
from schema.invoice import Invoice
from schema.scalars import EXACT, format_decimal
from schema.values import Quantity

from . import wire

_KINDS = {"freeCredits": CreditKind.FREE, "slaCredits": CreditKind.SLA}
_CORE_HOURS = "core-hours"


def plan_credits(spec: wire.Spec, account_ref: AccountRef, provider_key: str, parent: Invoice) -> list[Credit] | None:
    """Return the plan's free credits, then its credits for a missed service level. Returns None if it has no list."""
    plan = fields.mapping(spec, "plan")
    rows_by_kind = {kind: fields.objects(plan, key) for key, kind in _KINDS.items()}
    if all(rows is None for rows in rows_by_kind.values()):
        return None
    credits = [plan_credit(row, kind, account_ref) for kind, rows in rows_by_kind.items() for row in rows or ()]
    counts: Counter[str] = Counter()
    for credit in credits:
        reference = credit.reference or _digest(credit)
        counts[reference] += 1
        credit.id = strawberry.ID(account_ref.credit_id(provider_key, reference, counts[reference]))
        credit.invoice_id, credit.parent = parent.id, parent
    return credits


def plan_credit(row: wire.Credit, kind: CreditKind, account_ref: AccountRef) -> Credit:
    """Translate one credit. Its id stays empty because it depends on the other credits of the plan."""
    grant = fields.mapping(row, "planCredit")
    value = fields.quantity(grant, "cpuCoreHours", _CORE_HOURS)
    used = fields.quantity(row, "totalCpuCoreHours", _CORE_HOURS)
    return Credit(
        id=strawberry.ID(""),
        account_id=account_ref.id,
        kind=kind,
        product=fields.text(grant, "type"),
        description=fields.text(grant, "name"),
        reference=fields.text(grant, "creditUid"),
        value=value,
        used=used,
        remaining=subtract_used(value, used),
        starts_at=fields.instant(grant, "start"),
        expires_at=fields.instant(grant, "expiry"),
    )


def subtract_used(value: Quantity | None, used: Quantity | None) -> Quantity | None:
    """Return what remains of a credit, without rounding. Returns None if one of the two is not stated."""
    if value is None or used is None:
        return None
    return Quantity(amount=EXACT.subtract(value.amount, used.amount), unit=value.unit)


def _digest(credit: Credit) -> str:
    """Return a digest that distinguishes a credit without a uid. It does not change while the credit is used up."""
    amount = format_decimal(credit.value.amount.normalize(EXACT)) if credit.value else None
    return digest_id(
        [credit.kind.name, credit.product, credit.description, credit.starts_at, credit.expires_at, amount]
    )
