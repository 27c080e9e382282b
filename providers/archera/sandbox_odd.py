"""A further account of Archera's sandbox, whose invoices do not add up. Each month has another discrepancy."""

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from providers.sandbox.api import Clock
from providers.sandbox.data import JsonObject, first_of_month, utc_now

from .sandbox import Sandbox

_MONTHS_BACK = timedelta(days=250)
# The months, counted from the newest. In March the cloud bill is null, so two months have another one in the detail.
_OVERUSED, _WRONG_SAVINGS, _GAP, _OTHER_DETAIL = 1, 2, 3, (4, 5)


class OddSandbox(Sandbox):
    """Has each discrepancy that an account of Archera can have."""

    id = "odd-archera"

    def __init__(self, seed: int = 1, now: Clock = utc_now, first: date | None = None) -> None:
        super().__init__(seed, now, first or first_of_month(now().date() - _MONTHS_BACK))

    def account(self, base_url: str) -> JsonObject:
        name = "Archera with discrepancies (sandbox)"
        return super().account(base_url) | {"id": self.id, "provider": Sandbox.id, "name": name}

    def _months(self) -> list[date]:
        months = super()._months()
        return [month for month in months if self._number(month) != _GAP]

    def _detail_payload(self, month: date) -> JsonObject:
        payload: Any = deepcopy(super()._detail_payload(month))
        if self._number(month) in _OTHER_DETAIL and payload["total_cloud_bill"] is not None:
            payload["total_cloud_bill"] = Decimal(payload["total_cloud_bill"]) + 1
        return payload  # type: ignore[no-any-return]

    def _lines_payload(self, month: date) -> list[JsonObject]:
        lines: Any = deepcopy(super()._lines_payload(month))
        number, line = self._number(month), lines[0]
        if number == _OVERUSED:
            line["utilization"] = Decimal("1.02")
        if number == _WRONG_SAVINGS:
            savings = line["commitment_financials"]["commitment_savings"] if "commitment_financials" in line else line
            key = "net" if "net" in savings else "net_savings"
            savings[key] = Decimal(savings[key]) + 7
        return lines  # type: ignore[no-any-return]

    def _number(self, month: date) -> int:
        """Return the number of the month, counted from the newest, which is 1."""
        months = super()._months()
        return len(months) - months.index(month)
