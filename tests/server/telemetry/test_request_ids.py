"""A line about a failed call has the id of the request that made the call, whatever the transport."""

import asyncio
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from providers.sandbox import Fault
from tests.harness import running_service, sandbox_of
from tests.streams.clients import events

QUERY = "{ invoices(first: 1) { nodes { id } } }"
FAILED = "A call to a provider failed."
Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def log() -> Iterator[Lines]:
    with capture_logs(processors=[merge_contextvars]) as lines:
        yield lines


def failed_calls(log: Lines) -> list[Any]:
    return [line.get("request_id") for line in log if line["event"] == FAILED]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_failed_call_has_the_id_of_its_request(accept: str, log: Lines) -> None:
    async with running_service(sandbox_of("archera")) as service:
        service.control("archera").faults.append(Fault(kind="status", status=500))
        await service.post({"query": QUERY}, Accept=accept, **{"X-Request-Id": "r-1"})

    assert failed_calls(log) == ["r-1"]


async def test_two_streams_have_their_own_ids(log: Lines) -> None:
    async with running_service(sandbox_of("archera")) as service:
        service.control("archera").faults.append(Fault(kind="status", status=500))

        async def read(request_id: str) -> None:
            async with events(service, {"query": QUERY}, **{"X-Request-Id": request_id}) as stream:
                assert [name async for name, _ in stream] == ["next", "complete"]

        await read("r-1")
        await asyncio.gather(read("r-2"))

    assert failed_calls(log) == ["r-1", "r-2"]
