"""A crowd that comes at once is heard at once: counted in turns of the loop, on which everybody's time depends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
import uvloop

from server.config.settings import ServerSettings
from server.http.app import create_app
from server.operations.request import GraphQLRequest
from server.process.server import GracefulServer
from tests.harness import running

CROWD = 200


class Turns:
    """Counts the turns of the running loop."""

    def __init__(self) -> None:
        self.number = 0

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        counting = asyncio.create_task(self._count())
        try:
            yield
        finally:
            counting.cancel()

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.number += 1


def test_connections_that_wait_are_taken_many_in_a_turn_of_the_loop() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        turns = runner.run(_turns_to_let_in(CROWD))
    assert turns < CROWD / 4


async def _turns_to_let_in(crowd: int) -> int:
    app, turns = create_app(server=ServerSettings(shutdown_grace=0)), Turns()
    listener = socket.create_server(("127.0.0.1", 0), backlog=crowd)
    server = GracefulServer(uvicorn.Config(app, log_config=None), app)
    clients = [socket.create_connection(listener.getsockname()) for _ in range(crowd)]
    async with asyncio.timeout(30):
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0)
        async with turns.counted():
            while len(server.server_state.connections) < crowd:  # noqa: ASYNC110 (the turns are what is counted)
                await asyncio.sleep(0)
        for client in clients:
            client.close()
        server.should_exit = True
        await serving
    return turns.number


async def test_of_many_operations_one_begins_in_a_turn_of_the_loop() -> None:
    """What each begins with holds the loop, which hears of nobody meanwhile."""
    async with running() as service:
        runner, turns, began = service.app.state.runner, Turns(), []

        async def begin(number: int) -> None:
            await runner.prepare(GraphQLRequest(query=f"{{ providers {{ a{number}: id }} }}"), "r")
            began.append(turns.number)

        async with turns.counted():
            await asyncio.gather(*(begin(number) for number in range(CROWD)))

    assert len(set(began)) == CROWD
