"""The first workload, hand-written: the same calls and the same response, with nothing in between.

With KEEP it returns its first response for every request. This measures the HTTP server alone with a body of that size.
"""

import asyncio
import os
import socket
from functools import cache
from typing import Any

import msgspec
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.transport.carrier import CarrierRequest
from providers.transport.carriers import open_carrier
from server.process.memory import relax_gc

_UPSTREAM = os.environ.get("UPSTREAM", "")
_KEEP = "KEEP" in os.environ
_decode = msgspec.json.Decoder(float_hook=str).decode


class Floor:
    """The ASGI application."""

    def __init__(self) -> None:
        self._carrier = open_carrier()
        self._constant_body: bytes | None = None

    async def __call__(self, request: Request) -> Response:
        await request.body()
        body = self._constant_body
        if body is None:
            body = await self._build_body()
            if _KEEP:
                self._constant_body = body
        return Response(body, media_type="application/json")

    async def _build_body(self) -> bytes:
        invoices = _decode(await self._get(_UPSTREAM))
        nodes = await asyncio.gather(*map(self._build_node, invoices))
        return orjson.dumps({"data": {"invoices": {"nodes": nodes}}})

    async def _build_node(self, invoice: Any) -> Any:
        lines = _decode(await self._get(f"{_UPSTREAM}/{invoice['year']}/{invoice['month']}/line-items"))
        details = {
            "reference": invoice["id"],
            "invoiceDate": invoice["invoice_date"],
            "totalCloudBill": _money(invoice["total_cloud_bill"]),
        }
        return {"status": "ISSUED", "details": details, "lineItems": {"nodes": list(map(_line, lines))}}

    async def _get(self, url: str) -> bytes:
        """Fetch a body over the service's own carrier, called in the way that the service calls it."""
        response = await self._carrier.get(_request(url))
        return response.body


@cache
def _request(url: str) -> CarrierRequest:
    return CarrierRequest(url, {"x-api-key": "bench"})


def _line(row: Any) -> Any:
    premium = row["commitment_financials"]["commitment_cost"]["breakdown"]["archera_premium"]
    return {"cost": _money(premium), "details": {"reference": row["id"], "commitment": row["commitment_id"]}}


def _money(number: object) -> dict[str, str]:
    return {"amount": str(number), "currency": "USD"}


def main() -> None:
    """Serve on the port of the variable PORT, with the server settings of the service."""
    application = Starlette(routes=[Route("/graphql", Floor().__call__, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    relax_gc()
    options = uvicorn.Config(application, log_config=None, access_log=False, server_header=False)
    uvicorn.Server(options).run(sockets=[listener])


if __name__ == "__main__":
    main()
