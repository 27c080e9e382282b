"""A real Redis or Valkey: the tests start one where a server is installed, else use the one on this machine."""

import asyncio
import shutil
import socket
from contextlib import closing, suppress

import pytest

BINARY = shutil.which("redis-server") or shutil.which("valkey-server")
DEFAULT_PORT = 6379


def _is_running() -> bool:
    """Whether a Redis without a password responds at the default port."""
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", DEFAULT_PORT), timeout=1)) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(5) == b"+PONG"
    return False


_NOT_INSTALLED = "neither redis-server nor valkey-server is on the PATH"
# For tests that stop the server or list all its keys.
needs_own_redis = pytest.mark.skipif(BINARY is None, reason=_NOT_INSTALLED)
needs_redis = pytest.mark.skipif(
    BINARY is None and not _is_running(), reason=f"{_NOT_INSTALLED}, and none runs at 127.0.0.1:{DEFAULT_PORT}"
)


class RedisServer:
    """A Redis server. If the tests started it, they can stop it and start it again on the same port."""

    def __init__(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free_port:
            self.port: int = free_port.getsockname()[1] if BINARY else DEFAULT_PORT
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        if BINARY is None:
            return
        self._process = await asyncio.create_subprocess_exec(
            *(BINARY, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(10):
            while not await self._accepts_connections():  # noqa: ASYNC110 (no event for readiness)
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

    async def _accepts_connections(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True
