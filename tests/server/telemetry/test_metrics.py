"""What Prometheus reads after known traffic, with exact counts."""

import asyncio
import json
import time
from typing import Any

from providers.sandbox import Fault
from providers.settings import RateLimitSettings
from providers.ttl import CacheTtl
from server.config.settings import SubscriptionSettings
from server.telemetry.operation_metrics import MAX_NAMES
from tests.harness import NO_CACHE_NO_RETRY, sandbox_of
from tests.recorded import recorded_payload
from tests.resolvers.fastly import invoice_payload, line_payload, list_fault
from tests.streams.clients import CHANGED, events, filter_by

from .scraping import measured_service

NEWEST = "query Newest { invoices(first: 1) { nodes { id } } }"
ARCHERA = '{ invoices(first: 1, filterBy: { providers: ["archera"] }) { nodes { id } } }'
ARCHERA_ID = "archera/sandbox-archera"
ALWAYS_STALE = CacheTtl(settled=0, invoice=0, list=0, month_to_date=0, absent=0, stale_for=3600)


async def test_operations_are_counted_by_name() -> None:
    async with measured_service(sandbox_of("archera"), settings={"attempts": 1}) as (service, metrics):
        for document in (NEWEST, NEWEST, NEWEST, ARCHERA, "query Bad { no }"):
            await service.post({"query": document})
        counted = await metrics.samples("operations_total")
        durations = await metrics.samples("operation_duration_seconds_count")

    assert counted == {
        "executed query Newest COMPLETE": 1,
        "cached query Newest COMPLETE": 2,
        "executed query (unnamed) COMPLETE": 1,
        "refused query (other) GRAPHQL_VALIDATION_FAILED": 1,
    }
    assert durations == {"Newest": 1, "(unnamed)": 1, "(other)": 1}


async def test_requests_without_an_operation_are_counted() -> None:
    async with measured_service(sandbox_of("archera")) as (service, metrics):
        for _ in range(2):
            await service.post({"query": ""})
        assert await metrics.samples("refused_requests_total") == {"BAD_USER_INPUT": 2}


async def test_names_of_operations_are_bounded() -> None:
    async with measured_service(sandbox_of("archera")) as (service, metrics):
        for number in range(MAX_NAMES + 2):
            await service.query(f"query Q{number} {{ providers {{ id }} }}")
        counted = await metrics.samples("operations_total")

    assert len(counted) == MAX_NAMES + 1
    assert counted["executed query (other) COMPLETE"] == 2


async def test_identical_operations_are_counted_as_shared() -> None:
    async with measured_service(sandbox_of("archera")) as (service, metrics):
        service.control("archera").faults.append(Fault(kind="delay", seconds=0.2))
        await asyncio.gather(*(service.query(NEWEST) for _ in range(3)))
        counted = await metrics.samples("operations_total")

    assert counted == {"executed query Newest COMPLETE": 1, "shared query Newest COMPLETE": 2}


async def test_calls_are_counted_by_account_and_cause() -> None:
    async with measured_service(sandbox_of("archera"), deadline=1) as (service, metrics):
        for faults in (
            [],
            [Fault(kind="status", status=503)],
            [Fault(kind="status", status=401)],
            [Fault(kind="hang")],
        ):
            service.control("archera").faults[:] = faults
            await service.query(ARCHERA)
        counted = await metrics.samples("provider_calls_total")
        durations = await metrics.samples("provider_call_duration_seconds_count")
        (success,) = (await metrics.samples("account_last_success_timestamp_seconds")).values()

    assert counted == {
        f"{ARCHERA_ID} success 2xx": 1,
        f"{ARCHERA_ID} status 5xx": 1,
        f"{ARCHERA_ID} unauthorized 4xx": 1,
        f"{ARCHERA_ID} no_response none": 1,
    }
    assert durations == {ARCHERA_ID: 4}
    assert abs(time.time() - success) < 60


async def test_each_attempt_is_counted() -> None:
    settings = {**NO_CACHE_NO_RETRY, "attempts": 2}
    async with measured_service(sandbox_of("archera"), settings=settings) as (service, metrics):
        service.control("archera").faults.append(Fault(kind="status", status=503, times=1))
        await service.data(ARCHERA)
        counted = await metrics.samples("provider_calls_total")

    assert counted == {f"{ARCHERA_ID} status 5xx": 1, f"{ARCHERA_ID} success 2xx": 1}


async def test_an_open_breaker_is_seen() -> None:
    async with measured_service(sandbox_of("archera")) as (service, metrics):
        service.control("archera").faults.append(Fault(kind="status", status=500))
        for _ in range(6):
            await service.query(ARCHERA)
        calls = await metrics.samples("provider_calls_total")
        is_open = await metrics.samples("circuit_breakers_open")

    assert calls == {f"{ARCHERA_ID} status 5xx": 5, f"{ARCHERA_ID} paused none": 1}
    assert is_open == {ARCHERA_ID: 1}


async def test_stale_answers_are_counted() -> None:
    settings = {**NO_CACHE_NO_RETRY, "freshness": ALWAYS_STALE}
    async with measured_service(sandbox_of("archera"), settings=settings) as (service, metrics):
        await service.data(ARCHERA)
        service.control("archera").faults.append(Fault(kind="status", status=500))
        await service.data(ARCHERA)
        assert await metrics.samples("stale_answers_total") == {ARCHERA_ID: 1}


async def test_lookups_of_the_cache_are_counted() -> None:
    documents = [ARCHERA.replace("{ id }", f"{{ {field} }}") for field in ("id", "number")]
    async with measured_service(sandbox_of("archera"), settings={"attempts": 1}) as (service, metrics):
        await service.data(documents[0])
        await service.data(documents[1])
        assert await metrics.samples("cache_lookups_total") == {"fetches": 1, "hits": 1}


async def test_restatements_are_counted() -> None:
    payload = recorded_payload("spectrocloud", "invoice.200")
    uid = payload["metadata"]["uid"]
    query = f'{{ invoice(id: "spectrocloud/sandbox-palette/invoice/{uid}") {{ restatedAt }} }}'
    settings = {**NO_CACHE_NO_RETRY, "freshness": ALWAYS_STALE}
    async with measured_service(sandbox_of("spectrocloud"), settings=settings) as (service, metrics):
        for amount in (1, 1, 2):
            payload["status"]["billableAmount"] = amount
            service.control("spectrocloud").faults[:] = [Fault(kind="garbage", body=json.dumps(payload), path=uid)]
            await service.data(query)
        assert await metrics.samples("restatements_total") == {"spectrocloud/sandbox-palette": 1}


async def test_discrepancies_are_counted_each_time_they_are_computed() -> None:
    invoice = invoice_payload("INV-1", "2026-09", line_payload("Requests"), monthly_transaction_amount=9)
    reconciliation = "{ invoices { nodes { reconciliation { verdict } } } }"
    errors = "{ discrepancies(minSeverity: ERROR) { totalCount } }"
    async with measured_service(sandbox_of("fastly"), settings=NO_CACHE_NO_RETRY) as (service, metrics):
        service.control("fastly").faults.append(list_fault(invoice))
        await service.data(reconciliation)
        once = await metrics.samples("discrepancies_total")
        data = await service.data(errors)
        twice = await metrics.samples("discrepancies_total")

    assert data == {"discrepancies": {"totalCount": 1}}
    assert (once["fastly/sandbox-fastly ERROR"], twice["fastly/sandbox-fastly ERROR"]) == (1, 2)


async def test_a_figure_that_is_missing_in_the_whole_account_is_counted() -> None:
    invoices = [invoice_payload(f"INV-{month}", f"2026-{month:02}") for month in (7, 9)]
    async with measured_service(sandbox_of("fastly"), settings=NO_CACHE_NO_RETRY) as (service, metrics):
        service.control("fastly").faults.append(list_fault(*invoices))
        await service.data("{ discrepancies { totalCount } }")
        counted = await metrics.samples("discrepancies_total")

    assert counted["fastly/sandbox-fastly WARNING"] == 1  # August is missing


async def test_waits_for_a_rate_limit_are_counted() -> None:
    settings = {**NO_CACHE_NO_RETRY, "rate_limit": RateLimitSettings(per_second=1, burst=1)}
    async with measured_service(sandbox_of("archera"), settings=settings) as (service, metrics):
        for _ in range(2):
            await service.data(ARCHERA)
        count = await metrics.samples("rate_limit_wait_seconds_count")
        seconds = await metrics.samples("rate_limit_wait_seconds_sum")

    assert count == {ARCHERA_ID: 2}
    assert 0.01 < seconds[ARCHERA_ID] < 1.1


async def test_the_queue_and_its_operations_are_seen() -> None:
    async with measured_service(sandbox_of("archera"), max_requests=1, deadline=3) as (service, metrics):
        service.control("archera").faults.append(Fault(kind="hang"))
        requests = [asyncio.create_task(service.post({"query": document})) for document in (NEWEST, ARCHERA)]
        while not (waiting := await metrics.samples("operations_waiting")):
            pass
        running = await metrics.samples("operations_running")
        await asyncio.gather(*requests)
        after = await metrics.samples("operations_running")

    assert (running, waiting, after) == ({"": 1}, {"": 1}, {})


async def test_an_open_stream_is_seen() -> None:
    body: dict[str, Any] = {"query": CHANGED, "variables": filter_by("archera")}
    subscriptions = SubscriptionSettings(poll=0.05)
    async with measured_service(sandbox_of("archera"), subscriptions=subscriptions) as (service, metrics):
        async with events(service, body) as stream:
            event = asyncio.ensure_future(anext(stream))
            await service.control("archera").wait_for_in_flight(in_flight=0)
            while not (seen := await metrics.samples("streams_open")):
                pass
            service.api("archera").post_invoice()
            await event
        while await metrics.samples("streams_open"):
            pass
        counted = await metrics.samples("operations_total")

    assert seen == {"": 1}
    assert sum(counted.values()) == 1


async def test_the_start_is_seen() -> None:
    before = time.time()
    async with measured_service(sandbox_of("archera")) as (_, metrics):
        started_at = await metrics.samples("worker_start_timestamp_seconds")
        starts = await metrics.samples("worker_starts_total")

    assert before <= started_at["0"] <= time.time()
    assert starts == {"": 1}


async def test_memory_is_seen() -> None:
    async with measured_service(sandbox_of("archera")) as (service, metrics):
        await service.data(ARCHERA)
        memory = await metrics.samples("worker_memory_bytes")

    assert 10_000_000 < memory["0"] < 2_000_000_000


async def test_the_port_of_the_metrics_serves_nothing_else() -> None:
    async with measured_service(sandbox_of("archera")) as (service, metrics):
        foreign = await metrics.get(Host="rebound.example")
        statuses = [(await metrics.get(path)).status_code for path in ("/graphql", "/healthz", "/")]
        on_the_other_port = await service.client.get("/metrics")

    assert (foreign.status_code, statuses, on_the_other_port.status_code) == (421, [404, 404, 404], 404)
