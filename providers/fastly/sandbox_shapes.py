"""Other forms of Fastly's bodies, which its sandbox sends on order."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from providers.sandbox.data import round_to_cent
from providers.sandbox.faults import Shape

_TAX_RATE = Decimal("0.08")
_SUPPORT_FEE = Decimal(2_600)


def _fixed_line(description: str, amount: Decimal, group: str) -> dict[str, Any]:
    return {
        "description": description,
        "amount": amount,
        "credit_coupon_code": "",
        "rate": amount,
        "units": 1,
        "product_name": description,
        "product_group": group,
        "product_line": "N/A",
        "region": "",
        "usage_type": "",
    }


def _with_line(create: Callable[[Decimal], dict[str, Any]], body: Any) -> Any:
    """Add a line to each invoice, and its amount to the total."""
    for invoice in body.get("data", [body]):
        total = Decimal(invoice["monthly_transaction_amount"])
        line = create(total)
        invoice["transaction_line_items"].append(line)
        invoice["monthly_transaction_amount"] = total + line["amount"]
    return body


def _unmarked(body: Any) -> Any:
    """Leave out the coupon codes, as the month to date does."""
    for invoice in body.get("data", [body]):
        for line in invoice["transaction_line_items"]:
            line.pop("credit_coupon_code", None)
    return body


SHAPES: Mapping[str, Shape] = {
    "tax_line": partial(_with_line, lambda total: _fixed_line("Sales Tax", round_to_cent(total * _TAX_RATE), "N/A")),
    "support_line": partial(_with_line, lambda _total: _fixed_line("Enterprise Support", _SUPPORT_FEE, "CS: CSE")),
    "unmarked_lines": _unmarked,
}
