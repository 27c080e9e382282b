"""As many operations as the service may run at once; the next ones wait a moment, then hear that it is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest

from providers.sandbox import Control, Fault, Sandbox, serve
from server.accounts import serve_sandbox_accounts
from server.config.settings import ServerSettings
from server.http.app import create_app
from server.operations.admission import AdmissionController, Overloaded
from tests.harness import PLAIN, Service, sandbox_of

QUERY = '{ invoices(first: 1, filterBy: { providers: ["%s"] }) { coverage { status } } }'
FASTLY, ARCHERA = QUERY % "fastly", QUERY % "archera"
HANG = Fault(kind="hang")


@asynccontextmanager
async def running(sandbox: Sandbox, settings: ServerSettings) -> AsyncIterator[Service]:
    app = create_app(partial(serve_sandbox_accounts, sandbox, **PLAIN), settings)
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield Service(url, sandbox, client, app)


@pytest.fixture
async def narrow() -> AsyncIterator[Service]:
    """A service that runs one operation at once."""
    async with running(sandbox_of(), ServerSettings(max_requests=1)) as service:
        yield service


@asynccontextmanager
async def asked(service: Service, control: Control, query: str = FASTLY) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """An operation that has reached its provider; its client leaves at the end."""
    asking = asyncio.create_task(service.post({"query": query}))
    await control.until(in_flight=1)
    try:
        yield asking
    finally:
        asking.cancel()
        await asyncio.wait([asking])


async def test_one_operation_too_many_is_refused_with_503_and_when_to_come_again(narrow: Service) -> None:
    control = narrow.control("fastly")
    control.faults.append(HANG)
    async with asked(narrow, control):
        busy = await narrow.post({"query": ARCHERA}, **{"X-Request-Id": "r-1"})

    assert (busy.status_code, busy.headers["retry-after"], busy.headers["x-request-id"]) == (503, "1", "r-1")
    assert busy.json() == {
        "errors": [
            {"message": "The service is busy: ask again in a moment.", "extensions": {"code": "UNAVAILABLE"}},
        ]
    }
    assert narrow.calls("archera") == []


async def test_each_operation_of_a_batch_takes_a_turn_of_its_own(narrow: Service) -> None:
    control = narrow.control("fastly")
    control.faults.append(Fault(kind="delay", seconds=2))
    batch = [{"query": FASTLY}, {"query": ARCHERA}, {"query": ARCHERA}]
    async with asyncio.timeout(10):
        asking = asyncio.create_task(narrow.post(batch))
        await control.until(in_flight=1)
        busy = await narrow.post({"query": ARCHERA})
        answers = (await asking).json()

    assert busy.status_code == 503
    assert answers[0]["data"]["invoices"]["coverage"] == [{"status": "COMPLETE"}]
    assert [error["extensions"]["code"] for answer in answers[1:] for error in answer["errors"]] == ["UNAVAILABLE"] * 2
    assert narrow.calls("archera") == []


async def test_a_batch_is_done_by_one_turn_after_the_other(narrow: Service) -> None:
    async with asyncio.timeout(10):
        answers = (await narrow.post([{"query": ARCHERA}] * 10)).json()

    assert [answer["data"]["invoices"]["coverage"] for answer in answers] == [[{"status": "COMPLETE"}]] * 10


async def test_health_and_readiness_are_never_held_up(narrow: Service) -> None:
    control = narrow.control("fastly")
    control.faults.append(HANG)
    async with asked(narrow, control):
        waiting = asyncio.create_task(narrow.post({"query": ARCHERA}))
        answers = [await narrow.client.get(path) for path in ("/healthz", "/readyz")]
        held_up = not waiting.done()
        await waiting

    assert [response.status_code for response in answers] == [200, 200]
    assert held_up


async def test_an_operation_that_waits_runs_when_another_ends(narrow: Service) -> None:
    control = narrow.control("fastly")
    control.faults.append(Fault(kind="delay", seconds=0.3, times=1))
    async with asked(narrow, control) as first:
        second = await narrow.post({"query": ARCHERA})
        done = first.done()

    assert second.json()["data"] == {"invoices": {"coverage": [{"status": "COMPLETE"}]}}
    assert done


async def test_an_operation_whose_client_left_makes_room(narrow: Service) -> None:
    control = narrow.control("fastly")
    control.faults.append(HANG)
    async with asked(narrow, control):
        waiting = asyncio.create_task(narrow.post({"query": ARCHERA}))
        assert (await narrow.client.get("/healthz")).status_code == 200

    assert (await waiting).status_code == 200


async def test_nobody_waits_past_the_deadline() -> None:
    gate, now = AdmissionController(1), asyncio.get_running_loop().time()
    async with gate.admit(now + 10):
        with pytest.raises(Overloaded):
            async with asyncio.timeout(0.9), gate.admit(now + 0.01):
                pass


async def test_what_ended_in_any_way_makes_room() -> None:
    gate, end = AdmissionController(1), asyncio.get_running_loop().time() + 10
    with pytest.raises(ZeroDivisionError):
        async with gate.admit(end):
            raise ZeroDivisionError
    async with gate.admit(end), asyncio.timeout(5):
        with pytest.raises(Overloaded):
            async with gate.admit(end - 10):
                pass
    async with asyncio.timeout(5), gate.admit(end):
        pass
