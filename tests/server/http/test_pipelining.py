"""Several requests that a client sends over one connection before it reads a response."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from server.http.protocol import GuardedHttpProtocol

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class App:
    """Waits for the client to leave, then tries to respond as if it had not noticed."""

    def __init__(self) -> None:
        self.started, self.messages, self.failures = (
            asyncio.Semaphore(0),
            asyncio.Queue[Message](),
            list[RuntimeError](),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.started.release()
        await receive()
        await self.messages.put(await receive())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        except RuntimeError as error:
            self.failures.append(error)


@pytest.fixture
async def server() -> AsyncIterator[tuple[App, int]]:
    app, state = App(), ServerState()
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    config.load()
    protocol = partial(GuardedHttpProtocol, config=config, server_state=state, app_state={})
    async with await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0) as listening:
        yield app, listening.sockets[0].getsockname()[1]
        for task in state.tasks:
            task.cancel()


@pytest.mark.parametrize("requests", [1, 2, 3])
async def test_the_running_request_learns_of_a_disconnect(server: tuple[App, int], requests: int) -> None:
    app, port = server
    async with asyncio.timeout(10):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET * requests)
        await app.started.acquire()
        writer.transport.abort()
        message = await app.messages.get()

    assert message == {"type": "http.disconnect"}
    assert (app.failures, app.started.locked()) == ([], True)
