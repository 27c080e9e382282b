"""A request that is over: its loaders ask nobody any more, and whoever still waits is let go."""

import asyncio

from providers import PROVIDERS
from providers.sandbox import Fault
from resolvers.accounts import AccountRegistry
from resolvers.loaders import Loaders

from .cached_graph import Graph, remembering


def asking(graph: Graph) -> tuple[Loaders, "asyncio.Task[object]"]:
    loaders = Loaders(AccountRegistry(PROVIDERS.values(), graph.sources))
    account = graph.sources[0].settings.owner.id
    return loaders, asyncio.create_task(loaders.lines_of(account, "2026-05"))


async def test_what_is_closed_before_it_begins_asks_nobody() -> None:
    async with remembering("archera") as graph:
        loaders, asked = asking(graph)
        await asyncio.sleep(0)  # it is noted, and waits for the others of its batch

        loaders.close()
        await asyncio.wait([asked])

        assert asked.cancelled()
        assert graph.calls("archera") == []


async def test_what_is_closed_while_it_is_under_way_ends_for_who_waits_and_at_the_provider() -> None:
    async with remembering("archera") as graph:
        control = graph.sandbox.apis["archera"].control
        control.faults.append(Fault(kind="hang"))
        loaders, asked = asking(graph)
        async with asyncio.timeout(5):
            await control.until(1)

            loaders.close()
            await asyncio.wait([asked])
            await control.until(0)

        assert asked.cancelled()
