"""Fake of Fastly's billing API: a paged list, get by id, month to date."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections import Counter
from collections.abc import Sequence
from datetime import date
from http.client import TOO_MANY_REQUESTS, UNAUTHORIZED, responses
from typing import NamedTuple

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from providers.sandbox.api import Clock, JsonResponse, SandboxApi
from providers.sandbox.data import FIRST_MONTH, JsonObject, encode, utc_now

from .sandbox_data import InvoiceKey, has_payment_status, invoice, invoice_id, month_to_date, paid_at
from .sandbox_shapes import SHAPES

KEY = "sandbox-fastly-key"
_DEFAULT_LIMIT, _MAX_LIMIT, _REFUSED_LIMIT = 100, 200, 500  # more than 200 becomes 200; 500 or more is refused
_PLUSES = b"\xfb\xef\xbe"  # "++++" in base64: a client that does not percent-encode a cursor fails at once


class DateFilter(NamedTuple):
    """The filter of a list: the first and the last day on which billing may start."""

    first: date = date.min
    last: date = date.max


NO_FILTER = DateFilter()


class Sandbox(SandboxApi):
    """One customer with `per_month` posted invoices per month, newest first, and the month to date.

    To simulate a month to date that Fastly still computes, add the fault
    `Fault(kind="status", status=202, path="month-to-date", times=2)`.
    """

    id, name = "fastly", "Fastly"
    key_header, key = "Fastly-Key", KEY
    shapes = SHAPES

    def __init__(
        self,
        seed: int = 1,
        now: Clock = utc_now,
        first: date = FIRST_MONTH,
        *,
        per_month: int = 1,
        currency: str | None = None,
    ) -> None:
        super().__init__(seed, now, first)
        self.per_month, self.currency = per_month, currency
        self._generation = 0
        self._corrections: Counter[date] = Counter()  # number by month, in addition to the `per_month` invoices
        self._payment_overrides: dict[str, str] = {}  # from `advance_payment`

    def routes(self) -> list[Route]:
        return [
            Route("/billing/v3/invoices", self._list),
            Route("/billing/v3/invoices/month-to-date", self._month_to_date),
            Route("/billing/v3/invoices/{invoice_id}", self._get),
        ]

    def error_response(self, request: Request, status: int, reason: str | None = None) -> Response:
        if status == UNAUTHORIZED:
            return PlainTextResponse(encode({"msg": "Provided credentials are missing or invalid"}), status)
        if status == TOO_MANY_REQUESTS:
            reset = str(int(self.now().timestamp()) + 60)
            headers = {"Fastly-RateLimit-Remaining": "0", "Fastly-RateLimit-Reset": reset}
            return JsonResponse({"msg": "Rate limit exceeded"}, status, headers)
        return JsonResponse(_error_body(request, status, reason), status)

    def post_invoice(self, month: date | None = None) -> str:
        month = self.newest_month() if month is None else self.require_finished(month)
        self._corrections[month] += 1
        return invoice_id(self.seed, InvoiceKey(month, self.per_month + self._corrections[month] - 1))

    def advance_payment(self, provider_key: str) -> str:
        if self._find(provider_key) is None:
            raise LookupError(f"There is no invoice {provider_key!r}.")
        self._payment_overrides[provider_key] = "paid"
        return "paid"

    def _keys(self, dates: DateFilter = NO_FILTER) -> list[InvoiceKey]:
        """Return the keys of the invoices that the filter selects, newest first."""
        months = [month for month in reversed(self.finished_months()) if dates.first <= month <= dates.last]
        return [
            InvoiceKey(month, number)
            for month in months
            for number in reversed(range(self.per_month + self._corrections[month]))
        ]

    def _total(self, keys: Sequence[InvoiceKey]) -> int:
        """Return the number of invoices that the list reports."""
        return len(keys)

    def _find(self, provider_key: str) -> InvoiceKey | None:
        return next((key for key in self._keys() if invoice_id(self.seed, key) == provider_key), None)

    def _invoice(self, key: InvoiceKey) -> JsonObject:
        payload = invoice(self.seed, key, self.currency, is_correction=key.number >= self.per_month)
        if not has_payment_status(key.month):
            return payload
        word = "paid" if paid_at(self.seed, key) <= self.now() else "outstanding"
        return payload | {"payment_status": self._payment_overrides.get(str(payload["invoice_id"]), word)}

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        dates, limit = _parse_dates(query), _parse_limit(query.get("limit"))
        keys = self._keys(dates)
        after = _decode_cursor(query.get("cursor", ""), dates)
        remaining = [key for key in keys if after is None or key < after]
        page = remaining[:limit]
        has_next_page = len(remaining) > limit
        meta = {
            "next_cursor": _encode_cursor(page[-1], dates) if has_next_page else "",
            "limit": limit,
            "total": self._total(keys),
            "sort": "-billing_start_date",
        }
        return JsonResponse({"data": [self._invoice(key) for key in page], "meta": meta})

    async def _get(self, request: Request) -> Response:
        key = self._find(request.path_params["invoice_id"])
        return self.error_response(request, 404) if key is None else JsonResponse(self._invoice(key))

    async def _month_to_date(self, _: Request) -> Response:
        self._generation += 1
        return JsonResponse(month_to_date(self.seed, self.now().replace(second=0, microsecond=0), self._generation))


def _error_body(request: Request, status: int, reason: str | None) -> JsonObject:
    provider_key = request.url.path.partition("/billing/v3/invoices/")[2]
    title = responses.get(status, "Unknown")
    match status:
        case 202:
            return {"title": title, "status": "202"}
        case 403:
            return {"msg": title, "detail": "You are not authorized to perform this action"}
        case 404 if provider_key:
            return {"title": f"requested id:{provider_key} doesn't exist", "status": 404}  # an int only here
        case 404:
            return {"msg": "Record not found", "detail": "Couldn't find the resource"}
    return {"type": "about:blank", "title": reason or title, "code": title, "status": str(status)}


def _parse_dates(query: QueryParams) -> DateFilter:
    try:
        first, last = query.get("billing_start_date"), query.get("billing_end_date")
        return DateFilter(_parse_day(first) if first else date.min, _parse_day(last) if last else date.max)
    except ValueError:
        raise HTTPException(400, "dates are written YYYY-MM-DD") from None


def _parse_day(text: str) -> date:
    """Parse `2026-09-01`, or the form with a time after it that Fastly used until 2024."""
    return date.fromisoformat(text[:10])


def _parse_limit(text: str | None) -> int:
    if not text:
        return _DEFAULT_LIMIT
    if not text.isdecimal() or not 0 < int(text) < _REFUSED_LIMIT:
        raise HTTPException(400, "limit is out of range")
    return min(int(text), _MAX_LIMIT)


def _encode_cursor(last_key: InvoiceKey, dates: DateFilter) -> str:
    """Encode the last row of a page and the filter of its list. A cursor always contains `+` and `=`."""
    content = f"{last_key.month} {last_key.number} {dates.first} {dates.last}".encode()
    return b64encode(_PLUSES + content + b" " * (len(content) % 3 == 0)).decode()


def _decode_cursor(text: str, dates: DateFilter) -> InvoiceKey | None:
    """Decode a cursor. Raises HTTPException if it is malformed or belongs to another filter."""
    if not text:
        return None
    try:
        month, number, *filters = b64decode(text, validate=True).removeprefix(_PLUSES).decode().split()
        if filters == [str(dates.first), str(dates.last)]:
            return InvoiceKey(date.fromisoformat(month), int(number))
    except (NotBase64, ValueError):
        pass
    raise HTTPException(400, "cursor is invalid")
