"""All providers of the soak in one process: the sandboxes, and hostile ones. `python -m benchmarks.soak.upstream`.

The first line that it prints is JSON: the accounts, with their keys.
"""

import asyncio
import gzip
import signal
import sys
from collections.abc import Awaitable, Callable
from itertools import count

import orjson
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from providers.sandbox import serve
from providers.sandbox.faults import TRANSPORT
from server.accounts import demo_sandbox

_ROW = {"invoice_id": "A", "billing_start_date": "2026-01-01", "billing_end_date": "2026-01-31"}
_LONG = orjson.dumps({"data": [{"invoice_id": n, "odd": ["x" * 70] * 100} for n in range(1_900)], "meta": {}})


def _json(body: bytes, **headers: str) -> Response:
    return Response(body, 200, headers, "application/json")


def _of_rows(row: dict[str, object], number: int) -> bytes:
    return orjson.dumps({"data": [row] * number, "meta": {"total": number}})


RESPONSES: dict[str, Response] = {
    "bomb": _json(gzip.compress(_of_rows({}, 300_000)), **{"content-encoding": "gzip"}),
    "wrong": _json(_of_rows({"invoice_id": [1], "billing_start_date": 3, "transaction_line_items": "x"}, 1_999)),
    "many": _json(_of_rows({**_ROW}, 100_000)),
    "long": _json(_LONG),
    "deep": _json(b'{"data": ' + b"[" * 100_000),
    "page": Response("<h1>Please sign in.</h1>", media_type="text/html"),
}


async def _hang(_: Scope, receive: Receive, __: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cut(scope: Scope, receive: Receive, send: Send) -> None:
    """Send half of a body, then close the connection."""
    body = _of_rows({**_ROW}, 500)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    scope["extensions"][TRANSPORT]["transport"].close()
    await _hang(scope, receive, send)


async def _drip(_: Scope, __: Receive, send: Send) -> None:
    """Send a body that takes a minute, a byte at a time."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _number in range(600):
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(0.1)
    await send({"type": "http.response.body", "body": b""})


def _storm() -> ASGIApp:
    """Return an app that responds 429 and 503 by turns."""
    turns = count()

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        status, headers = (429, {"retry-after": "3600"}) if next(turns) % 2 else (503, {"retry-after": "0"})
        await Response(b"{}", status, headers)(scope, receive, send)

    return respond


HOSTILE: dict[str, ASGIApp | Callable[[Scope, Receive, Send], Awaitable[None]]] = {
    **RESPONSES,
    "hang": _hang,
    "cut": _cut,
    "drip": _drip,
    "storm": _storm(),
}


async def main() -> None:
    """Serve until SIGTERM."""
    sandbox, stop_requested = demo_sandbox(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop_requested.set)
    routes = [Mount(f"/hostile-{kind}", app=app) for kind, app in HOSTILE.items()]
    app = Starlette(routes=[Route("/", _json(b"{}")), *routes, Mount("/", app=sandbox)])
    async with serve(app) as url:
        normal = [
            account | {"api_key": sandbox.apis[str(account["provider"])].key} for account in sandbox.accounts(url)
        ]
        hostile = [
            {"id": f"hostile-{kind}", "provider": "fastly", "base_url": f"{url}/hostile-{kind}", "api_key": "hostile"}
            for kind in HOSTILE
        ]
        sys.stdout.write(orjson.dumps(normal + hostile).decode() + "\n")
        sys.stdout.flush()
        await stop_requested.wait()


if __name__ == "__main__":
    asyncio.run(main())
