"""A real Redis or Valkey: the tests' own, where its server is installed, else one that runs on this machine."""

import asyncio
import shutil
import socket
from contextlib import closing, suppress

import pytest

BINARY = shutil.which("redis-server") or shutil.which("valkey-server")
RUNNING = 6379  # where one usually does


def _runs() -> bool:
    """Whether a Redis that asks for no password answers there."""
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", RUNNING), timeout=1)) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(5) == b"+PONG"
    return False


_NOT_INSTALLED = "neither redis-server nor valkey-server is on the PATH"
# For tests that stop it, or look at all that it holds.
needs_own_redis = pytest.mark.skipif(BINARY is None, reason=_NOT_INSTALLED)
needs_redis = pytest.mark.skipif(
    BINARY is None and not _runs(), reason=f"{_NOT_INSTALLED}, and none runs at 127.0.0.1:{RUNNING}"
)


class RedisServer:
    """Can be stopped and started again at the same address, if it is the tests' own."""

    def __init__(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1] if BINARY else RUNNING
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
            while not await self._answers():  # noqa: ASYNC110 (nothing tells when it is up)
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True
