"""Bounds of files: how many are made at once, how long they are, and how long they take."""

import asyncio
import gc
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from providers import PROVIDERS
from providers.sandbox import Fault, serve
from providers.settings import AccountSettings
from schema.invoice import Invoice
from schema.line_item import LineItem
from server.config.export import ExportSettings
from server.config.settings import ServerSettings, Settings
from server.http.app import create_app
from server.http.state import Application
from tests.harness import create_sandbox, running_service, sandbox_of

from .files import TERMS, read_error
from .many_lines import provider_of


@asynccontextmanager
async def service_over(app: Any, export: ExportSettings, **server: Any) -> AsyncIterator[tuple[str, Application]]:
    """Run the service over one Fastly account whose API is `app`. Yields its URL."""
    async with serve(app) as provider_url:
        settings = {"id": "many", "provider": "fastly", "base_url": f"{provider_url}/fastly", "rate_limit": None}
        account = PROVIDERS["fastly"].settings.model_validate({**settings, "api_key": SecretStr("k")} | TERMS)

        @asynccontextmanager
        async def accounts() -> AsyncIterator[list[AccountSettings]]:
            yield [account]

        application = create_app(accounts, Settings(server=ServerSettings(**server), export=export))
        async with application.router.lifespan_context(application), serve(application) as url:
            yield url, application


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        yield client


async def open_slowly(url: str, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Request a file and read nothing of it but its status. Little of it fits into the buffers on the way."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", urlsplit(url).port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=100)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert b" 200 " in await reader.readline()
    return reader, writer


async def test_slow_readers_hold_no_place() -> None:
    settings = ExportSettings(most=1)
    async with service_over(provider_of(8_000), settings, max_requests=1) as (url, _), client_of(url) as client:
        readers = [await open_slowly(url, "/export/focus.csv") for _ in range(2)]
        third = await client.get("/export/focus.csv")
        query = await client.post("/graphql", json={"query": "{ invoices(first: 1) { nodes { id } } }"})
        for _, writer in readers:
            writer.transport.abort()

    assert third.headers["export-rows"] == "8000"
    assert query.json()["data"]["invoices"]["nodes"] != []


async def test_files_beyond_the_most_are_refused() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        service.app.state.exporter.apply_settings(ExportSettings(most=1))
        service.control("fastly").faults.append(Fault(kind="delay", seconds=2, times=1))
        first = asyncio.create_task(service.client.get("/export/invoices.csv"))
        await service.control("fastly").wait_for_in_flight(in_flight=1)
        second = await service.client.get("/export/invoices.csv")
        outcome = await first

    assert read_error(second) == (503, "UNAVAILABLE", "The service is busy. Retry in a moment.")
    assert second.headers["retry-after"] == "1"
    assert outcome.status_code == 200


async def test_a_file_that_is_too_long_is_refused() -> None:
    async with service_over(provider_of(4_000), ExportSettings(megabytes=1)) as (url, _), client_of(url) as client:
        response = await client.get("/export/focus.csv")
        short = await client.get("/export/focus.csv?search=INV-1&columns=BilledCost")

    message = "The file would be longer than 1 MB. Request a shorter period."
    assert read_error(response) == (413, "BAD_USER_INPUT", message)
    assert short.status_code == 200


async def test_waiting_files_share_the_bound() -> None:
    settings = ExportSettings(megabytes=6)
    async with service_over(provider_of(12_000), settings) as (url, _), client_of(url) as client:
        _, writer = await open_slowly(url, "/export/focus.csv")
        refused = await client.get("/export/focus.csv")
        writer.transport.abort()
        async with asyncio.timeout(20):
            while (again := await client.get("/export/focus.csv")).status_code != 200:
                pass

    message = "Other files take most of the 6 MB that files may have here. Retry in a moment."
    assert read_error(refused) == (503, "UNAVAILABLE", message)
    assert again.headers["export-rows"] == "12000"


async def test_a_file_has_a_deadline() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        service.app.state.exporter.apply_settings(ExportSettings(deadline=0.3))
        service.control("fastly").faults.append(Fault(kind="delay", seconds=5))
        response = await service.client.get("/export/invoices.csv")

    assert read_error(response)[:2] in {(504, "TIMED_OUT"), (502, "TIMED_OUT")}


async def test_a_file_has_a_budget_of_calls() -> None:
    settings = ExportSettings(max_provider_calls=3)
    async with service_over(provider_of(4_000), settings) as (url, _), client_of(url) as client:
        strict = await client.get("/export/focus.csv")
        annotated = await client.get("/export/focus.csv?mode=annotated")

    assert read_error(strict)[:2] == (502, "RATE_LIMITED")
    assert (annotated.headers["export-rows"], annotated.headers["export-coverage"]) == ("600", "partial")


async def test_a_cut_transfer_is_shorter_than_its_length() -> None:
    async with service_over(provider_of(12_000), ExportSettings()) as (url, _):
        reader, writer = await open_slowly(url, "/export/focus.csv")
    received = await reader.read(-1)
    writer.close()

    head, _, body = received.partition(b"\r\n\r\n")
    [length] = re.findall(rb"content-length: (\d+)", head)
    assert len(body) < int(length) > 4_000_000


@pytest.mark.parametrize("name", ["focus.csv", "lines.csv"])
async def test_a_long_file_holds_one_page_of_lines(name: str) -> None:
    held: list[int] = []

    def count() -> None:
        held.append(sum(isinstance(each, (Invoice, LineItem)) for each in gc.get_objects()))

    async with service_over(provider_of(4_000, count), ExportSettings()) as (url, _), client_of(url) as client:
        response = await client.get(f"/export/{name}")

    assert response.headers["export-rows"] == "4000"
    assert len(held) == 20
    assert max(held) - held[0] <= 10  # two invoices of a page, and copies of them


async def test_every_page_is_read_once() -> None:
    async with running_service(create_sandbox(), settings=TERMS) as service:
        await service.client.get("/export/focus.csv")

    calls = {provider: len(service.calls(provider)) for provider in PROVIDERS}
    assert calls == {"archera": 37, "fastly": 1, "spectrocloud": 36}


async def test_a_file_adds_no_lines_to_the_cache() -> None:
    cached = {"payment_terms": "Net 30", "rate_limit": None}
    async with running_service(sandbox_of("fastly", "archera"), settings=cached) as service:
        before = sum(isinstance(each, LineItem) for each in gc.get_objects())
        response = await service.client.get("/export/focus.csv")
        after = sum(isinstance(each, LineItem) for each in gc.get_objects())

    assert int(response.headers["export-rows"]) > 500
    assert after <= before
