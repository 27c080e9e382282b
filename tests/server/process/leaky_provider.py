"""A provider that echoes the key of each call in whatever it sends, and a proxy that does the same."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from providers.sandbox import serve
from providers.sandbox.faults import TRANSPORT

STATUSES = (302, 400, 401, 403, 404, 422, 429, 500, 503)
MODES = ("list", "rows", "page", "cut", *map(str, STATUSES))


class LeakyProvider:
    """An API of Fastly. `mode` says how it responds, and `keys` are the keys that it has received."""

    def __init__(self) -> None:
        self.mode, self.keys, self.url = "list", set[str](), ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LeakyProvider"]:
        async with serve(self) as self.url:
            yield self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = Headers(scope=scope)["fastly-key"]
        self.keys.add(key)
        if self.mode == "cut":
            scope["extensions"][TRANSPORT]["transport"].abort()
            await receive()
        echo = key.encode("unicode_escape").decode("ascii")
        headers = {"retry-after": echo, "location": f"/{echo}", "x-request-id": echo, "set-cookie": echo}
        if self.mode in {"list", "rows"}:
            response = Response(_list(key, is_readable=self.mode == "list"), 200, headers, "application/json")
        elif self.mode == "page":
            response = Response(f"<p>Your key is {key}</p>", 200, headers, "text/html")
        else:
            response = Response(json.dumps({"errors": [{"title": key}]}), int(self.mode), headers)
        await response(scope, receive, send)


def _list(key: str, *, is_readable: bool) -> str:
    """Return a list with the key in every text, one of them as a name. Unless it `is_readable`, a row has no period."""
    row = {"invoice_id": key, "customer_id": key, "statement_number": key, "currency_code": key, key: key}
    row |= {"billing_start_date": "2026-01-01", "billing_end_date": "2026-01-31", "monthly_transaction_amount": key}
    rows = [row] if is_readable else [row, {"invoice_id": "B", "billing_start_date": key}]
    return json.dumps({"data": rows, "meta": {"next_cursor": None}})


@asynccontextmanager
async def leaky_proxy() -> AsyncIterator[tuple[int, list[str]]]:
    """Run a proxy that refuses every request with its credentials. Yields its port, and the credentials."""
    credentials: list[str] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        credentials.extend(line for line in head.splitlines() if line.lower().startswith("proxy-authorization:"))
        echo = credentials[-1].partition(": ")[2] if credentials else ""
        body = f"Refused: {echo}"
        writer.write(f"HTTP/1.1 407 {echo}\r\nX: {echo}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        writer.close()

    async with await asyncio.start_server(respond, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], credentials
