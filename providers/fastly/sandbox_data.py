"""Sample invoices of Fastly's sandbox. They depend on the seed and the month only."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from providers.sandbox.data import (
    Dice,
    JsonObject,
    format_seconds,
    instant,
    last_day,
    next_month,
    round_to_cent,
    strip_zeros,
)

CUSTOMER = "7kQ2mXv9TbL4sWc8Rz1NpE"

# What Fastly changed over time. Each invoice keeps the format of its month.
_SNAKE_CASE_SINCE = date(2024, 8, 1)  # before: ProductName …, an id of digits, no payment_status, an end at 23:59:59
_PRODUCT_LINE_SINCE = date(2024, 6, 1)
_POSTED_ON_IS_START_SINCE = date(2026, 1, 1)

_REGIONS = {  # price of 10,000 requests, price of a gigabyte, and relative traffic of the region
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


class InvoiceKey(NamedTuple):
    """An invoice's month, and its number in the month from 0 on. Keys sort as the list does."""

    month: date
    number: int


class SampleLine(NamedTuple):
    """One line item. It is not yet in the format that its month uses."""

    description: str
    rate: Decimal
    units: Decimal
    product: str
    group: str
    region: str = ""
    usage_type: str = ""
    product_line: str = "Network Services"
    coupon: str = ""

    @property
    def amount(self) -> Decimal:
        return round_to_cent(self.rate * self.units)

    def payload(self, key_names: dict[str, str]) -> JsonObject:
        """Return the line item with renamed keys. An empty new name omits the key."""
        payload: JsonObject = {
            "description": self.description,
            "amount": strip_zeros(self.amount),
            "credit_coupon_code": self.coupon,
            "rate": strip_zeros(self.rate),
            "units": strip_zeros(self.units),
            "product_name": self.product,
            "product_group": self.group,
            "product_line": self.product_line,
            "region": self.region,
            "usage_type": self.usage_type,
        }
        return {key_names.get(key, key): value for key, value in payload.items() if key_names.get(key, key)}


@cache
def invoice_id(seed: int, key: InvoiceKey) -> str:
    """Return an id such as `INV-320117`. The oldest invoices have ids of digits only."""
    months = key.month.year * 12 + key.month.month - 24_001
    offset = Dice(seed, "fastly", key.month, "id").between(100, 199)
    number = months * 1_000 + offset + key.number
    return f"INV-{number}" if key.month >= _SNAKE_CASE_SINCE else f"29{number}"


@cache
def paid_at(seed: int, key: InvoiceKey) -> datetime:
    """Return when an invoice is paid, some weeks after the end of its month. Until then it is outstanding."""
    return instant(next_month(key.month), hours=Dice(seed, "fastly", *key, "paid").between(20 * 24, 42 * 24))


@cache
def invoice(seed: int, key: InvoiceKey, currency: str | None, *, is_correction: bool) -> JsonObject:
    """Return a posted invoice without `payment_status`, which depends on the time."""
    month, is_recent = key.month, key.month >= _SNAKE_CASE_SINCE
    line_source = _correction_lines if is_correction else _lines
    lines = list(line_source(Dice(seed, "fastly", *key)))
    posted_on = instant(next_month(month), hours=6, minutes=12)
    provider_key = invoice_id(seed, key)
    return {
        "customer_id": CUSTOMER,
        "invoice_id": provider_key,
        "invoice_posted_on": format_seconds(instant(month) if month >= _POSTED_ON_IS_START_SINCE else posted_on),
        "billing_start_date": format_seconds(instant(month)),
        "billing_end_date": format_seconds(instant(last_day(month), seconds=0 if is_recent else 86_399)),
        "statement_number": provider_key,
        "currency_code": currency or ("EUR" if Dice(seed, "fastly", month, "currency").one_in(7) else "USD"),
        "monthly_transaction_amount": strip_zeros(sum((line.amount for line in lines), Decimal(0))),
        "transaction_line_items": [line.payload(_key_names(month)) for line in lines],
    }


def has_payment_status(month: date) -> bool:
    """Return whether the invoices of a month state their payment. Older ones do not."""
    return month >= _SNAKE_CASE_SINCE


def month_to_date(seed: int, as_of: datetime, generation: int) -> JsonObject:
    """Return the month to date: usage up to now, support in full, and certificates at 0 until the month ends."""
    month = as_of.date().replace(day=1)
    elapsed = Decimal((as_of - instant(month)).total_seconds())
    fraction = elapsed / Decimal((instant(next_month(month)) - instant(month)).total_seconds())
    lines = [_to_date(line, fraction) for line in _lines(Dice(seed, "fastly", month, 0)) if not line.coupon]
    return {
        "customer_id": CUSTOMER,
        "invoice_id": f"{CUSTOMER}-{int(as_of.timestamp()) + generation}",
        "billing_start_date": format_seconds(instant(month)),
        "billing_end_date": format_seconds(as_of),
        "monthly_transaction_amount": str(sum((line.amount for line in lines), Decimal("0.00"))),
        "transaction_line_items": [line.payload({"credit_coupon_code": ""}) for line in lines],
    }


def _to_date(line: SampleLine, fraction: Decimal) -> SampleLine:
    if line.usage_type:
        return line._replace(units=(line.units * fraction).quantize(Decimal("0.0001")))
    if line.product == "TLS":
        return line._replace(rate=Decimal(0), group="N/A", product_line="N/A")
    return line


def _key_names(month: date) -> dict[str, str]:
    """Return the key names that a month uses instead of the present ones. An empty name omits the key."""
    if month >= _SNAKE_CASE_SINCE:
        return {}
    return _LEGACY_KEYS if month >= _PRODUCT_LINE_SINCE else _LEGACY_KEYS | {"product_line": ""}


def _lines(dice: Dice) -> Iterator[SampleLine]:
    yield from _delivery(dice)
    requests = dice.decimal(900, 2_400, 4)
    yield SampleLine("Compute Requests", Decimal("0.5"), requests, "Compute", "Compute", usage_type="Requests")
    duration = dice.decimal(4_000, 9_000, 4)
    yield SampleLine("Compute Duration", Decimal("0.035"), duration, "Compute", "Compute", usage_type="Duration")
    firewall_requests = dice.decimal(800, 1_600, 2)
    yield SampleLine(
        "Next-Gen WAF Requests",
        Decimal("0.45"),
        firewall_requests,
        "Next-Gen WAF",
        "Security",
        usage_type="Requests",
        product_line="Security",
    )
    yield SampleLine("TLS certificates", Decimal(20), Decimal(dice.between(3, 9)), "TLS", "TLS")
    yield SampleLine(
        "Image Optimizer", Decimal(0), Decimal(dice.between(1, 90)), "Image Optimizer", "Full Site Delivery"
    )
    yield SampleLine("Gold Support", Decimal(1_500), Decimal(1), "Gold Support", "CS: CSE", product_line="N/A")
    if dice.one_in(3):
        coupon = dice.decimal(50, 400, 2)
        yield SampleLine(
            "Promotional credit", -coupon, Decimal(1), "Credit", "N/A", product_line="N/A", coupon=dice.pick(_COUPONS)
        )
    if dice.one_in(6):
        goodwill = dice.decimal(10, 120, 2)
        yield SampleLine(
            "Adjustment: service credit for incident", -goodwill, Decimal(1), "Adjustment", "N/A", product_line="N/A"
        )


def _delivery(dice: Dice) -> Iterator[SampleLine]:
    for region, (request_price, gigabyte_price, traffic) in _REGIONS.items():
        for usage_type, rate, units in (
            ("Requests", request_price, dice.decimal(300 * traffic, 900 * traffic, 4)),
            ("Bandwidth", gigabyte_price, dice.decimal(60 * traffic, 180 * traffic, 4)),
        ):
            product = f"{region} {usage_type}"
            yield SampleLine(product, Decimal(rate), units, product, "Full Site Delivery", region, usage_type)


def _correction_lines(dice: Dice) -> Iterator[SampleLine]:
    """Yield the lines of a correction: one line item is reversed, and charged again with other units."""
    line, *_ = _delivery(dice)
    yield line._replace(description=f"Correction: {line.description}", rate=-line.rate)
    yield line._replace(description=f"{line.description}, metered again", units=line.units + dice.decimal(100, 900, 4))
