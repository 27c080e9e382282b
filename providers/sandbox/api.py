"""What every sandbox is: a provider's API that counts its requests and has the faults ordered of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
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
from .faults import Control, LoggedRequest, faulty

Clock = Callable[[], datetime]


class Json(Response):
    """A JSON answer whose Decimals keep their digits."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return encode(content)


class SandboxApi(ABC):
    """One provider's API as an ASGI app, with its control."""

    id: ClassVar[str]
    name: ClassVar[str]
    key_header: ClassVar[str]
    key: ClassVar[str]  # opens nothing but the sandbox

    def __init__(self, seed: int = 1, now: Clock = utc_now, first: date = FIRST_MONTH) -> None:
        self.seed, self.now, self.first = seed, now, first
        self.control = Control()
        handlers: Any = {HTTPException: self._refuse}
        self._app = Starlette(routes=self.routes(), exception_handlers=handlers)

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]: ...

    @abstractmethod
    def refusal(self, request: Request, status: int, reason: str | None = None) -> Response:
        """The provider's own envelope for that status."""

    @abstractmethod
    def post_invoice(self, month: date | None = None) -> str:
        """One more invoice, of the newest month or the given one; returns its native id. LookupError: no such month."""

    @abstractmethod
    def advance_payment(self, native: str) -> str:
        """Payment one step on; returns the new word. LookupError: no such invoice, or no such thing here."""

    def admits(self, request: Request) -> bool:
        """Whether the request shows the demo account's key."""
        return request.headers.get(self.key_header) == self.key

    def account(self, base_url: str) -> JsonObject:
        """How a configuration names the demo account, if this app is found at `base_url`."""
        return {
            "id": f"sandbox-{self.name.lower()}",
            "provider": self.id,
            "name": f"{self.name} (sandbox)",
            "base_url": base_url,
            "api_key": SecretStr(self.key),
        }

    def finished_months(self) -> list[date]:
        """From the first to the last that is over, by the sandbox's clock."""
        return months_between(self.first, self.now().date())

    def newest_month(self) -> date:
        return self.finished_months()[-1]

    def finished(self, month: date) -> date:
        """The month itself, if there can be invoices of it."""
        if month not in self.finished_months():
            raise LookupError(f"There are no invoices of {month:%Y-%m}.")
        return month

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        asked = LoggedRequest(request.method, _own_path(scope))
        with self.control.counting(asked):
            fault = self.control.fault_for(asked.path)
            if fault is None:
                app: ASGIApp = self._answer
            else:
                app = faulty(fault, self._answer, partial(self.refusal, request))
            await app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        app = self._app if self.admits(request) else self.refusal(request, 401)
        await app(scope, receive, send)

    async def _refuse(self, request: Request, why: HTTPException) -> Response:
        return self.refusal(request, why.status_code, why.detail)


def _own_path(scope: Scope) -> str:
    """The path below the mount and its query, in the bytes that were sent."""
    path = scope["raw_path"].decode().removeprefix(scope.get("root_path", ""))
    query = scope["query_string"].decode()
    return f"{path}?{query}" if query else path
