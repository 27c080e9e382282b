"""When a client disconnects, its provider calls are cancelled, except those that other clients wait for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from providers.sandbox import Fault
from tests.harness import PREFLIGHT, Service

QUERY = "{ invoices(first: 1, filterBy: { providers: [%s] }) { coverage { account { id } status } } }"
HANG = Fault(kind="hang")


@asynccontextmanager
async def client_of(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client with connections of its own."""
    async with httpx.AsyncClient(base_url=service.url, timeout=30, trust_env=False) as client:
        yield client


def start_request(client: httpx.AsyncClient, method: str, *providers: str) -> asyncio.Task[httpx.Response]:
    query = QUERY % ", ".join(f'"{provider}"' for provider in providers)
    arguments = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
    return asyncio.create_task(client.request(method, "/graphql", headers=PREFLIGHT, **arguments))  # type: ignore[arg-type]


async def disconnect(request: asyncio.Task[httpx.Response]) -> None:
    request.cancel()
    await asyncio.wait([request])


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_disconnect_cancels_provider_calls(service: Service, method: str) -> None:
    control = service.control("fastly")
    control.faults.append(HANG)
    async with client_of(service) as client, asyncio.timeout(5):
        request = start_request(client, method, "fastly")
        await control.wait_for_in_flight(in_flight=1)
        await disconnect(request)
        await control.wait_for_in_flight(in_flight=0)

    assert len(control.requests) == 1


async def test_shared_call_survives_one_disconnect(service: Service) -> None:
    shared, own, others = (service.control(name) for name in ("fastly", "archera", "spectrocloud"))
    shared.faults.append(Fault(kind="delay", seconds=1.5))
    own.faults.append(HANG)
    others.faults.append(Fault(kind="delay", seconds=1, times=8))
    async with client_of(service) as leaving_client, client_of(service) as staying_client:
        first = start_request(leaving_client, "POST", "fastly", "archera")
        await own.wait_for_in_flight(in_flight=1)
        second = start_request(staying_client, "POST", "fastly", "spectrocloud")
        await others.wait_for_in_flight(in_flight=8)
        await disconnect(first)
        await own.wait_for_in_flight(in_flight=0)
        still_in_flight = shared.in_flight
        response = (await second).json()

    assert still_in_flight == 1
    assert len(shared.requests) == 1
    assert [entry["status"] for entry in response["data"]["invoices"]["coverage"]] == ["COMPLETE", "PARTIAL"]
