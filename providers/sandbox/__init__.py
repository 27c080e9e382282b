"""The fake APIs of all providers on one port: /<provider id> for each, and /control to control them."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from .api import JsonResponse, SandboxApi
from .data import JsonObject, first_of_month
from .faults import Control, Fault, LoggedRequest
from .server import serve

__all__ = ["Control", "Fault", "LoggedRequest", "Sandbox", "SandboxApi", "serve"]


class Sandbox:
    """ASGI app with every API under its id. Code in the same process can use the API objects through `apis`."""

    def __init__(self, apis: Iterable[SandboxApi]) -> None:
        self.apis = {api.id: api for api in apis}
        mounts = [Mount(f"/{api.id}", app=api) for api in self.apis.values()]
        controls = [endpoint.route(api) for endpoint in _CONTROL_ENDPOINTS for api in self.apis.values()]
        self._app = Starlette(routes=[*mounts, Route("/control", self._describe), *controls])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def accounts(self, base_url: str) -> list[JsonObject]:
        """Return the demo accounts as configuration entries. `base_url` is the URL of this app."""
        return [api.account(f"{base_url}/{api.id}") for api in self.apis.values()]

    async def _describe(self, request: Request) -> Response:
        accounts = self.accounts(str(request.base_url).rstrip("/"))
        for account, api in zip(accounts, self.apis.values(), strict=True):
            account["api_key"] = {"header": api.key_header, "value": api.key}
        orders = {
            f"{endpoint.method} /control/{{provider}}/{endpoint.path}": endpoint.description
            for endpoint in _CONTROL_ENDPOINTS
        }
        return JsonResponse({"accounts": accounts, "orders": orders})


class _ControlEndpoint(NamedTuple):
    """One method and path below /control/{provider}. `handle` gets the API and the request body."""

    method: str
    path: str
    handle: Callable[[SandboxApi, bytes], object]
    description: str

    def route(self, api: SandboxApi) -> Route:
        async def respond(request: Request) -> Response:
            try:
                return JsonResponse(self.handle(api, await request.body() or b"{}"))
            except (LookupError, msgspec.MsgspecError) as error:
                return JsonResponse({"error": str(error)}, status_code=400)

        return Route(f"/control/{api.id}/{self.path}", respond, methods=[self.method])


class _PostInvoice(msgspec.Struct, forbid_unknown_fields=True):
    month: date | None = None


class _AdvancePayment(msgspec.Struct, forbid_unknown_fields=True):
    invoice: str


def _list_faults(api: SandboxApi, _body: bytes) -> object:
    return {"faults": api.control.faults}


def _add_fault(api: SandboxApi, body: bytes) -> object:
    fault = msgspec.json.decode(body, type=Fault)
    if fault.kind == "shape" and fault.shape not in api.shapes:
        raise LookupError(f"There is no shape {fault.shape!r}. Shapes: {', '.join(sorted(api.shapes)) or 'none'}.")
    api.control.faults.append(fault)
    return _list_faults(api, body)


def _clear_faults(api: SandboxApi, body: bytes) -> object:
    api.control.faults.clear()
    return _list_faults(api, body)


def _count_requests(api: SandboxApi, _body: bytes) -> object:
    control = api.control
    counts = [{"method": method, "path": path, "count": n} for (method, path), n in control.counts.items()]
    return {"total": len(control.requests), "mostInFlight": control.max_in_flight, "requests": counts}


def _reset_requests(api: SandboxApi, body: bytes) -> object:
    api.control.reset_requests()
    return _count_requests(api, body)


def _post_invoice(api: SandboxApi, body: bytes) -> object:
    month = msgspec.json.decode(body, type=_PostInvoice).month
    return {"invoice": api.post_invoice(first_of_month(month) if month else None)}


def _advance_payment(api: SandboxApi, body: bytes) -> object:
    invoice = msgspec.json.decode(body, type=_AdvancePayment).invoice
    return {"invoice": invoice, "payment": api.advance_payment(invoice)}


_CONTROL_ENDPOINTS = (
    _ControlEndpoint(
        "GET", "faults", _list_faults, "Lists the active faults. A request gets the first fault that matches it."
    ),
    _ControlEndpoint(
        "POST",
        "faults",
        _add_fault,
        'Adds a fault, for example {"kind": "status", "status": 503, "headers": {"Retry-After": "2"}, '
        '"path": "invoices", "times": 1}. Kinds: status (a response with that status); delay (the normal response '
        'after "seconds"); hang (no response); reset (the connection is reset); half (half of the body, then the '
        'connection closes); garbage (a response that is not JSON, or "body" if you set it); '
        'shape (the normal body in the form "shape", such as "tax_line" of Fastly). '
        '"path" is a regular '
        'expression, searched in the path with its query. "times" is the number of requests that get the fault; '
        "without it, all matching requests do.",
    ),
    _ControlEndpoint("DELETE", "faults", _clear_faults, "Removes all faults."),
    _ControlEndpoint(
        "GET",
        "requests",
        _count_requests,
        "Counts the requests by method and path. mostInFlight is the highest number of simultaneous requests.",
    ),
    _ControlEndpoint("DELETE", "requests", _reset_requests, "Resets the counts of requests."),
    _ControlEndpoint(
        "POST",
        "invoices",
        _post_invoice,
        'Posts one more invoice. Send {} or the month: {"month": "2026-09-01"}. Returns the ID of the invoice.',
    ),
    _ControlEndpoint(
        "POST",
        "payments",
        _advance_payment,
        'Advances the payment of an invoice by one step. Send {"invoice": "<id>"}. Returns the new payment state.',
    ),
)
