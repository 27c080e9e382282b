"""Fake of Archera's invoice API: list, detail by year and month, line items."""

from datetime import date
from http.client import responses

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.sandbox.api import Clock, JsonResponse, SandboxApi
from providers.sandbox.data import FIRST_MONTH, JsonObject, format_seconds, instant, next_month, utc_now

from .sandbox_data import detail, invoice, line_items
from .sandbox_shapes import SHAPES

KEY = "sandbox-archera-key"
ORG = "0d9f3c52-6b1e-4f7a-9c84-2e5d7a1b3f60"
_PUBLICATION_DELAY_DAYS = 4  # an invoice appears on the 5th of the following month
_DECLARED_STATUSES = {400, 401, 403, 404, 405, 409, 500}  # these share one error body; all others have another


class Sandbox(SandboxApi):
    """One organization with one invoice per month, each with `lines` line items."""

    id, name = "archera", "Archera"
    key_header, key = "x-api-key", KEY
    shapes = SHAPES

    def __init__(self, seed: int = 1, now: Clock = utc_now, first: date = FIRST_MONTH, *, lines: int = 8) -> None:
        super().__init__(seed, now, first)
        self.lines = lines
        self._posted: set[date] = set()  # months published ahead of time

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

    def error_response(self, request: Request, status: int, reason: str | None = None) -> Response:
        phrase = responses.get(status, "Unknown")
        message = reason or phrase
        if status not in _DECLARED_STATUSES:
            return JsonResponse({"code": status, "status": phrase, "message": message, "errors": {}}, status)
        body = {
            "message": message,
            "detail": None,
            "code": None,
            "url": request.url.path,
            "timestamp": format_seconds(self.now()),
            "type": phrase.title().replace(" ", ""),
        }
        return JsonResponse(body, status)

    def post_invoice(self, month: date | None = None) -> str:
        """Publish the invoice of a month, or else of the next month ahead of time. Returns its key."""
        month = month or next_month(max(self._months(), default=self.first))
        self._posted.add(month)
        return f"{month:%Y-%m}"

    def _months(self) -> list[date]:
        published = [
            month
            for month in self.finished_months()
            if instant(next_month(month), days=_PUBLICATION_DELAY_DAYS) <= self.now()
        ]
        return sorted({*published, *self._posted})

    def _check_org(self, request: Request) -> None:
        if request.path_params["org"] != ORG:
            raise HTTPException(403, "You have no access to this organization")

    def _requested_month(self, request: Request) -> date:
        """Return the month in the path. Raises HTTPException if the organization or the invoice does not exist."""
        self._check_org(request)
        year, month = request.path_params["year"], request.path_params["month"]
        invoice_month = next((day for day in self._months() if (day.year, day.month) == (year, month)), None)
        if invoice_month is None:
            raise HTTPException(404, "Invoice not found")
        return invoice_month

    def _detail_payload(self, month: date) -> JsonObject:
        return detail(self.seed, month, self.lines)

    def _lines_payload(self, month: date) -> list[JsonObject]:
        return line_items(self.seed, month, self.lines)

    async def _orgs(self, _: Request) -> Response:
        return JsonResponse([{"org_id": ORG, "name": "Sandbox", "role": "user", "kind": "direct"}])

    async def _list(self, request: Request) -> Response:
        self._check_org(request)
        return JsonResponse([invoice(self.seed, month) for month in reversed(self._months())])

    async def _detail(self, request: Request) -> Response:
        return JsonResponse(self._detail_payload(self._requested_month(request)))

    async def _line_items(self, request: Request) -> Response:
        return JsonResponse(self._lines_payload(self._requested_month(request)))
