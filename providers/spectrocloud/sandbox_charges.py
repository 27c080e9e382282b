"""Sample charges of Palette's sandbox: by product, and the same money by project."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from providers.sandbox.data import Dice, JsonObject, omit_empty, round_to_cent, split_by_weight, strip_zeros

TRIAL_UNTIL, ANNUAL_SINCE = date(2024, 2, 1), date(2025, 1, 1)
_BATCH_DELETED_IN = date(2025, 7, 1)
_PRICES = {"pure": (Decimal(30), "Tier 2"), "alloy": (Decimal("18.5"), "Tier 1")}
_PROJECTS = ("checkout", "storefront", "ml-training", "edge-stores", "legacy-batch")


class InvoiceKey(NamedTuple):
    """An invoice's month, and its number in the month from 0 on."""

    month: date
    number: int


def free_credits_in(month: date, product: str) -> int:
    """Return the free credits of a month. Alloy has them only with the annual subscription."""
    return 25 if product == "pure" else 10 * (month >= ANNUAL_SINCE)


def project_uid(seed: int, name: str) -> str:
    """Return the uid of a project, which is the same in every month."""
    return f"5fbbf0{Dice(seed, 'palette', name).hex(18)}"


class _ProductUsage(NamedTuple):
    """The usage of one product in one month, in credits, by project."""

    product: str
    credits: list[Decimal]

    def billable(self, month: date) -> Decimal:
        return max(sum(self.credits, Decimal(0)) - free_credits_in(month, self.product), Decimal(0))

    def amount(self, month: date) -> Decimal:
        return round_to_cent(self.billable(month) * _PRICES[self.product][0])


@cache
def charges(seed: int, key: InvoiceKey) -> JsonObject:
    """Return the amounts by product, and the same money by project. A trial has neither."""
    month = key.month
    if month < TRIAL_UNTIL:
        return {"projects": None}
    dice = Dice(seed, "palette", *key)
    names = [name for name in _PROJECTS if name != "legacy-batch" or month < _BATCH_DELETED_IN]
    if dice.one_in(4):
        names.append("")  # usage that belongs to no project
    usages = [
        _ProductUsage(
            "alloy", [dice.decimal(2, 12, 3) for _ in names] if not dice.one_in(3) else [Decimal(0)] * len(names)
        ),
        _ProductUsage("pure", [dice.decimal(5, 40, 3) for _ in names]),
    ]
    total = sum((usage.amount(month) for usage in usages), Decimal(0))
    return omit_empty(
        {
            "billableAmount": strip_zeros(total),
            "productInvoice": {usage.product: _product(usage, month) for usage in usages},
        }
    ) | {
        "projects": _projects(seed, names, usages, month),
        "stripeInvoiceId": f"in_1{Dice(seed, 'palette', *key, 'stripe').hex(23).upper()}",
    }


def _product(usage: _ProductUsage, month: date) -> JsonObject:
    used, free = sum(usage.credits, Decimal(0)), free_credits_in(month, usage.product)
    price, tier = _PRICES[usage.product]
    is_annual = month >= ANNUAL_SINCE
    allocated = 100 if is_annual and usage.product == "pure" else 0
    return omit_empty(
        {
            "allocatedCredits": allocated,
            "amount": strip_zeros(usage.amount(month)),
            "billableCredits": strip_zeros(usage.billable(month)),
            "breachedCredits": strip_zeros(max(used - allocated, Decimal(0))) if allocated else 0,
            "discount": 10 if is_annual else 0,
            "freeCredits": free,
            "overageLimitPercentage": 25 if allocated else 0,
            "tierName": tier,
            "tierPrice": price,
            "totalUsedCredits": strip_zeros(used),
            "usedCredits": strip_zeros(used),
        }
    )


def _projects(seed: int, names: list[str], usages: list[_ProductUsage], month: date) -> list[JsonObject]:
    """Return the charge to each project. The amount of a product is split by the usage of the projects."""
    usage_rows: list[dict[str, JsonObject]] = [{} for _ in names]
    amounts = [Decimal(0)] * len(names)
    for usage in usages:
        parts = split_by_weight(usage.amount(month), usage.credits) if any(usage.credits) else []
        for index, part in enumerate(parts):
            amounts[index] += part
            usage_rows[index][usage.product] = omit_empty(
                {
                    "amount": strip_zeros(part),
                    "tierPrice": _PRICES[usage.product][0],
                    "usedCredits": strip_zeros(usage.credits[index]),
                }
            )
    return [
        omit_empty(
            {
                "amount": strip_zeros(amount),
                "projectName": name,
                "projectUid": project_uid(seed, name) if name else "",
                "usage": usage_row,
            }
        )
        for name, amount, usage_row in zip(names, amounts, usage_rows, strict=True)
    ]
