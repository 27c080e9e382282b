"""A further account of Palette's sandbox, whose invoices do not add up. Each month has another discrepancy."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from providers.sandbox.api import Clock
from providers.sandbox.data import JsonObject, first_of_month, utc_now

from .sandbox import Sandbox
from .sandbox_charges import InvoiceKey

_MONTHS_BACK = timedelta(days=250)
_AMOUNT = Decimal(25)


def _add(row: Any, key: str, amount: Decimal) -> None:
    row[key] = Decimal(row[key]) + amount


def _wrong_total(invoice: Any) -> None:
    for product in invoice["status"]["productInvoice"].values():
        product.setdefault("amount", 1)  # else a difference could be a zero that is left out
    _add(invoice["status"], "billableAmount", _AMOUNT)


def _missing_project(invoice: Any) -> None:
    del invoice["status"]["projects"][0]


def _wrong_usage(invoice: Any) -> None:
    _add(invoice["status"]["projects"][0]["usage"]["pure"], "amount", _AMOUNT)


def _wrong_price(invoice: Any) -> None:
    product = invoice["status"]["productInvoice"]["pure"]
    _add(product, "tierPrice", _AMOUNT)
    product.pop("discount", None)


def _overused_grant(invoice: Any) -> None:
    credit = invoice["spec"]["plan"]["freeCredits"][0]
    credit["totalCpuCoreHours"] = credit["planCredit"]["cpuCoreHours"] + 1


def _contradictory_payment(invoice: Any) -> None:
    states = invoice["status"]["states"]
    newest = max(states, key=lambda state: state["timestamp"])
    states.append(newest | {"state": "PaymentFailed" if newest["state"] != "PaymentFailed" else "Paid"})


_CHANGES: Mapping[int, Callable[[Any], None]] = {  # by the number of the month, counted from the newest
    1: _wrong_total,
    2: _missing_project,
    3: _wrong_usage,
    4: _wrong_price,
    5: _overused_grant,
    6: _contradictory_payment,
}


class OddSandbox(Sandbox):
    """Has each discrepancy that an invoice of Palette can have."""

    id = "odd-palette"

    def __init__(self, seed: int = 1, now: Clock = utc_now, first: date | None = None) -> None:
        super().__init__(seed, now, first or first_of_month(now().date() - _MONTHS_BACK))

    def account(self, base_url: str) -> JsonObject:
        name = "Palette with discrepancies (sandbox)"
        return super().account(base_url) | {"id": self.id, "provider": Sandbox.id, "name": name}

    def _payload(self, provider_key: str, key: InvoiceKey) -> JsonObject:
        payload = deepcopy(super()._payload(provider_key, key))
        months = self.finished_months()
        change = _CHANGES.get(len(months) - months.index(key.month))
        if change is not None:
            change(payload)
        return payload
