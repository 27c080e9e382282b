"""The service answers its probe in time while the most expensive operations run."""

import asyncio
from time import perf_counter

import httpx
import pytest

from tests.server.command import start_command

pytestmark = pytest.mark.exclusive  # measures real time: no other test may run beside it


def aliases(count: int, field: str) -> str:
    return "{ " + " ".join(f"a{number}: {field}" for number in range(count)) + " }"


NODES = "invoices(first: 200) { nodes %s }"
OPERATIONS = {
    "aliases": aliases(60, NODES % "{ id account { name } total { amount } }"),
    "introspection": "{ __schema " + aliases(40, "types { name fields { name } }") + " }",
    "lines": "{ " + NODES % aliases(2, "lineItems(first: 100) { nodes { id } }") + " }",
    "raw": aliases(90, NODES % "{ raw }"),
    "errors": aliases(50, NODES % '{ lineItems(after: "-") { totalCount } }'),
}


async def test_healthz_answers_within_100_ms() -> None:
    async with (
        start_command("serve", "--sandbox", "--port", "0") as process,
        httpx.AsyncClient(base_url=process.url, trust_env=False, timeout=30) as client,
    ):
        await process.query("{ " + NODES % "{ raw lineItems { totalCount } }" + " }")  # the sandbox's data is in memory
        slowest = dict[str, float]()
        for name, query in OPERATIONS.items():
            operation = asyncio.create_task(client.post("/graphql", json={"query": query}))
            while not operation.done():
                start = perf_counter()
                assert (await client.get("/healthz")).status_code == 200
                slowest[name] = max(slowest.get(name, 0), perf_counter() - start)
            assert (await operation).status_code == 200

    assert {name: seconds for name, seconds in slowest.items() if seconds > 0.1} == {}
