"""What the sandbox charges for a month: by product, and the same money by project."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from providers.sandbox.data import Dice, JsonObject, rounded, shares, shortest, without_zeros

TRIAL_UNTIL, ANNUAL_SINCE = date(2024, 2, 1), date(2025, 1, 1)
_BATCH_DELETED = date(2025, 7, 1)
_PRICES = {"pure": (Decimal(30), "Tier 2"), "alloy": (Decimal("18.5"), "Tier 1")}
_PROJECTS = ("checkout", "storefront", "ml-training", "edge-stores", "legacy-batch")


class Key(NamedTuple):
    """Which invoice: its month, and its number within the month from 0 on."""

    month: date
    number: int


def monthly_free(month: date, product: str) -> int:
    """Free credits a month; Alloy has them with the subscription only."""
    return 25 if product == "pure" else 10 * (month >= ANNUAL_SINCE)


def project_uid(seed: int, name: str) -> str:
    """The same in every month."""
    return f"5fbbf0{Dice(seed, 'palette', name).hex(18)}"


class _Use(NamedTuple):
    """One product in one month: what each project used, and what is charged for it."""

    product: str
    used: list[Decimal]

    def billable(self, month: date) -> Decimal:
        return max(sum(self.used, Decimal(0)) - monthly_free(month, self.product), Decimal(0))

    def amount(self, month: date) -> Decimal:
        return rounded(self.billable(month) * _PRICES[self.product][0])


@cache
def charges(seed: int, key: Key) -> JsonObject:
    """The products' amounts, and the same money by project. A trial has neither."""
    month = key.month
    if month < TRIAL_UNTIL:
        return {"projects": None}
    dice = Dice(seed, "palette", *key)
    names = [name for name in _PROJECTS if name != "legacy-batch" or month < _BATCH_DELETED]
    if dice.one_in(4):
        names.append("")  # usage that belongs to no project
    uses = [
        _Use("alloy", [dice.decimal(2, 12, 3) for _ in names] if not dice.one_in(3) else [Decimal(0)] * len(names)),
        _Use("pure", [dice.decimal(5, 40, 3) for _ in names]),
    ]
    total = sum((use.amount(month) for use in uses), Decimal(0))
    return without_zeros(
        {
            "billableAmount": shortest(total),
            "productInvoice": {use.product: _product(use, month) for use in uses},
        }
    ) | {
        "projects": _projects(seed, names, uses, month),
        "stripeInvoiceId": f"in_1{Dice(seed, 'palette', *key, 'stripe').hex(23).upper()}",
    }


def _product(use: _Use, month: date) -> JsonObject:
    used, free = sum(use.used, Decimal(0)), monthly_free(month, use.product)
    price, tier = _PRICES[use.product]
    annual = month >= ANNUAL_SINCE
    allocated = 100 if annual and use.product == "pure" else 0
    return without_zeros(
        {
            "allocatedCredits": allocated,
            "amount": shortest(use.amount(month)),
            "billableCredits": shortest(use.billable(month)),
            "breachedCredits": shortest(max(used - allocated, Decimal(0))) if allocated else 0,
            "discount": 10 if annual else 0,
            "freeCredits": free,
            "overageLimitPercentage": 25 if allocated else 0,
            "tierName": tier,
            "tierPrice": price,
            "totalUsedCredits": shortest(used),
            "usedCredits": shortest(used),
        }
    )


def _projects(seed: int, names: list[str], uses: list[_Use], month: date) -> list[JsonObject]:
    """Each product's amount, shared by what the projects used of it."""
    rows: list[dict[str, JsonObject]] = [{} for _ in names]
    amounts = [Decimal(0)] * len(names)
    for use in uses:
        split = shares(use.amount(month), use.used) if any(use.used) else []
        for index, share in enumerate(split):
            amounts[index] += share
            rows[index][use.product] = without_zeros(
                {
                    "amount": shortest(share),
                    "tierPrice": _PRICES[use.product][0],
                    "usedCredits": shortest(use.used[index]),
                }
            )
    return [
        without_zeros(
            {
                "amount": shortest(amount),
                "projectName": name,
                "projectUid": project_uid(seed, name) if name else "",
                "usage": usage,
            }
        )
        for name, amount, usage in zip(names, amounts, rows, strict=True)
    ]
