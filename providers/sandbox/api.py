"""Base class of a provider's fake API. It counts requests and injects faults."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from .data import FIRST_MONTH, JsonObject, encode, months_between, utc_now
from .faults import Control, LoggedRequest, Shape, with_fault

Clock = Callable[[], datetime]


class JsonResponse(Response):
    """A JSON response whose Decimals keep their digits."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return encode(content)


class SandboxApi(ABC):
    """One provider's API as an ASGI app, with its control."""

    id: ClassVar[str]
    name: ClassVar[str]
    key_header: ClassVar[str]
    key: ClassVar[str]  # not a secret: valid in the sandbox only
    shapes: ClassVar[Mapping[str, Shape]] = {}  # other forms of bodies, which a fault of the kind `shape` orders

    def __init__(self, seed: int = 1, now: Clock = utc_now, first: date = FIRST_MONTH) -> None:
        self.seed, self.now, self.first = seed, now, first
        self.control = Control()
        handlers: Any = {HTTPException: self._handle_http_exception}
        self._app = Starlette(routes=self.routes(), exception_handlers=handlers)

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]: ...

    def error_response(self, _request: Request, status: int, reason: str | None = None) -> Response:
        """Return the response for a status. Override it to write the error body as the provider does."""
        return JsonResponse({"error": reason or status}, status)

    @abstractmethod
    def post_invoice(self, month: date | None = None) -> str:
        """Post one more invoice, of the given month or else of the newest. Returns the provider's key of the invoice.

        Raises LookupError if there are no invoices of that month.
        """

    def advance_payment(self, provider_key: str) -> str:
        """Advance the payment of an invoice by one step. Returns the provider's word for the new state.

        Override it if the provider states payments. Raises LookupError if there is no such invoice or no payment.
        """
        raise LookupError(f"{self.name} states no payment, so the payment of {provider_key!r} cannot advance.")

    def is_authorized(self, request: Request) -> bool:
        """Return whether the request has the key of the demo account."""
        return request.headers.get(self.key_header) == self.key

    def account(self, base_url: str) -> JsonObject:
        """Return the demo account as a configuration entry. `base_url` is the URL of this app."""
        return {
            "id": f"sandbox-{self.name.lower()}",
            "provider": self.id,
            "name": f"{self.name} (sandbox)",
            "base_url": base_url,
            "api_key": SecretStr(self.key),
        }

    def finished_months(self) -> list[date]:
        """Return the months from the first to the last that is over by the sandbox's clock."""
        return months_between(self.first, self.now().date())

    def newest_month(self) -> date:
        return self.finished_months()[-1]

    def require_finished(self, month: date) -> date:
        """Return the month. Raises LookupError if it is not one of the finished months."""
        if month not in self.finished_months():
            raise LookupError(f"There are no invoices of {month:%Y-%m}.")
        return month

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        log_entry = LoggedRequest(request.method, _path_below_mount(scope))
        with self.control.track(log_entry):
            fault = self.control.take_fault(log_entry.path)
            if fault is None:
                app: ASGIApp = self._respond
            else:
                app = with_fault(fault, self._respond, partial(self.error_response, request), self.shapes)
            await app(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        app = self._app if self.is_authorized(request) else self.error_response(request, 401)
        await app(scope, receive, send)

    async def _handle_http_exception(self, request: Request, error: HTTPException) -> Response:
        return self.error_response(request, error.status_code, error.detail)


def _path_below_mount(scope: Scope) -> str:
    """Return the path below the mount, with its query, exactly as the client sent it."""
    path = scope["raw_path"].decode().removeprefix(scope.get("root_path", ""))
    query = scope["query_string"].decode()
    return f"{path}?{query}" if query else path
