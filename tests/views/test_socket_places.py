"""Places for WebSockets: clients without a credential take none of those of callers, which have fair parts."""

import asyncio
from contextlib import AsyncExitStack, suppress

from websockets.exceptions import ConnectionClosed

from server.config.settings import SubscriptionSettings
from tests.harness import Service
from tests.streams.clients import Socket, open_socket

from .callers import FASTLY, key_header, read, service_with_callers

GRANTS = {"one": read(FASTLY), "other": read(FASTLY)}
TWO = SubscriptionSettings(most=2)
TOO_MANY = (1013, "Too many WebSockets are open: try again later.")


async def enter(stack: AsyncExitStack, service: Service, caller: str, *, init: bool = True) -> Socket:
    """Open a WebSocket as a caller, or before its caller is known."""
    return await stack.enter_async_context(open_socket(service, init=init, **key_header(caller)))


async def socket_accepts(service: Service, caller: str) -> bool:
    """Return whether a WebSocket of a caller has a place, and close it."""
    async with open_socket(service, init=False, **key_header(caller)) as socket:
        await socket.send("connection_init")
        with suppress(ConnectionClosed):
            return bool(await socket.receive() == {"type": "connection_ack"})
        return False


async def test_waiting_websockets_keep_no_caller_out() -> None:
    async with service_with_callers(GRANTS, subscriptions=TWO) as service, AsyncExitStack() as stack:
        waiting = [await enter(stack, service, "stranger", init=False) for _ in range(5)]
        one, other = await enter(stack, service, "one"), await enter(stack, service, "other")

        assert [await socket.wait_closed() for socket in waiting[:4]] == [TOO_MANY] * 4
        for socket in (one, other, waiting[4]):
            await socket.send("ping")
            assert await socket.receive() == {"type": "pong"}


async def test_a_caller_alone_has_every_place() -> None:
    async with service_with_callers(GRANTS, subscriptions=TWO) as service, AsyncExitStack() as stack:
        first = [await enter(stack, service, "one") for _ in range(2)]
        third = await enter(stack, service, "one", init=False)
        await third.send("connection_init")
        assert await third.wait_closed() == TOO_MANY
        await first[0].connection.close()

        async with asyncio.timeout(10):
            while not await socket_accepts(service, "one"):
                pass


async def test_another_caller_takes_the_newest_place() -> None:
    async with service_with_callers(GRANTS, subscriptions=TWO) as service, AsyncExitStack() as stack:
        first, second = await enter(stack, service, "one"), await enter(stack, service, "one")
        await enter(stack, service, "other")

        assert await second.wait_closed() == TOO_MANY
        await first.send("ping")
        assert await first.receive() == {"type": "pong"}
