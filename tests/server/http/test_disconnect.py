"""A client that leaves takes its calls with it, but for those that others wait for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from providers.sandbox import Fault
from tests.harness import Service

QUERY = "{ invoices(first: 1, filterBy: { providers: [%s] }) { coverage { account { id } status } } }"
HANG = Fault(kind="hang")


@asynccontextmanager
async def client_of(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, timeout=30, trust_env=False) as client:
        yield client


def ask(client: httpx.AsyncClient, method: str, *providers: str) -> asyncio.Task[httpx.Response]:
    query = QUERY % ", ".join(f'"{provider}"' for provider in providers)
    named = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
    return asyncio.create_task(client.request(method, "/graphql", **named))  # type: ignore[arg-type]


async def leave(asking: asyncio.Task[httpx.Response]) -> None:
    asking.cancel()
    await asyncio.wait([asking])


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_calls_of_a_client_that_leaves_end(service: Service, method: str) -> None:
    control = service.control("fastly")
    control.faults.append(HANG)
    async with client_of(service) as client, asyncio.timeout(5):
        asking = ask(client, method, "fastly")
        await control.until(in_flight=1)
        await leave(asking)
        await control.until(in_flight=0)

    assert len(control.requests) == 1


async def test_a_call_that_another_client_waits_for_goes_on(service: Service) -> None:
    shared, own, others = (service.control(name) for name in ("fastly", "archera", "spectrocloud"))
    shared.faults.append(Fault(kind="delay", seconds=1.5))
    own.faults.append(HANG)
    others.faults.append(Fault(kind="delay", seconds=1, times=8))
    async with client_of(service) as leaving, client_of(service) as staying:
        first = ask(leaving, "POST", "fastly", "archera")
        await own.until(in_flight=1)
        second = ask(staying, "POST", "fastly", "spectrocloud")
        await others.until(in_flight=8)
        await leave(first)
        await own.until(in_flight=0)
        still = shared.in_flight
        answer = (await second).json()

    assert still == 1
    assert len(shared.requests) == 1
    assert [entry["status"] for entry in answer["data"]["invoices"]["coverage"]] == ["COMPLETE", "PARTIAL"]
