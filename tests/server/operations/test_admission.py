"""Admission control: a bound on concurrent operations, a short queue, then the error that the service is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest

from providers.sandbox import Control, Fault, Sandbox, serve
from server.accounts import serve_sandbox_accounts
from server.config.settings import ServerSettings, Settings
from server.http.app import create_app
from server.operations.admission import AdmissionController, Overloaded
from tests.harness import NO_CACHE_NO_RETRY, Service, create_sandbox

QUERY = '{ invoices(first: 1, filterBy: { providers: ["%s"] }) { coverage { status } } }'
FASTLY, ARCHERA = QUERY % "fastly", QUERY % "archera"
HANG = Fault(kind="hang")


@asynccontextmanager
async def running(sandbox: Sandbox, settings: ServerSettings) -> AsyncIterator[Service]:
    app = create_app(partial(serve_sandbox_accounts, sandbox, **NO_CACHE_NO_RETRY), Settings(server=settings))
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield Service(url, sandbox, client, app)


@pytest.fixture
async def single_slot_service() -> AsyncIterator[Service]:
    """A service that runs one operation at a time."""
    async with running(create_sandbox(), ServerSettings(max_requests=1)) as service:
        yield service


@asynccontextmanager
async def request_in_flight(
    service: Service, control: Control, query: str = FASTLY
) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """An operation that waits for its provider. Its client disconnects at the end."""
    request = asyncio.create_task(service.post({"query": query}))
    await control.wait_for_in_flight(in_flight=1)
    try:
        yield request
    finally:
        request.cancel()
        await asyncio.wait([request])


async def test_overload_is_a_503_with_retry_after(single_slot_service: Service) -> None:
    control = single_slot_service.control("fastly")
    control.faults.append(HANG)
    async with request_in_flight(single_slot_service, control):
        busy = await single_slot_service.post({"query": ARCHERA}, **{"X-Request-Id": "r-1"})

    assert (busy.status_code, busy.headers["retry-after"], busy.headers["x-request-id"]) == (503, "1", "r-1")
    assert busy.json() == {
        "errors": [
            {"message": "The service is busy. Retry in a moment.", "extensions": {"code": "UNAVAILABLE"}},
        ]
    }
    assert single_slot_service.calls("archera") == []


async def test_each_operation_of_a_batch_takes_a_slot(single_slot_service: Service) -> None:
    control = single_slot_service.control("fastly")
    control.faults.append(Fault(kind="delay", seconds=2))
    batch = [{"query": FASTLY}, {"query": ARCHERA}, {"query": ARCHERA}]
    async with asyncio.timeout(10):
        batch_request = asyncio.create_task(single_slot_service.post(batch))
        await control.wait_for_in_flight(in_flight=1)
        busy = await single_slot_service.post({"query": ARCHERA})
        responses = (await batch_request).json()

    assert busy.status_code == 503
    assert responses[0]["data"]["invoices"]["coverage"] == [{"status": "COMPLETE"}]
    assert [error["extensions"]["code"] for response in responses[1:] for error in response["errors"]] == [
        "UNAVAILABLE"
    ] * 2
    assert single_slot_service.calls("archera") == []


async def test_a_batch_runs_through_one_slot(single_slot_service: Service) -> None:
    async with asyncio.timeout(10):
        responses = (await single_slot_service.post([{"query": ARCHERA}] * 10)).json()

    assert [response["data"]["invoices"]["coverage"] for response in responses] == [[{"status": "COMPLETE"}]] * 10


async def test_probes_need_no_slot(single_slot_service: Service) -> None:
    control = single_slot_service.control("fastly")
    control.faults.append(HANG)
    async with request_in_flight(single_slot_service, control):
        queued = asyncio.create_task(single_slot_service.post({"query": ARCHERA}))
        probes = [await single_slot_service.client.get(path) for path in ("/healthz", "/readyz")]
        was_queued = not queued.done()
        await queued

    assert [response.status_code for response in probes] == [200, 200]
    assert was_queued


async def test_a_queued_operation_runs_when_a_slot_is_free(single_slot_service: Service) -> None:
    control = single_slot_service.control("fastly")
    control.faults.append(Fault(kind="delay", seconds=0.3, times=1))
    async with request_in_flight(single_slot_service, control) as first:
        second = await single_slot_service.post({"query": ARCHERA})
        first_is_done = first.done()

    assert second.json()["data"] == {"invoices": {"coverage": [{"status": "COMPLETE"}]}}
    assert first_is_done


async def test_a_disconnected_client_frees_its_slot(single_slot_service: Service) -> None:
    control = single_slot_service.control("fastly")
    control.faults.append(HANG)
    async with request_in_flight(single_slot_service, control):
        queued = asyncio.create_task(single_slot_service.post({"query": ARCHERA}))
        assert (await single_slot_service.client.get("/healthz")).status_code == 200

    assert (await queued).status_code == 200


async def test_the_queue_ends_at_the_deadline() -> None:
    admission, now = AdmissionController(1), asyncio.get_running_loop().time()
    async with admission.admit(now + 10, "a"):
        with pytest.raises(Overloaded):
            async with asyncio.timeout(0.9), admission.admit(now + 0.01, "a"):
                pass


async def test_every_outcome_frees_the_slot() -> None:
    admission, deadline = AdmissionController(1), asyncio.get_running_loop().time() + 10
    with pytest.raises(ZeroDivisionError):
        async with admission.admit(deadline, "a"):
            raise ZeroDivisionError
    async with admission.admit(deadline, "a"), asyncio.timeout(5):
        with pytest.raises(Overloaded):
            async with admission.admit(deadline - 10, "a"):
                pass
    async with asyncio.timeout(5), admission.admit(deadline, "a"):
        pass
