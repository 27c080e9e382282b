"""The grants that a Palette plan shows. Pure: wire in, schema types out."""

from collections import Counter
from hashlib import sha256

import strawberry

from providers import fields
from providers.account import AccountRef
from schema.credit import Credit
from schema.filters import CreditKind
from schema.invoice import Invoice
from schema.scalars import EXACT, format_decimal
from schema.values import Quantity

from . import wire

_KINDS = {"freeCredits": CreditKind.FREE, "slaCredits": CreditKind.SLA}
_CORE_HOURS = "core-hours"


def plan_credits(spec: wire.Spec, owner: AccountRef, native: str, parent: Invoice) -> list[Credit] | None:
    """The plan's free credits, then those for a missed level of service; null where neither list is there."""
    plan = fields.mapping(spec, "plan")
    lists = {kind: fields.objects(plan, key) for key, kind in _KINDS.items()}
    if all(rows is None for rows in lists.values()):
        return None
    found = [grant(row, kind, owner) for kind, rows in lists.items() for row in rows or ()]
    seen: Counter[str] = Counter()
    for credit in found:
        reference = credit.reference or _digest(credit)
        seen[reference] += 1
        credit.id = strawberry.ID(owner.credit(native, reference, seen[reference]))
        credit.invoice_id, credit.parent = parent.id, parent
    return found


def grant(row: wire.Credit, kind: CreditKind, owner: AccountRef) -> Credit:
    """One grant; it gets its id among its neighbours."""
    granted = fields.mapping(row, "planCredit")
    value = fields.quantity(granted, "cpuCoreHours", _CORE_HOURS)
    used = fields.quantity(row, "totalCpuCoreHours", _CORE_HOURS)
    return Credit(
        id=strawberry.ID(""),
        account_id=owner.id,
        kind=kind,
        product=fields.text(granted, "type"),
        description=fields.text(granted, "name"),
        reference=fields.text(granted, "creditUid"),
        value=value,
        used=used,
        remaining=remaining(value, used),
        starts_at=fields.instant(granted, "start"),
        expires_at=fields.instant(granted, "expiry"),
    )


def remaining(value: Quantity | None, used: Quantity | None) -> Quantity | None:
    """The difference, without rounding; null where either is not stated."""
    if value is None or used is None:
        return None
    return Quantity(amount=EXACT.subtract(value.amount, used.amount), unit=value.unit)


def _digest(credit: Credit) -> str:
    """What tells a grant without an id from others, and stays the same while it is being used up."""
    amount = format_decimal(credit.value.amount.normalize(EXACT)) if credit.value else None
    said = [credit.kind.name, credit.product, credit.description, credit.starts_at, credit.expires_at, amount]
    return sha256(repr(said).encode()).hexdigest()[:16]
