"""Fake of Palette's invoice API: get by uid, and three PDFs. There is no list."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from http.client import TOO_MANY_REQUESTS, responses
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from providers.sandbox.api import Clock, JsonResponse, SandboxApi
from providers.sandbox.data import FIRST_MONTH, Dice, JsonObject, utc_now

from .sandbox_charges import InvoiceKey
from .sandbox_data import FAILED, IN_PROGRESS, PAID, PENDING, State, created_at, invoice, states, uid
from .sandbox_shapes import SHAPES

KEY = "sandbox-palette-key"
TENANT = "5f3c8a1e9d2b4c6f7a8e0b1d"
_CODES = {
    401: "InvalidCredentials",
    403: "OperationForbidden",
    404: "ResourceNotFound",
    500: "OperationFailed",
}
_REPORTS = ("invoice/pdf", "pdf", "usage/pdf")
_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


class Sandbox(SandboxApi):
    """One tenant with one invoice per month. There is no list: a client must know the `uids`.

    A new uid is appended to `uids_file`, if there is one.
    """

    id, name = "spectrocloud", "Palette"
    key_header, key = "ApiKey", KEY
    shapes = SHAPES

    def __init__(
        self,
        seed: int = 1,
        now: Clock = utc_now,
        first: date = FIRST_MONTH,
        *,
        uids_file: Path | None = None,
    ) -> None:
        super().__init__(seed, now, first)
        self.uids_file = uids_file
        if uids_file:
            uids_file.touch()
        self._extra_invoices: Counter[date] = Counter()  # number by month, in addition to the one of every month
        self._history_overrides: dict[str, list[State]] = {}  # from `advance_payment`

    def routes(self) -> list[Route]:
        invoice = "/v1/tenants/{tenant}/invoices/{uid}"
        reports = [Route(f"{invoice}/report/{report}", self._pdf) for report in _REPORTS]
        return [Route(invoice, self._get), *reports]

    @property
    def uids(self) -> list[str]:
        """The uid of each invoice that exists at present, earliest first."""
        return [uid(self.seed, key) for key in self._keys()]

    def account(self, base_url: str) -> JsonObject:
        uids_file = {"invoice_uids_file": self.uids_file} if self.uids_file else {}
        return super().account(base_url) | {"tenant_uid": TENANT, "invoice_uids": self.uids} | uids_file

    def is_authorized(self, request: Request) -> bool:
        """Return whether the request has the key, or instead of it a token without `Bearer`."""
        return super().is_authorized(request) or request.headers.get("Authorization") == KEY

    def error_response(self, request: Request, status: int, reason: str | None = None) -> Response:
        phrase = responses.get(status, "Unknown")
        if status == TOO_MANY_REQUESTS:
            return PlainTextResponse(phrase, status)
        code = _CODES.get(status, phrase.title().replace(" ", ""))
        ref = f"ref-{Dice(request.url.path).hex(12)}"
        return JsonResponse({"code": code, "message": reason or phrase, "ref": ref}, status)

    def post_invoice(self, month: date | None = None) -> str:
        month = self.newest_month() if month is None else self.require_finished(month)
        self._extra_invoices[month] += 1
        provider_key = uid(self.seed, InvoiceKey(month, self._extra_invoices[month]))
        if self.uids_file:
            with self.uids_file.open("a") as file:
                file.write(f"{provider_key}\n")
        return provider_key

    def advance_payment(self, provider_key: str) -> str:
        key = self._find(provider_key)
        if key is None:
            raise LookupError(f"There is no invoice {provider_key!r}.")
        history = list(self._states(provider_key, key))
        word = _next_word([state.word for state in history])
        if word != PAID or PAID not in [state.word for state in history]:
            last_timestamp = max((state.timestamp for state in history), default=created_at(key))
            timestamp = max(self.now(), last_timestamp + timedelta(seconds=1))
            history.append(State(word, timestamp, "Your card was declined." if word == FAILED else ""))
        self._history_overrides[provider_key] = history
        return word

    def _keys(self) -> list[InvoiceKey]:
        keys = [
            InvoiceKey(month, number)
            for month in self.finished_months()
            for number in range(1 + self._extra_invoices[month])
        ]
        return [key for key in keys if key.number or created_at(key) <= self.now()]

    def _find(self, provider_key: str) -> InvoiceKey | None:
        return next((key for key in self._keys() if uid(self.seed, key) == provider_key), None)

    def _states(self, provider_key: str, key: InvoiceKey) -> Sequence[State]:
        """Return the payment history up to now."""
        past_states = [state for state in states(self.seed, key) if state.timestamp <= self.now()]
        return self._history_overrides.get(provider_key, past_states)

    def _payload(self, provider_key: str, key: InvoiceKey) -> JsonObject:
        return invoice(self.seed, key, self._states(provider_key, key))

    def _requested_invoice(self, request: Request) -> tuple[str, InvoiceKey]:
        """Return the uid and the key in the path. Raises HTTPException if the tenant or the invoice does not exist."""
        if request.path_params["tenant"] != TENANT:
            raise HTTPException(403, "Operation is forbidden for the tenant")
        provider_key = request.path_params["uid"]
        key = self._find(provider_key)
        if key is None:
            raise HTTPException(404, "Resource not found")
        return provider_key, key

    async def _get(self, request: Request) -> Response:
        provider_key, key = self._requested_invoice(request)
        return JsonResponse(self._payload(provider_key, key))

    async def _pdf(self, request: Request) -> Response:
        _, key = self._requested_invoice(request)
        headers = {"Content-Disposition": f'attachment; filename="invoice-{key.month:%Y-%m}.pdf"'}
        return Response(_PDF, headers=headers, media_type="application/octet-stream")


def _next_word(words: list[str]) -> str:
    """Return the word that follows a history. A payment fails once, is tried again, and then succeeds."""
    if not words:
        return PENDING
    if words[-1] in (PENDING, FAILED):
        return IN_PROGRESS
    if words[-1] == IN_PROGRESS and FAILED not in words:
        return FAILED
    return PAID
