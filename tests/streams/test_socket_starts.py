"""Operations that start over one WebSocket: a burst of them, and one whose client leaves."""

import asyncio
import gc
from typing import Any

import pytest

from server.operations.operation import OperationRequest
from server.operations.request import BadRequestError
from server.operations.runner import OperationRunner
from tests.harness import Service

from .clients import open_socket

QUERY = "{ __typename }"


async def test_operations_of_a_connection_start_one_after_the_other(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, starting, counts = OperationRunner.prepare, list[str](), list[int]()

    async def count(runner: OperationRunner, operation: OperationRequest) -> Any:
        if operation.document is None:
            starting.append(operation.text)
            counts.append(len(starting))
            await asyncio.sleep(0.001)
            starting.remove(operation.text)
        return await prepare(runner, operation)

    monkeypatch.setattr(OperationRunner, "prepare", count)
    async with open_socket(service) as client:
        for number in range(10):
            await client.send(
                "subscribe", str(number), {"query": f"subscription {{ a{number}: invoiceChanged {{ kind }} }}"}
            )
        await client.send("subscribe", "last", {"query": QUERY})
        assert (await client.receive())["payload"]["data"] == {"__typename": "Query"}

    assert counts == [1] * 11


async def test_a_client_that_leaves_while_its_operation_starts_is_no_error(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started, left = asyncio.Event(), asyncio.Event()

    async def refuse(_: OperationRunner, __: OperationRequest) -> None:
        started.set()
        await left.wait()
        raise BadRequestError("refused")

    monkeypatch.setattr(OperationRunner, "prepare", refuse)
    async with open_socket(service) as client:
        await client.send("subscribe", "1", {"query": QUERY})
        await started.wait()
        client.connection.transport.abort()
        await asyncio.sleep(0.05)  # until the service notices
        left.set()
        await asyncio.sleep(0.05)
    gc.collect()  # asyncio logs an exception that nobody has retrieved when its task is freed

    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
