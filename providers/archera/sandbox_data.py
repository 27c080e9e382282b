"""Sample invoices of Archera's sandbox. They depend on the seed and the month only."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache

from providers.sandbox.data import Dice, JsonObject, round_to_cent, strip_zeros

_TERMS = (
    "thirty_day_gris", "three_month_gris", "six_month_gris", "one_year_gris", "twenty_four_month_gris",
    "one_year", "three_year",
)  # fmt: skip
_UNKNOWN_TERM = "eighteen_month_flex"  # in no published list
_MONTHS_WITHOUT_BILL, _MONTHS_WITH_TEXT_BILL, _MONTHS_WITH_FLOAT_BILL = (3,), (6, 12), (8,)  # months of the year
_FLOAT_ERROR = Decimal("0.00000000003")  # gives the total the 17 digits of a double
_ZERO = Decimal(0)

# Line items with a peculiarity in every month, by their number.
_SAME_COMMITMENT, _NO_TERM, _NEW_TERM, _NO_MONEY = 1, 2, 3, 4
_FLAT_KEYS = ("archera_premiums", "rebates", "total_savings", "net_savings")


class SampleLine:
    """One commitment in one month. Its money is not yet in the shape that the month uses."""

    def __init__(self, seed: int, month: date, number: int) -> None:
        dice = Dice(seed, "archera", month, number)
        self.id = f"li_{month:%Y%m}_{number + 1:04d}_{dice.hex(6)}"
        self.commitment_id = commitment_id(seed, 0 if number == _SAME_COMMITMENT else number)
        self.term = {_NO_TERM: None, _NEW_TERM: _UNKNOWN_TERM}.get(number, dice.pick(_TERMS))
        self.has_money = number != _NO_MONEY
        ten_thousandths = dice.between(0, 6_000) if dice.one_in(5) else dice.between(7_500, 10_000)
        self.utilization = Decimal(ten_thousandths).scaleb(-4)
        self.cloud_cost = dice.decimal(400, 9_000, 2)
        is_profitable = self.utilization > Decimal("0.4")
        self.gross_savings = dice.decimal(60, 2_400, 2) if is_profitable else -dice.decimal(10, 90, 2)
        self.premium = self.rebate = _ZERO
        # `gri` = guaranteed: Archera takes a fee on savings and refunds most of a loss
        if self.term and self.term.endswith("gris"):
            percent = dice.between(10, 25)
            self.premium = round_to_cent(max(self.gross_savings, _ZERO) * percent / 100)
            self.rebate = round_to_cent(max(-self.gross_savings, _ZERO) * 9 / 10)

    @property
    def net_savings(self) -> Decimal:
        return self.gross_savings - self.premium + self.rebate

    def amounts(self) -> list[Decimal]:
        """Return premium, rebate, gross and net savings."""
        return [self.premium, self.rebate, self.gross_savings, self.net_savings]


@cache
def commitment_id(seed: int, number: int) -> str:
    """Return the id of a commitment, which is the same in every month."""
    return Dice(seed, "archera", "commitment", number).uuid()


@cache
def _lines(seed: int, month: date, count: int) -> list[SampleLine]:
    return [SampleLine(seed, month, number) for number in range(count)]


def line_items(seed: int, month: date, count: int) -> list[JsonObject]:
    """Return the line items. Money is nested in even months and flat in odd ones; one line item per month has none."""
    return [
        {
            "id": line.id,
            "commitment_id": line.commitment_id,
            "utilization": strip_zeros(line.utilization),
            "contract_term": line.term,
        }
        | _money(line, is_flat=bool(month.month % 2))
        for line in _lines(seed, month, count)
    ]


def _money(line: SampleLine, *, is_flat: bool) -> JsonObject:
    if not line.has_money:
        return {}
    return _flat(line.amounts()) if is_flat else _nested(line)


def _flat(amounts: list[Decimal]) -> JsonObject:
    return dict(zip(_FLAT_KEYS, map(strip_zeros, amounts), strict=True))


def _nested(line: SampleLine) -> JsonObject:
    cost = {
        "total": strip_zeros(line.cloud_cost + line.premium),
        "breakdown": {
            "cloud_provider_cost": {"total": strip_zeros(line.cloud_cost)},
            "archera_premium": strip_zeros(line.premium),
        },
    }
    savings = {
        "net": strip_zeros(line.net_savings),
        "gross": strip_zeros(line.gross_savings),
        "rebate": strip_zeros(line.rebate),
    }
    return {
        "commitment_financials": {
            "commitment_cost": cost,
            "commitment_savings": savings,
            "covered_ondemand_cost": strip_zeros(line.cloud_cost + line.gross_savings),
        }
    }


def invoice(seed: int, month: date) -> JsonObject:
    """Return an invoice as the list contains it."""
    return {
        "id": f"inv_{month:%Y_%m}",
        "year": month.year,
        "month": month.month,
        "invoice_date": f"{month}",
        "total_cloud_bill": _total_cloud_bill(seed, month),
    }


def _total_cloud_bill(seed: int, month: date) -> Decimal | str | None:
    """Return a field that is computed and has no declared type.

    It is a number, in some months a text, a number with a float's rounding error, or null.
    """
    total = Dice(seed, "archera", month, "bill").decimal(150_000, 260_000, 2)
    if month.month in _MONTHS_WITHOUT_BILL:
        return None
    if month.month in _MONTHS_WITH_TEXT_BILL:
        return str(total)
    return total + _FLOAT_ERROR if month.month in _MONTHS_WITH_FLOAT_BILL else strip_zeros(total)


def detail(seed: int, month: date, count: int) -> JsonObject:
    """Return an invoice as its own path returns it: with sums by term of the line items that state money."""
    sums: dict[str | None, list[Decimal]] = defaultdict(lambda: [_ZERO] * len(_FLAT_KEYS))
    for line in _lines(seed, month, count):
        if line.has_money:
            sums[line.term] = [a + b for a, b in zip(sums[line.term], line.amounts(), strict=True)]
    by_term = [{"contract_term": term} | _flat(amounts) for term, amounts in sums.items()]
    return invoice(seed, month) | {"by_term": by_term}
