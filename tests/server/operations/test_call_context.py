"""The context that an operation passes with its provider calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from providers import PROVIDERS
from providers.call import CallContext
from providers.source import DateWindow, InvoicePage, InvoiceSource, LineItems
from resolvers.accounts import AccountRegistry
from resolvers.loaders import LIST_DEADLINE_FRACTION
from server.accounts import build_graph
from server.config.settings import ServerSettings
from server.operations.executions import MAX_RESERVE_SECONDS
from server.operations.request import GraphQLRequest
from server.operations.runner import OperationRunner
from tests.providers.source import connected_to
from tests.uncached import uncached

LINES = "{ invoices(first: 1) { nodes { lineItems(first: 200) { nodes { id } } } } }"


class Source:
    """A source that keeps the context of each call."""

    def __init__(self, source: InvoiceSource) -> None:
        self._source = source
        self.settings = source.settings.model_copy(update={"sandbox": True})
        self.page_calls, self.line_items_calls = list[CallContext](), list[CallContext]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    async def page(self, window: DateWindow, cursor: str | None, call: CallContext) -> InvoicePage:
        self.page_calls.append(call)
        return await self._source.page(window, cursor, call)

    async def line_items(self, provider_key: str, call: CallContext) -> LineItems:
        self.line_items_calls.append(call)
        return await self._source.line_items(provider_key, call)


@asynccontextmanager
async def runner_of_archera() -> AsyncIterator[tuple[OperationRunner, Source]]:
    async with connected_to("archera") as archera:
        source = Source(archera.source)
        accounts = AccountRegistry(PROVIDERS.values(), [uncached(source)])
        yield OperationRunner(build_graph(), lambda: accounts, ServerSettings(deadline=20)), source


async def execute(runner: OperationRunner) -> float:
    """Execute the operation, and return its deadline."""
    deadline = runner.start_deadline()
    operation = runner.receive(GraphQLRequest(query=LINES), "r", bypass_cache=False)
    assert b'"errors"' not in (await runner.execute(operation, deadline)).body_bytes()
    return deadline


async def test_calls_end_before_the_operation_and_lists_even_earlier() -> None:
    async with runner_of_archera() as (runner, source):
        deadline = await execute(runner)

    assert [call.deadline for call in source.line_items_calls] == [deadline - MAX_RESERVE_SECONDS]
    (list_call,) = source.page_calls
    assert deadline - list_call.deadline == pytest.approx(20 - LIST_DEADLINE_FRACTION * 19.5, abs=1)


async def test_a_repeated_operation_expects_its_serializers() -> None:
    async with runner_of_archera() as (runner, source):
        for _ in range(4):
            await execute(runner)

    assert [len(call.serializers) for call in source.line_items_calls] == [0, 0, 1, 1]
