"""The sandbox's invoices and their lines, made from the seed and the month alone."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache

from providers.sandbox.data import Dice, JsonObject, rounded, shortest

_TERMS = (
    "thirty_day_gris", "three_month_gris", "six_month_gris", "one_year_gris", "twenty_four_month_gris",
    "one_year", "three_year",
)  # fmt: skip
_UNKNOWN_TERM = "eighteen_month_flex"  # in no published list
_NO_BILL, _BILL_AS_TEXT, _BILL_FROM_FLOAT = (3,), (6, 12), (8,)  # months of the year
_FLOAT_DUST = Decimal("0.00000000003")  # so that the total has the 17 digits of a double
_ZERO = Decimal(0)

# The oddities of every month, by the number of the line.
_SAME_COMMITMENT, _NO_TERM, _NEW_TERM, _NO_MONEY = 1, 2, 3, 4
_FLAT = ("archera_premiums", "rebates", "total_savings", "net_savings")


class Line:
    """One commitment in one month, in money before it is written in the shape of its month."""

    def __init__(self, seed: int, month: date, number: int) -> None:
        dice = Dice(seed, "archera", month, number)
        self.id = f"li_{month:%Y%m}_{number + 1:04d}_{dice.hex(6)}"
        self.commitment = commitment(seed, 0 if number == _SAME_COMMITMENT else number)
        self.term = {_NO_TERM: None, _NEW_TERM: _UNKNOWN_TERM}.get(number, dice.pick(_TERMS))
        self.silent = number == _NO_MONEY
        ten_thousandths = dice.between(0, 6_000) if dice.one_in(5) else dice.between(7_500, 10_000)
        self.utilization = Decimal(ten_thousandths).scaleb(-4)
        self.cloud = dice.decimal(400, 9_000, 2)
        worth = self.utilization > Decimal("0.4")
        self.gross = dice.decimal(60, 2_400, 2) if worth else -dice.decimal(10, 90, 2)
        self.premium = self.rebate = _ZERO
        if self.term and self.term.endswith("gris"):  # guaranteed: a fee on what is saved, most of a loss back
            percent = dice.between(10, 25)
            self.premium = rounded(max(self.gross, _ZERO) * percent / 100)
            self.rebate = rounded(max(-self.gross, _ZERO) * 9 / 10)

    @property
    def net(self) -> Decimal:
        return self.gross - self.premium + self.rebate

    def amounts(self) -> list[Decimal]:
        """Premium, rebate, gross and net savings."""
        return [self.premium, self.rebate, self.gross, self.net]


@cache
def commitment(seed: int, number: int) -> str:
    """The same in every month."""
    return Dice(seed, "archera", "commitment", number).uuid()


@cache
def _lines(seed: int, month: date, count: int) -> list[Line]:
    return [Line(seed, month, number) for number in range(count)]


def line_items(seed: int, month: date, count: int) -> list[JsonObject]:
    """Money nested in even months, flat in odd ones; one line a month states none."""
    return [
        {
            "id": line.id,
            "commitment_id": line.commitment,
            "utilization": shortest(line.utilization),
            "contract_term": line.term,
        }
        | _money(line, flat=bool(month.month % 2))
        for line in _lines(seed, month, count)
    ]


def _money(line: Line, *, flat: bool) -> JsonObject:
    if line.silent:
        return {}
    return _flat(line.amounts()) if flat else _nested(line)


def _flat(amounts: list[Decimal]) -> JsonObject:
    return dict(zip(_FLAT, map(shortest, amounts), strict=True))


def _nested(line: Line) -> JsonObject:
    cost = {
        "total": shortest(line.cloud + line.premium),
        "breakdown": {
            "cloud_provider_cost": {"total": shortest(line.cloud)},
            "archera_premium": shortest(line.premium),
        },
    }
    savings = {"net": shortest(line.net), "gross": shortest(line.gross), "rebate": shortest(line.rebate)}
    return {
        "commitment_financials": {
            "commitment_cost": cost,
            "commitment_savings": savings,
            "covered_ondemand_cost": shortest(line.cloud + line.gross),
        }
    }


def invoice(seed: int, month: date) -> JsonObject:
    """As in the list."""
    return {
        "id": f"inv_{month:%Y_%m}",
        "year": month.year,
        "month": month.month,
        "invoice_date": f"{month}",
        "total_cloud_bill": _total_cloud_bill(seed, month),
    }


def _total_cloud_bill(seed: int, month: date) -> Decimal | str | None:
    """A computed field without a type: a number, now and then as text, with a float's dust, or null."""
    bill = Dice(seed, "archera", month, "bill").decimal(150_000, 260_000, 2)
    if month.month in _NO_BILL:
        return None
    if month.month in _BILL_AS_TEXT:
        return str(bill)
    return bill + _FLOAT_DUST if month.month in _BILL_FROM_FLOAT else shortest(bill)


def detail(seed: int, month: date, count: int) -> JsonObject:
    """As by year and month: with the sums of the lines that state money, by term."""
    sums: dict[str | None, list[Decimal]] = defaultdict(lambda: [_ZERO] * len(_FLAT))
    for line in _lines(seed, month, count):
        if not line.silent:
            sums[line.term] = [a + b for a, b in zip(sums[line.term], line.amounts(), strict=True)]
    by_term = [{"contract_term": term} | _flat(amounts) for term, amounts in sums.items()]
    return invoice(seed, month) | {"by_term": by_term}
