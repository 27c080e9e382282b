"""A further account of Fastly's sandbox, whose invoices do not add up. Each month has another discrepancy."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from providers.sandbox.api import Clock, JsonResponse
from providers.sandbox.data import JsonObject, first_of_month, format_seconds, instant, next_month, utc_now

from .sandbox import NO_FILTER, DateFilter, Sandbox
from .sandbox_data import InvoiceKey, invoice_id

_MONTHS_BACK = timedelta(days=300)
# The months, counted from the newest.
_DUPLICATE, _SECOND, _OVERLAP, _GAP, _OTHER_DETAIL = 4, 5, 6, 7, 8


def _wrong_total(invoice: Any) -> None:
    invoice["monthly_transaction_amount"] = Decimal(invoice["monthly_transaction_amount"]) + Decimal("250.10")


def _wrong_rate(invoice: Any) -> None:
    line = invoice["transaction_line_items"][0]
    line["rate"] = Decimal(line["rate"]) * 2


def _unknown_currency(invoice: Any) -> None:
    invoice["currency_code"] = "XYZ"


def _longer_period(invoice: Any) -> None:
    start = date.fromisoformat(invoice["billing_start_date"][:10])
    invoice["billing_end_date"] = format_seconds(instant(next_month(start), days=13))


_CHANGES: Mapping[int, Callable[[Any], None]] = {
    1: _wrong_total,
    2: _wrong_rate,
    3: _unknown_currency,
    _OVERLAP: _longer_period,
    _OTHER_DETAIL: lambda _invoice: None,
}


class OddSandbox(Sandbox):
    """Has each discrepancy that an account of Fastly can have. Its list also counts one invoice too many."""

    id = "odd-fastly"

    def __init__(self, seed: int = 1, now: Clock = utc_now, first: date | None = None) -> None:
        super().__init__(seed, now, first or first_of_month(now().date() - _MONTHS_BACK))
        for number in (_DUPLICATE, _SECOND):
            self._corrections[self.finished_months()[-number]] = 1

    def account(self, base_url: str) -> JsonObject:
        name = "Fastly with discrepancies (sandbox)"
        return super().account(base_url) | {"id": self.id, "provider": Sandbox.id, "name": name}

    def _keys(self, dates: DateFilter = NO_FILTER) -> list[InvoiceKey]:
        return [key for key in super()._keys(dates) if self._number(key) != _GAP]

    def _total(self, keys: Sequence[InvoiceKey]) -> int:
        return len(keys) + 1

    def _invoice(self, key: InvoiceKey) -> JsonObject:
        number, is_first = self._number(key), key.number == 0
        if number == _DUPLICATE and not is_first:
            return super()._invoice(key._replace(number=0)) | {"invoice_id": invoice_id(self.seed, key)}
        invoice = deepcopy(super()._invoice(key))
        if number in _CHANGES:
            _CHANGES[number](invoice)
        return invoice

    async def _get(self, request: Request) -> Response:
        key = self._find(request.path_params["invoice_id"])
        if key is None or self._number(key) != _OTHER_DETAIL:
            return await super()._get(request)
        invoice = self._invoice(key)
        _wrong_total(invoice)
        return JsonResponse(invoice)

    def _number(self, key: InvoiceKey) -> int:
        """Return the number of the month, counted from the newest, which is 1."""
        months = self.finished_months()
        return len(months) - months.index(key.month)
