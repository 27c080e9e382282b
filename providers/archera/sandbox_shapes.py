"""Other forms of Archera's bodies, which its sandbox sends on order."""

from collections.abc import Mapping
from typing import Any

from providers.sandbox.faults import Shape

_NESTED = "commitment_financials"
_KNOWN_MONEY = (_NESTED, "archera_premiums", "rebates", "total_savings", "net_savings")


def _monthly_rate(lines: Any) -> Any:
    """Name the block of money as other resources of the API do."""
    return [{f"{key}_monthly_rate" if key == _NESTED else key: value for key, value in line.items()} for line in lines]


def _unknown_money(lines: Any) -> Any:
    """State the money under keys that are in no published page."""
    return [
        {key: value for key, value in line.items() if key not in _KNOWN_MONEY} | {"fees": {"premium": 12, "rebate": 3}}
        for line in lines
    ]


SHAPES: Mapping[str, Shape] = {"monthly_rate": _monthly_rate, "unknown_money": _unknown_money}
