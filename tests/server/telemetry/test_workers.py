"""The metrics of several workers are those of all of them, also after one has died."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.server.command import ServiceProcess, run_command, start_command
from tests.server.process.test_supervisor import wait_for_workers
from tests.server.provider import NO_CACHE, Provider, serve_fastly

from .scraping import Metrics, Samples

QUERY = "query Q { invoices(first: 1) { nodes { id } } }"
NUMBER = 12  # the chance that one of two workers gets all of them is 1 in 2048


async def test_a_scrape_counts_what_all_workers_did(tmp_path: Path) -> None:
    async with serve_fastly(tmp_path) as provider, start_service(provider) as service:
        metrics = await metrics_of(service)
        await wait_for_workers(service, 2)
        await send(service, NUMBER)
        before = await counted(metrics)
        memory = await metrics.samples("worker_memory_bytes")
        calls = len(provider.control.requests)
        code, *_ = await service.stop(signal.SIGTERM)

    assert before == [{"executed query Q COMPLETE": NUMBER}, {"fastly/cdn1 success 2xx": NUMBER}, {"": 2}]
    assert (sorted(memory), calls, code) == (["0", "1"], NUMBER, 0)


async def test_what_a_dead_worker_did_stays_counted(tmp_path: Path) -> None:
    async with serve_fastly(tmp_path) as provider, start_service(provider) as service:
        metrics = await metrics_of(service)
        workers = await wait_for_workers(service, 2)
        await send(service, NUMBER)
        died_at = time.time()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
            await service.next_log_line()
            await wait_for_workers(service, 1)
        after_death = await counted(metrics)
        started_at = await metrics.samples("worker_start_timestamp_seconds")
        await send(service, NUMBER)
        after_more = await counted(metrics)

    assert after_death == [{"executed query Q COMPLETE": NUMBER}, {"fastly/cdn1 success 2xx": NUMBER}, {"": 4}]
    assert sorted(started_at) == ["0", "1"]
    assert min(started_at.values()) > died_at
    assert after_more == [{"executed query Q COMPLETE": 2 * NUMBER}, {"fastly/cdn1 success 2xx": 2 * NUMBER}, {"": 4}]


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGKILL])
async def test_the_files_are_removed(signal_number: signal.Signals, tmp_path: Path) -> None:
    async with serve_fastly(tmp_path) as provider, start_service(provider) as service:
        await metrics_of(service)
        workers = await wait_for_workers(service, 2)
        during = list(files_of(service))
        await service.stop(signal_number)
        async with asyncio.timeout(20):
            while any(map(is_running, workers)):  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.05)

    assert (len(during), list(files_of(service))) == (1, [])


async def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    async with serve_fastly(tmp_path) as provider, start_service(provider) as service:
        port = (await service.next_log_line())["port"]
        code, _, err = await run_command("serve", "--sandbox", "--port", "0", INVOICEGRAPH_METRICS__PORT=str(port))

    assert code == 1
    assert err.startswith(f"Cannot listen on 127.0.0.1, port {port}: ")
    assert err.endswith("Choose another address in [metrics].\n")


def start_service(provider: Provider) -> AbstractAsyncContextManager[ServiceProcess]:
    config = provider.configure(account=NO_CACHE)
    arguments = "serve", "--port", "0", "--workers", "2", "--config", str(config)
    return start_command(*arguments, INVOICEGRAPH_METRICS__PORT="0")


def is_running(worker: int) -> bool:
    return Path(f"/proc/{worker}").exists()


def files_of(service: ServiceProcess) -> Iterator[Path]:
    folder = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(tempfile.gettempdir())
    return folder.glob(f"invoicegraph-metrics-{service.process.pid}-*")


async def metrics_of(service: ServiceProcess) -> Metrics:
    line = await service.next_log_line()
    return Metrics(f"http://{line['host']}:{line['port']}")


async def send(service: ServiceProcess, number: int) -> None:
    """Send operations one after the other, each over a connection of its own."""
    for _ in range(number):
        assert (await service.query(QUERY)).status_code == 200


async def counted(metrics: Metrics) -> list[Samples]:
    names = "operations_total", "provider_calls_total", "worker_starts_total"
    return [await metrics.samples(name) for name in names]
