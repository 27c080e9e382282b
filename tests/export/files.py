"""Files over a sandbox, for tests."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.harness import NO_CACHE_NO_RETRY, Service, running_service, sandbox_of
from tests.resolvers.fastly import invoice_payload, list_fault

TERMS: dict[str, Any] = {**NO_CACHE_NO_RETRY, "payment_terms": "Net 30"}
Row = dict[str, str]


def read_csv(response: httpx.Response) -> list[Row]:
    """Return the rows. Fails if the status is not 200."""
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))


def read_error(response: httpx.Response) -> tuple[int, str, str]:
    """Return the status, the code and the message of a response with one error."""
    [error] = response.json()["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]


@asynccontextmanager
async def fastly_service(*lines: dict[str, Any], invoice: dict[str, Any] | None = None) -> AsyncIterator[Service]:
    """Run the service over one invoice of Fastly with these lines, and with terms of payment."""
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, *lines, **invoice or {})
        yield service


def add_invoice(service: Service, *lines: dict[str, Any], **fields: Any) -> None:
    service.control("fastly").faults.append(list_fault(invoice_payload("INV-1", "2026-09", *lines, **fields)))


async def fastly_rows(*lines: dict[str, Any], query: str = "", **invoice: Any) -> list[Row]:
    """Return the rows of focus.csv for one invoice of Fastly."""
    async with fastly_service(*lines, invoice=invoice) as service:
        return read_csv(await service.client.get(f"/export/focus.csv{query}"))
