"""Measure memory over many mixed requests: `python -m benchmarks.memory`.

The requests are queries of several kinds, invalid ones, ones that time out or are cancelled, and ones whose provider
fails, so that their data is stale or missing. The garbage collector runs every 1,000 requests only, and says which
objects of the product only it could free. Validation by graphql-core leaves some of its own.
"""

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import MutableMapping
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp

from providers.sandbox import Fault
from server.accounts import demo_sandbox, serve_sandbox_accounts
from server.http.app import create_app
from server.process import logs

REQUESTS = (10_000, 100_000)  # memory is measured after each of these numbers
PACKAGES = ("execution", "schema", "providers", "resolvers", "server")
DOCUMENTS = (
    "{ __typename }",
    "{ invoices(first: 3) { nodes { id total { amount } } coverage { status } } }",
    '{ invoice(id: "fastly/sandbox-fastly/invoice/none") { id } }',
    "{ accounts { id health { status } } }",
    "{ invoices(first: 2) { nodes { lineItems(first: 2) { nodes { id invoice { id } } } credits { id } } } }",
    '{ invoices(filterBy: { accounts: ["no"] }) { nodes { id } } }',
    "{ monthToDate { nodes { id } coverage { status } } }",
    "{ nonsense }",
    "{ syntax",
    '{ invoices(after: "nonsense") { nodes { id } } }',
)
CANCEL_EVERY, FAULT_EVERY, COLLECT_EVERY = 97, 501, 1_000  # requests


async def send_requests(
    app: ASGIApp, total: int, started: "count[int]", inject_fault: Any, cycles: Counter[str]
) -> None:
    """Send requests until `total` have started. Add the objects in reference cycles to `cycles` from time to time."""
    while (number := next(started)) < total:
        if number % COLLECT_EVERY == 0:
            cycles.update(objects_in_cycles())
        if number % FAULT_EVERY == 0:
            inject_fault()
        document = DOCUMENTS[number % len(DOCUMENTS)].replace("first: 3", f"first: {1 + number % 50}")
        request = asyncio.create_task(post(app, document, no_cache=number % 7 == 0))
        if number % CANCEL_EVERY == 0:
            await asyncio.sleep(0.002)
            request.cancel()
        await asyncio.wait([request])


async def post(app: ASGIApp, document: str, *, no_cache: bool) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": orjson.dumps({"query": document}), "more_body": False}
    ]
    never = asyncio.get_running_loop().create_future()

    async def receive() -> Any:
        return messages.pop() if messages else await never

    async def send(_: MutableMapping[str, Any]) -> None:
        pass

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    headers += [(b"cache-control", b"no-cache")] if no_cache else []
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {},
        },
        receive,
        send,
    )


def resident_bytes() -> int:
    """Return the resident set size of this process. Linux only."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def objects_in_cycles() -> Counter[str]:
    """Return how many objects of the product only the garbage collector could free, by type."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    types = (type(garbage) for garbage in gc.garbage)
    counts = Counter(f"{each.__module__}.{each.__qualname__}" for each in types if each.__module__.startswith(PACKAGES))
    gc.set_debug(0)
    gc.garbage.clear()
    gc.collect()
    return counts


async def main() -> None:
    """Print the resident memory after each number of requests, and the objects left in reference cycles."""
    sandbox, kinds = demo_sandbox(), [Fault(kind="status", times=3), Fault(kind="garbage", body="[", times=3)]
    faults = count()

    def inject_fault() -> None:
        number = next(faults)
        api = list(sandbox.apis.values())[number % len(sandbox.apis)]
        api.control.faults.append(kinds[number % len(kinds)])

    freshness = {"settled": 20, "invoice": 5, "list": 2, "month_to_date": 1, "absent": 1}
    unlimited = {"per_second": 1e6, "burst": 10**6}
    app = create_app(lambda: serve_sandbox_accounts(sandbox, attempts=1, freshness=freshness, rate_limit=unlimited))
    async with app.router.lifespan_context(app):
        gc.collect()
        gc.freeze()
        gc.disable()
        started, cycles = count(), Counter[str]()
        for total in REQUESTS:
            await asyncio.gather(*(send_requests(app, total, started, inject_fault, cycles) for _ in range(8)))
            sys.stdout.write(f"{total} requests: {resident_bytes() / 2**20:.1f} MiB, ")
            cycles.update(objects_in_cycles())
            sys.stdout.write(f"in reference cycles: {dict(cycles) or 'nothing'}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    logs.configure()
    asyncio.run(main())
