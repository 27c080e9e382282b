"""Bursts of connections, measured in turns of the event loop: a turn delays every other request."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
import uvloop

from execution.turns import Turns, Work
from server.accounts import serve_sandbox_accounts
from server.config.settings import ServerSettings, Settings
from server.http.app import create_app
from server.operations.request import GraphQLRequest
from server.process.server import GracefulServer
from tests.harness import running_service

BURST = 200


class TurnCounter:
    """Counts the turns of the running event loop."""

    def __init__(self) -> None:
        self.count = 0

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._count())
        try:
            yield
        finally:
            task.cancel()

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.count += 1


def test_many_connections_are_accepted_per_loop_turn() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        turns = runner.run(_turns_to_accept(BURST))
    assert turns < BURST / 4


async def _turns_to_accept(burst: int) -> int:
    app, turns = create_app(serve_sandbox_accounts, Settings(server=ServerSettings(shutdown_grace=0))), TurnCounter()
    listener = socket.create_server(("127.0.0.1", 0), backlog=burst)
    server = GracefulServer(uvicorn.Config(app, log_config=None), app)
    clients = [socket.create_connection(listener.getsockname()) for _ in range(burst)]
    async with asyncio.timeout(30):
        server_task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0)
        async with turns.counting():
            while len(server.server_state.connections) < burst:  # noqa: ASYNC110 (the loop turns are counted)
                await asyncio.sleep(0)
        for client in clients:
            client.close()
        server.should_exit = True
        await server_task
    return turns.count


async def test_one_operation_starts_if_the_turn_is_over() -> None:
    """Starting an operation blocks the event loop, so other connections get a turn after those of one turn."""
    async with running_service() as service:
        runner, turns, start_turns = service.app.state.runner, TurnCounter(), []
        short_turns = Turns(0)

        async def start(number: int) -> None:
            request = GraphQLRequest(query=f"{{ providers {{ a{number}: id }} }}")
            operation = runner.receive(request, "r")
            operation.work = Work(short_turns)
            await runner.prepare(operation)
            start_turns.append(turns.count)

        async with turns.counting():
            await asyncio.gather(*(start(number) for number in range(BURST)))

    assert len(set(start_turns)) == BURST
