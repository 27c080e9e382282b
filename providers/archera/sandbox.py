"""Archera's invoice API in miniature: list, detail by year and month, line items."""

from datetime import date
from http.client import responses

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.sandbox.api import Clock, Json, SandboxApi
from providers.sandbox.data import FIRST_MONTH, JsonObject, instant, next_month, seconds, utc_now

from .sandbox_data import detail, invoice, line_items

KEY = "sandbox-archera-key"
ORG = "0d9f3c52-6b1e-4f7a-9c84-2e5d7a1b3f60"
_PUBLISHED_AFTER = 4  # days: the bill of a month comes on the 5th of the next
_DECLARED = {400, 401, 403, 404, 405, 409, 500}  # these have one envelope, all others another


class Sandbox(SandboxApi):
    """One invoice a month of one organisation, each with `lines` line items."""

    id, name = "archera", "Archera"
    key_header, key = "x-api-key", KEY

    def __init__(self, seed: int = 1, now: Clock = utc_now, first: date = FIRST_MONTH, *, lines: int = 8) -> None:
        super().__init__(seed, now, first)
        self.lines = lines
        self._posted: set[date] = set()  # months published before their time

    def routes(self) -> list[Route]:
        invoices = "/beta/v1/org/{org}/invoices"
        month = invoices + "/{year:int}/{month:int}"
        return [
            Route("/v1/orgs", self._orgs),
            Route(invoices, self._list),
            Route(month, self._detail),
            Route(f"{month}/line-items", self._line_items),
        ]

    def account(self, base_url: str) -> JsonObject:
        return super().account(base_url) | {"org_id": ORG}

    def refusal(self, request: Request, status: int, reason: str | None = None) -> Response:
        phrase = responses.get(status, "Unknown")
        message = reason or phrase
        if status not in _DECLARED:
            return Json({"code": status, "status": phrase, "message": message, "errors": {}}, status)
        body = {
            "message": message,
            "detail": None,
            "code": None,
            "url": request.url.path,
            "timestamp": seconds(self.now()),
            "type": phrase.title().replace(" ", ""),
        }
        return Json(body, status)

    def post_invoice(self, month: date | None = None) -> str:
        """The next month's, before its time; or the given month's."""
        month = month or next_month(max(self._months(), default=self.first))
        self._posted.add(month)
        return f"{month:%Y-%m}"

    def advance_payment(self, native: str) -> str:
        raise LookupError(f"Archera says nothing about payment, nor about that of {native!r}.")

    def _months(self) -> list[date]:
        published = [m for m in self.finished_months() if instant(next_month(m), days=_PUBLISHED_AFTER) <= self.now()]
        return sorted({*published, *self._posted})

    def _check_org(self, request: Request) -> None:
        if request.path_params["org"] != ORG:
            raise HTTPException(403, "You have no access to this organization")

    def _asked(self, request: Request) -> date:
        self._check_org(request)
        year, month = request.path_params["year"], request.path_params["month"]
        asked = next((m for m in self._months() if (m.year, m.month) == (year, month)), None)
        if asked is None:
            raise HTTPException(404, "Invoice not found")
        return asked

    async def _orgs(self, _: Request) -> Response:
        return Json([{"org_id": ORG, "name": "Sandbox", "role": "user", "kind": "direct"}])

    async def _list(self, request: Request) -> Response:
        self._check_org(request)
        return Json([invoice(self.seed, month) for month in reversed(self._months())])

    async def _detail(self, request: Request) -> Response:
        return Json(detail(self.seed, self._asked(request), self.lines))

    async def _line_items(self, request: Request) -> Response:
        return Json(line_items(self.seed, self._asked(request), self.lines))
