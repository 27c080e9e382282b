"""The sandbox's invoices, made from the seed and the month alone."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from providers.sandbox.data import Dice, JsonObject, instant, last_day, next_month, rounded, seconds, shortest

CUSTOMER = "7kQ2mXv9TbL4sWc8Rz1NpE"

# What Fastly changed over time; each invoice keeps the form of its month.
_SNAKE_CASE_SINCE = date(2024, 8, 1)  # before: ProductName …, digits as id, no payment_status, ends at 23:59:59
_PRODUCT_LINE_SINCE = date(2024, 6, 1)
_POSTED_ON_IS_START_SINCE = date(2026, 1, 1)

_REGIONS = {  # price of 10,000 requests and of a gigabyte, and how busy the region is
    "North America": ("0.0075", "0.12", 60),
    "Europe": ("0.009", "0.12", 45),
    "Asia": ("0.012", "0.19", 20),
    "South America": ("0.0135", "0.28", 6),
    "Australia": ("0.012", "0.19", 4),
}
_COUPONS = ("EDGE-PARTNER-10", "LAUNCH-CREDIT", "EDGE-STARTUP")
_LEGACY_KEYS = {
    "product_name": "ProductName",
    "product_group": "ProductGroup",
    "product_line": "ProductLine",
    "region": "Region",
    "usage_type": "UsageType",
}


class Key(NamedTuple):
    """Which invoice: its month, and its number within the month from 0 on. Sorts as the list does."""

    month: date
    number: int


class Line(NamedTuple):
    """One line, before it is written in the form of its month."""

    description: str
    rate: Decimal
    units: Decimal
    product: str
    group: str
    region: str = ""
    usage: str = ""
    line: str = "Network Services"
    coupon: str = ""

    @property
    def amount(self) -> Decimal:
        return rounded(self.rate * self.units)

    def __call__(self, keys: dict[str, str]) -> JsonObject:
        wire: JsonObject = {
            "description": self.description,
            "amount": shortest(self.amount),
            "credit_coupon_code": self.coupon,
            "rate": shortest(self.rate),
            "units": shortest(self.units),
            "product_name": self.product,
            "product_group": self.group,
            "product_line": self.line,
            "region": self.region,
            "usage_type": self.usage,
        }
        return {keys.get(key, key): value for key, value in wire.items() if keys.get(key, key)}


@cache
def invoice_id(seed: int, key: Key) -> str:
    """`INV-320117`; digits alone for the oldest."""
    months = key.month.year * 12 + key.month.month - 24_001
    offset = Dice(seed, "fastly", key.month, "id").between(100, 199)
    number = months * 1_000 + offset + key.number
    return f"INV-{number}" if key.month >= _SNAKE_CASE_SINCE else f"29{number}"


@cache
def paid_at(seed: int, key: Key) -> datetime:
    """Outstanding until then: some weeks after the month's end."""
    return instant(next_month(key.month), hours=Dice(seed, "fastly", *key, "paid").between(20 * 24, 42 * 24))


@cache
def invoice(seed: int, key: Key, currency: str | None, *, correction: bool) -> JsonObject:
    """As posted, but for `payment_status`, which time changes."""
    month, recent = key.month, key.month >= _SNAKE_CASE_SINCE
    make = _corrections if correction else _lines
    lines = list(make(Dice(seed, "fastly", *key)))
    posted = instant(next_month(month), hours=6, minutes=12)
    native = invoice_id(seed, key)
    return {
        "customer_id": CUSTOMER,
        "invoice_id": native,
        "invoice_posted_on": seconds(instant(month) if month >= _POSTED_ON_IS_START_SINCE else posted),
        "billing_start_date": seconds(instant(month)),
        "billing_end_date": seconds(instant(last_day(month), seconds=0 if recent else 86_399)),
        "statement_number": native,
        "currency_code": currency or ("EUR" if Dice(seed, "fastly", month, "currency").one_in(7) else "USD"),
        "monthly_transaction_amount": shortest(sum((line.amount for line in lines), Decimal(0))),
        "transaction_line_items": [line(_keys(month)) for line in lines],
    }


def has_payment_status(month: date) -> bool:
    """Older invoices say nothing of payment."""
    return month >= _SNAKE_CASE_SINCE


def month_to_date(seed: int, as_of: datetime, generation: int) -> JsonObject:
    """Usage so far, support in full from the first day, certificates at 0 until the month closes."""
    month = as_of.date().replace(day=1)
    elapsed = Decimal((as_of - instant(month)).total_seconds())
    part = elapsed / Decimal((instant(next_month(month)) - instant(month)).total_seconds())
    lines = [_so_far(line, part) for line in _lines(Dice(seed, "fastly", month, 0)) if not line.coupon]
    return {
        "customer_id": CUSTOMER,
        "invoice_id": f"{CUSTOMER}-{int(as_of.timestamp()) + generation}",
        "billing_start_date": seconds(instant(month)),
        "billing_end_date": seconds(as_of),
        "monthly_transaction_amount": str(sum((line.amount for line in lines), Decimal("0.00"))),
        "transaction_line_items": [line({"credit_coupon_code": ""}) for line in lines],
    }


def _so_far(line: Line, part: Decimal) -> Line:
    if line.usage:
        return line._replace(units=(line.units * part).quantize(Decimal("0.0001")))
    if line.product == "TLS":
        return line._replace(rate=Decimal(0), group="N/A", line="N/A")
    return line


def _keys(month: date) -> dict[str, str]:
    """New names for the keys; an empty name leaves the key out."""
    if month >= _SNAKE_CASE_SINCE:
        return {}
    return _LEGACY_KEYS if month >= _PRODUCT_LINE_SINCE else _LEGACY_KEYS | {"product_line": ""}


def _lines(dice: Dice) -> Iterator[Line]:
    yield from _delivery(dice)
    compute = dice.decimal(900, 2_400, 4)
    yield Line("Compute Requests", Decimal("0.5"), compute, "Compute", "Compute", usage="Requests")
    duration = dice.decimal(4_000, 9_000, 4)
    yield Line("Compute Duration", Decimal("0.035"), duration, "Compute", "Compute", usage="Duration")
    firewall = dice.decimal(800, 1_600, 2)
    yield Line(
        "Next-Gen WAF Requests",
        Decimal("0.45"),
        firewall,
        "Next-Gen WAF",
        "Security",
        usage="Requests",
        line="Security",
    )
    yield Line("TLS certificates", Decimal(20), Decimal(dice.between(3, 9)), "TLS", "TLS")
    yield Line("Image Optimizer", Decimal(0), Decimal(dice.between(1, 90)), "Image Optimizer", "Full Site Delivery")
    yield Line("Gold Support", Decimal(1_500), Decimal(1), "Gold Support", "CS: CSE", line="N/A")
    if dice.one_in(3):
        coupon = dice.decimal(50, 400, 2)
        yield Line("Promotional credit", -coupon, Decimal(1), "Credit", "N/A", line="N/A", coupon=dice.pick(_COUPONS))
    if dice.one_in(6):
        goodwill = dice.decimal(10, 120, 2)
        yield Line("Adjustment: service credit for incident", -goodwill, Decimal(1), "Adjustment", "N/A", line="N/A")


def _delivery(dice: Dice) -> Iterator[Line]:
    for region, (request, gigabyte, busy) in _REGIONS.items():
        for usage, rate, units in (
            ("Requests", request, dice.decimal(300 * busy, 900 * busy, 4)),
            ("Bandwidth", gigabyte, dice.decimal(60 * busy, 180 * busy, 4)),
        ):
            product = f"{region} {usage}"
            yield Line(product, Decimal(rate), units, product, "Full Site Delivery", region, usage)


def _corrections(dice: Dice) -> Iterator[Line]:
    """A second invoice for the month: one line taken back, and charged again as it should have been."""
    wrong, *_ = _delivery(dice)
    yield wrong._replace(description=f"Correction: {wrong.description}", rate=-wrong.rate)
    yield wrong._replace(
        description=f"{wrong.description}, metered again", units=wrong.units + dice.decimal(100, 900, 4)
    )
