"""Fastly's billing API in miniature: a paged list, get by id, month to date."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections import Counter
from datetime import date
from http.client import TOO_MANY_REQUESTS, UNAUTHORIZED, responses
from typing import NamedTuple

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from providers.sandbox.api import Clock, Json, SandboxApi
from providers.sandbox.data import FIRST_MONTH, JsonObject, encode, utc_now

from .sandbox_data import Key, has_payment_status, invoice, invoice_id, month_to_date, paid_at

KEY = "sandbox-fastly-key"
_DEFAULT_LIMIT, _MAX_LIMIT, _ABSURD_LIMIT = 100, 200, 500
_PLUSES = b"\xfb\xef\xbe"  # "++++" in base64: who does not percent-encode a cursor learns it at once


class Window(NamedTuple):
    """What a list is filtered by: billing starts within, both ends included."""

    start: date = date.min
    end: date = date.max


EVER = Window()


class Sandbox(SandboxApi):
    """Posted invoices of one customer, `per_month` of them, newest first; and the month to date.

    Month to date is being computed for `Fault(kind="status", status=202, path="month-to-date", times=2)`.
    """

    id, name = "fastly", "Fastly"
    key_header, key = "Fastly-Key", KEY

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
        self._posted: Counter[date] = Counter()  # corrections, besides the invoices that every month has
        self._words: dict[str, str] = {}  # payments that were moved by hand

    def routes(self) -> list[Route]:
        return [
            Route("/billing/v3/invoices", self._list),
            Route("/billing/v3/invoices/month-to-date", self._month_to_date),
            Route("/billing/v3/invoices/{invoice_id}", self._get),
        ]

    def refusal(self, request: Request, status: int, reason: str | None = None) -> Response:
        if status == UNAUTHORIZED:
            return PlainTextResponse(encode({"msg": "Provided credentials are missing or invalid"}), status)
        if status == TOO_MANY_REQUESTS:
            reset = str(int(self.now().timestamp()) + 60)
            headers = {"Fastly-RateLimit-Remaining": "0", "Fastly-RateLimit-Reset": reset}
            return Json({"msg": "Rate limit exceeded"}, status, headers)
        return Json(_refusal_body(request, status, reason), status)

    def post_invoice(self, month: date | None = None) -> str:
        month = self.newest_month() if month is None else self.finished(month)
        self._posted[month] += 1
        return invoice_id(self.seed, Key(month, self.per_month + self._posted[month] - 1))

    def advance_payment(self, native: str) -> str:
        if self._find(native) is None:
            raise LookupError(f"There is no invoice {native!r}.")
        self._words[native] = "paid"
        return "paid"

    def _keys(self, window: Window = EVER) -> list[Key]:
        """Newest first."""
        months = [month for month in reversed(self.finished_months()) if window.start <= month <= window.end]
        return [Key(month, n) for month in months for n in reversed(range(self.per_month + self._posted[month]))]

    def _find(self, native: str) -> Key | None:
        return next((key for key in self._keys() if invoice_id(self.seed, key) == native), None)

    def _invoice(self, key: Key) -> JsonObject:
        posted = invoice(self.seed, key, self.currency, correction=key.number >= self.per_month)
        if not has_payment_status(key.month):
            return posted
        word = "paid" if paid_at(self.seed, key) <= self.now() else "outstanding"
        return posted | {"payment_status": self._words.get(str(posted["invoice_id"]), word)}

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        window, limit = _window(query), _limit(query.get("limit"))
        keys = self._keys(window)
        after = _read_cursor(query.get("cursor", ""), window)
        rest = [key for key in keys if after is None or key < after]
        page = rest[:limit]
        more = len(rest) > limit
        meta = {
            "next_cursor": _write_cursor(page[-1], window) if more else "",
            "limit": limit,
            "total": len(keys),
            "sort": "-billing_start_date",
        }
        return Json({"data": [self._invoice(key) for key in page], "meta": meta})

    async def _get(self, request: Request) -> Response:
        key = self._find(request.path_params["invoice_id"])
        return self.refusal(request, 404) if key is None else Json(self._invoice(key))

    async def _month_to_date(self, _: Request) -> Response:
        self._generation += 1
        return Json(month_to_date(self.seed, self.now().replace(second=0, microsecond=0), self._generation))


def _refusal_body(request: Request, status: int, reason: str | None) -> JsonObject:
    native = request.url.path.partition("/billing/v3/invoices/")[2]
    title = responses.get(status, "Unknown")
    match status:
        case 202:
            return {"title": title, "status": "202"}
        case 403:
            return {"msg": title, "detail": "You are not authorized to perform this action"}
        case 404 if native:
            return {"title": f"requested id:{native} doesn't exist", "status": 404}  # a number, here alone
        case 404:
            return {"msg": "Record not found", "detail": "Couldn't find the resource"}
    return {"type": "about:blank", "title": reason or title, "code": title, "status": str(status)}


def _window(query: QueryParams) -> Window:
    try:
        start, end = query.get("billing_start_date"), query.get("billing_end_date")
        return Window(_day(start) if start else date.min, _day(end) if end else date.max)
    except ValueError:
        raise HTTPException(400, "dates are written YYYY-MM-DD") from None


def _day(text: str) -> date:
    """`2026-09-01`, or as until 2024 with a time behind it."""
    return date.fromisoformat(text[:10])


def _limit(text: str | None) -> int:
    if not text:
        return _DEFAULT_LIMIT
    if not text.isdecimal() or not 0 < int(text) < _ABSURD_LIMIT:
        raise HTTPException(400, "limit is out of range")
    return min(int(text), _MAX_LIMIT)


def _write_cursor(last: Key, window: Window) -> str:
    """The last row and the filters it belongs to; always with `+` and `=` in it."""
    words = f"{last.month} {last.number} {window.start} {window.end}".encode()
    return b64encode(_PLUSES + words + b" " * (len(words) % 3 == 0)).decode()


def _read_cursor(text: str, window: Window) -> Key | None:
    if not text:
        return None
    try:
        month, number, *filters = b64decode(text, validate=True).removeprefix(_PLUSES).decode().split()
        if filters == [str(window.start), str(window.end)]:
            return Key(date.fromisoformat(month), int(number))
    except (NotBase64, ValueError):
        pass
    raise HTTPException(400, "cursor is invalid")
