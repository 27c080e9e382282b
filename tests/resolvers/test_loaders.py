"""Closing a request's loaders cancels its fetches and its waiters."""

import asyncio

from execution.awaitable import value_of
from providers import PROVIDERS
from providers.call import CallContext
from providers.sandbox import Fault
from resolvers.accounts import AccountRegistry
from resolvers.loaders import Loaders

from .cached_graph import Graph, cached_graph


def start_loading(graph: Graph) -> tuple[Loaders, "asyncio.Task[object]"]:
    loaders = Loaders(AccountRegistry(PROVIDERS.values(), graph.sources), CallContext())
    account_id = graph.sources[0].settings.account_ref.id
    return loaders, asyncio.create_task(value_of(loaders.line_items_of(account_id, "2026-05")))


async def test_closing_before_the_batch_starts_makes_no_call() -> None:
    async with cached_graph("archera") as graph:
        loaders, task = start_loading(graph)
        await asyncio.sleep(0)  # the key waits for the other keys of its batch

        loaders.close()
        await asyncio.wait([task])

        assert task.cancelled()
        assert graph.pop_calls("archera") == []


async def test_closing_cancels_calls_and_waiters() -> None:
    async with cached_graph("archera") as graph:
        control = graph.sandbox.apis["archera"].control
        control.faults.append(Fault(kind="hang"))
        loaders, task = start_loading(graph)
        async with asyncio.timeout(5):
            await control.wait_for_in_flight(1)

            loaders.close()
            await asyncio.wait([task])
            await control.wait_for_in_flight(0)

        assert task.cancelled()
