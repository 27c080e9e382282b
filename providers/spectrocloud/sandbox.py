"""Palette's invoice API in miniature: get by uid, and three PDFs; there is no list."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from http.client import TOO_MANY_REQUESTS, responses
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from providers.sandbox.api import Clock, Json, SandboxApi
from providers.sandbox.data import FIRST_MONTH, Dice, JsonObject, utc_now

from .sandbox_charges import Key
from .sandbox_data import FAILED, IN_PROGRESS, PAID, PENDING, State, created_at, invoice, states, uid

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
    """One invoice a month of one tenant. Whoever wants them must know their uids: see `uids`.

    A new uid is appended to `uids_file`, if there is one.
    """

    id, name = "spectrocloud", "Palette"
    key_header, key = "ApiKey", KEY

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
        self._posted: Counter[date] = Counter()  # invoices besides the one that every month has
        self._moved: dict[str, list[State]] = {}  # payments that were moved by hand

    def routes(self) -> list[Route]:
        invoice = "/v1/tenants/{tenant}/invoices/{uid}"
        reports = [Route(f"{invoice}/report/{report}", self._pdf) for report in _REPORTS]
        return [Route(invoice, self._get), *reports]

    @property
    def uids(self) -> list[str]:
        """Of every invoice there is by now, earliest first."""
        return [uid(self.seed, key) for key in self._keys()]

    def account(self, base_url: str) -> JsonObject:
        more = {"invoice_uids_file": self.uids_file} if self.uids_file else {}
        return super().account(base_url) | {"tenant_uid": TENANT, "invoice_uids": self.uids} | more

    def admits(self, request: Request) -> bool:
        """The key; or in its stead a token, without `Bearer`."""
        return super().admits(request) or request.headers.get("Authorization") == KEY

    def refusal(self, request: Request, status: int, reason: str | None = None) -> Response:
        phrase = responses.get(status, "Unknown")
        if status == TOO_MANY_REQUESTS:
            return PlainTextResponse(phrase, status)
        code = _CODES.get(status, phrase.title().replace(" ", ""))
        ref = f"ref-{Dice(request.url.path).hex(12)}"
        return Json({"code": code, "message": reason or phrase, "ref": ref}, status)

    def post_invoice(self, month: date | None = None) -> str:
        month = self.newest_month() if month is None else self.finished(month)
        self._posted[month] += 1
        native = uid(self.seed, Key(month, self._posted[month]))
        if self.uids_file:
            with self.uids_file.open("a") as file:
                file.write(f"{native}\n")
        return native

    def advance_payment(self, native: str) -> str:
        key = self._find(native)
        if key is None:
            raise LookupError(f"There is no invoice {native!r}.")
        history = list(self._states(native, key))
        word = _next_word([state.word for state in history])
        if word != PAID or PAID not in [state.word for state in history]:
            latest = max((state.at for state in history), default=created_at(key))
            at = max(self.now(), latest + timedelta(seconds=1))
            history.append(State(word, at, "Your card was declined." if word == FAILED else ""))
        self._moved[native] = history
        return word

    def _keys(self) -> list[Key]:
        keys = [Key(month, n) for month in self.finished_months() for n in range(1 + self._posted[month])]
        return [key for key in keys if key.number or created_at(key) <= self.now()]

    def _find(self, native: str) -> Key | None:
        return next((key for key in self._keys() if uid(self.seed, key) == native), None)

    def _states(self, native: str, key: Key) -> Sequence[State]:
        """What has happened by now."""
        due = [state for state in states(self.seed, key) if state.at <= self.now()]
        return self._moved.get(native, due)

    def _asked(self, request: Request) -> tuple[str, Key]:
        if request.path_params["tenant"] != TENANT:
            raise HTTPException(403, "Operation is forbidden for the tenant")
        native = request.path_params["uid"]
        key = self._find(native)
        if key is None:
            raise HTTPException(404, "Resource not found")
        return native, key

    async def _get(self, request: Request) -> Response:
        native, key = self._asked(request)
        return Json(invoice(self.seed, key, self._states(native, key)))

    async def _pdf(self, request: Request) -> Response:
        _, key = self._asked(request)
        headers = {"Content-Disposition": f'attachment; filename="invoice-{key.month:%Y-%m}.pdf"'}
        return Response(_PDF, headers=headers, media_type="application/octet-stream")


def _next_word(words: list[str]) -> str:
    """A payment fails once, is tried again, and then succeeds."""
    if not words:
        return PENDING
    if words[-1] in (PENDING, FAILED):
        return IN_PROGRESS
    if words[-1] == IN_PROGRESS and FAILED not in words:
        return FAILED
    return PAID
