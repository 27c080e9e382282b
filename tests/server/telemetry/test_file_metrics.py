"""What Prometheus reads about exported files."""

import asyncio
import csv
import io

from providers.sandbox import Fault
from tests.harness import NO_CACHE_NO_RETRY, sandbox_of
from tests.server.access.callers import ONE_KEY

from .scraping import measured_service


async def test_files_are_counted_with_their_rows_and_bytes() -> None:
    async with measured_service(sandbox_of("fastly"), settings=NO_CACHE_NO_RETRY) as (service, metrics):
        made = [await service.client.get("/export/invoices.csv") for _ in range(2)]
        counted = await metrics.samples("exports_total")
        rows = await metrics.samples("export_rows_total")
        size = await metrics.samples("export_bytes_total")
        files = await metrics.samples("export_duration_seconds_count")
        seconds = await metrics.samples("export_duration_seconds_sum")

    records = [record for each in made for record in csv.DictReader(io.StringIO(each.text, newline=""))]
    assert counted == {"invoices.csv COMPLETE": 2}
    assert rows == {"invoices.csv": len(records)}
    assert size == {"invoices.csv": sum(int(each.headers["content-length"]) for each in made)}
    assert files == {"invoices.csv": 2}
    assert 0 < seconds["invoices.csv"] < 30


async def test_files_that_fail_are_counted_by_code() -> None:
    async with measured_service(sandbox_of("fastly"), settings=NO_CACHE_NO_RETRY) as (service, metrics):
        await service.client.get("/export/invoices.csv?mode=loose")
        await service.client.get("/export/no-such-file")
        service.control("fastly").faults.append(Fault(kind="status", status=500))
        await service.client.get("/export/invoices.csv")
        await service.client.get("/export/invoices.csv?mode=annotated")
        counted = await metrics.samples("exports_total")
        files = await metrics.samples("export_duration_seconds_count")

    assert counted == {
        "invoices.csv BAD_USER_INPUT": 1,
        "(other) BAD_USER_INPUT": 1,
        "invoices.csv UNAVAILABLE": 1,
        "invoices.csv INCOMPLETE": 1,
    }
    assert files == {"invoices.csv": 1}


async def test_a_file_whose_client_leaves_is_counted() -> None:
    async with measured_service(sandbox_of("fastly"), settings=NO_CACHE_NO_RETRY) as (service, metrics):
        service.control("fastly").faults.append(Fault(kind="hang"))
        request = asyncio.create_task(service.client.get("/export/invoices.csv"))
        await service.control("fastly").wait_for_in_flight(in_flight=1)
        request.cancel()
        async with asyncio.timeout(20):
            while not (counted := await metrics.samples("exports_total")):
                pass

    assert counted == {"invoices.csv CANCELLED": 1}


async def test_a_file_for_an_unknown_caller_is_counted() -> None:
    async with measured_service(sandbox_of("fastly"), access=ONE_KEY) as (service, metrics):
        await service.client.get("/export/invoices.csv")
        assert await metrics.samples("exports_total") == {"invoices.csv UNAUTHENTICATED": 1}
