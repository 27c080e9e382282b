"""The providers' APIs in miniature on one port: /<provider id> for each of them, /control to give orders."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from .api import Json, SandboxApi
from .data import JsonObject, month_of
from .faults import Control, Fault, LoggedRequest
from .server import serve

__all__ = ["Control", "Fault", "LoggedRequest", "Sandbox", "SandboxApi", "serve"]


class Sandbox:
    """Every API under its id; `apis` gives the same objects to whoever shares the process."""

    def __init__(self, apis: Iterable[SandboxApi]) -> None:
        self.apis = {api.id: api for api in apis}
        mounts = [Mount(f"/{api.id}", app=api) for api in self.apis.values()]
        orders = [order.route(api) for order in _ORDERS for api in self.apis.values()]
        self._app = Starlette(routes=[*mounts, Route("/control", self._explain), *orders])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def accounts(self, base_url: str) -> list[JsonObject]:
        """The demo accounts as a configuration names them, if this app is found at `base_url`."""
        return [api.account(f"{base_url}/{api.id}") for api in self.apis.values()]

    async def _explain(self, request: Request) -> Response:
        accounts = self.accounts(str(request.base_url).rstrip("/"))
        for account, api in zip(accounts, self.apis.values(), strict=True):
            account["api_key"] = {"header": api.key_header, "value": api.key}
        orders = {f"{order.method} /control/{{provider}}/{order.path}": order.text for order in _ORDERS}
        return Json({"accounts": accounts, "orders": orders})


class _Order(NamedTuple):
    """What can be asked of /control/{provider}, and how it is obeyed."""

    method: str
    path: str
    obey: Callable[[SandboxApi, bytes], object]
    text: str

    def route(self, api: SandboxApi) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return Json(self.obey(api, await request.body() or b"{}"))
            except (LookupError, msgspec.MsgspecError) as mistake:
                return Json({"error": str(mistake)}, status_code=400)

        return Route(f"/control/{api.id}/{self.path}", endpoint, methods=[self.method])


class _Post(msgspec.Struct, forbid_unknown_fields=True):
    month: date | None = None


class _Advance(msgspec.Struct, forbid_unknown_fields=True):
    invoice: str


def _faults(api: SandboxApi, _: bytes) -> object:
    return {"faults": api.control.faults}


def _order_fault(api: SandboxApi, body: bytes) -> object:
    api.control.faults.append(msgspec.json.decode(body, type=Fault))
    return _faults(api, body)


def _clear_faults(api: SandboxApi, body: bytes) -> object:
    api.control.faults.clear()
    return _faults(api, body)


def _requests(api: SandboxApi, _: bytes) -> object:
    control = api.control
    counted = [{"method": method, "path": path, "count": n} for (method, path), n in control.counts.items()]
    return {"total": len(control.requests), "mostInFlight": control.most_in_flight, "requests": counted}


def _clear_requests(api: SandboxApi, body: bytes) -> object:
    api.control.reset_requests()
    return _requests(api, body)


def _post_invoice(api: SandboxApi, body: bytes) -> object:
    month = msgspec.json.decode(body, type=_Post).month
    return {"invoice": api.post_invoice(month_of(month) if month else None)}


def _advance_payment(api: SandboxApi, body: bytes) -> object:
    invoice = msgspec.json.decode(body, type=_Advance).invoice
    return {"invoice": invoice, "payment": api.advance_payment(invoice)}


_ORDERS = (
    _Order("GET", "faults", _faults, "The faults still to come; the first that matches befalls a request."),
    _Order(
        "POST",
        "faults",
        _order_fault,
        'Orders a fault: {"kind": "status", "status": 503, "headers": {"Retry-After": "2"}, "path": "invoices", '
        '"times": 1}. Kinds: status; delay (with "seconds"); hang; reset; half, of the body; garbage (with "body", '
        'if you like). "path" is a regular expression for the path with its query. Without "times" it stays.',
    ),
    _Order("DELETE", "faults", _clear_faults, "No more faults."),
    _Order("GET", "requests", _requests, "What was asked, how often, and how many at most at one time."),
    _Order("DELETE", "requests", _clear_requests, "Counts from nothing again."),
    _Order("POST", "invoices", _post_invoice, 'Posts one more invoice: {} or {"month": "2026-09-01"}. Answers its id.'),
    _Order("POST", "payments", _advance_payment, 'Moves a payment on: {"invoice": "<id>"}. Answers the new word.'),
)
