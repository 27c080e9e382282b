"""Count the product functions that one request passes through: `python -m benchmarks.functions`."""

import asyncio
import sys
from collections import Counter
from types import CodeType, FrameType
from typing import Any

import httpx

from server.accounts import serve_sandbox_accounts
from server.config.cache import CacheSettings
from server.config.settings import Settings
from server.http.app import create_app

from .process import ROOT

PACKAGES = tuple(f"{ROOT / name}/" for name in ("execution", "schema", "providers", "resolvers", "server"))
QUERY = "{ invoices(first: 5) { nodes { id number total { amount currency } } coverage { status code } } }"
REQUESTS = 4  # the first is cold; code for the operation is generated at the second; the last is warm


class CallCounter:
    """Counts calls of product functions, except those of the simulated providers, while it is active."""

    def __init__(self) -> None:
        self.calls: Counter[CodeType] = Counter()

    def __enter__(self) -> "CallCounter":
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _count(self, frame: FrameType, event: str, _: Any) -> None:
        file_name = frame.f_code.co_filename
        if event == "call" and file_name.startswith(PACKAGES) and "sandbox" not in file_name:
            self.calls[frame.f_code] += 1


async def count_calls() -> list[CallCounter]:
    """Send one request several times to a new service without a response cache, and count each time."""
    app = create_app(serve_sandbox_accounts, Settings(cache=CacheSettings(answers=0)))
    transport, counters = httpx.ASGITransport(app), []
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        for _ in range(REQUESTS):
            with CallCounter() as counter:
                response = await client.post("/graphql", json={"query": QUERY})
            assert "errors" not in response.json(), response.text
            counters.append(counter)
    return counters


def main() -> None:
    """Print the figures of a cold request, and of one that finds its data in the cache."""
    cold, *_, warm = asyncio.run(count_calls())
    for name, counter in (("cold", cold), ("warm", warm)):
        print(f"{name}: {len(counter.calls)} distinct functions, {counter.calls.total()} calls")


if __name__ == "__main__":
    main()
