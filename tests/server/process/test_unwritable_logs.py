"""A log that cannot be written: the service continues, with one process and with several."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.server.command import COMMAND, environment, write_config

MAX_WAIT = 20  # seconds


@asynccontextmanager
async def service_with_log(stderr: int, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Start the service with that descriptor as its log. Yields the process and the URL, when it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", "--port", str(port), *options, stderr=stderr, env=environment()
    )
    try:
        await get(f"http://127.0.0.1:{port}/readyz")
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def get(url: str) -> int:
    """Return the status of a URL as soon as the service accepts connections."""
    async with asyncio.timeout(MAX_WAIT), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                return (await client.get(url)).status_code
            except httpx.ConnectError:
                await asyncio.sleep(0.05)


async def send_invalid_http(url: str, count: int) -> None:
    """Make the service write that many lines to its log."""
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
        writer.write(b"\x16\x03\x01\r\n\r\n")
        async with asyncio.timeout(MAX_WAIT):
            assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("log", ["closed pipe", "pipe that is not read", "full disk"])
async def test_service_continues_without_its_log(tmp_path: Path, log: str, workers: str) -> None:
    config = Path(write_config(tmp_path, [("http://127.0.0.1:1", "k")]))
    reading, writing = os.pipe()
    if log == "full disk":
        os.close(writing)
        writing = os.open("/dev/full", os.O_WRONLY)
    elif log == "closed pipe":
        os.close(reading)
    else:
        os.set_blocking(writing, False)
        while _fill(writing):
            pass
        os.set_blocking(writing, True)
    async with service_with_log(writing, "--config", str(config), "--workers", workers) as (process, url):
        await send_invalid_http(url, 30)
        process.send_signal(signal.SIGHUP)
        assert (await get(f"{url}/readyz"), await get(f"{url}/healthz")) == (200, 200)

        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(MAX_WAIT):
            assert await process.wait() == 0
    os.close(writing)


def _fill(pipe: int) -> bool:
    """Write to a pipe. Returns False if it is full."""
    try:
        return os.write(pipe, b"a" * 65_536) > 0
    except BlockingIOError:
        return False
