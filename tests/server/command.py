"""The command invoicegraph as a process of its own, for tests that run it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

_SLOW = re.compile(r"^WARNING:asyncio:Executing .* took [0-9.]+ seconds\n", re.MULTILINE)
COMMAND = [sys.executable, "-W", "default", str(Path(sys.executable).parent / "invoicegraph")]


def environment(**extra: str) -> dict[str, str]:
    """This one, without what would configure the service."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INVOICEGRAPH_")}
    return {**kept, "COLUMNS": "100", **extra}


async def run(*arguments: str, cwd: Path | None = None, **extra: str) -> tuple[int | None, str, str]:
    """The exit code of a command that ends by itself, and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**extra), cwd=cwd
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode, out.decode(), _said(err)


def _said(err: bytes) -> str:
    """Without what the development mode says of callbacks that were slow: this machine has other work too."""
    return _SLOW.sub("", err.decode())


class Running:
    """A command that serves, and the address that its first line tells."""

    def __init__(self, process: asyncio.subprocess.Process, said: str) -> None:
        self.process, self.said = process, said
        address = re.search(r"http://[0-9.]+:[0-9]+", said)
        assert address, said
        self.url = address[0]

    async def get(self, path: str, accept: str = "*/*") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(f"{self.url}{path}", headers={"Accept": accept})

    async def ask(self, query: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return await client.post(f"{self.url}/graphql", json={"query": query})

    async def line(self) -> dict[str, object]:
        """The next line of its log."""
        assert self.process.stderr
        async with asyncio.timeout(20):
            while (line := await self.process.stderr.readline()) and not _said(line):
                pass
        said: dict[str, object] = json.loads(line)
        return said

    async def end(self, number: signal.Signals) -> tuple[int | None, str, str]:
        """Its exit code after a signal, and all that it wrote since its first line."""
        self.process.send_signal(number)
        return await self.rest()

    async def rest(self) -> tuple[int | None, str, str]:
        """The exit code of a process that ends, and all that it wrote since its first line."""
        async with asyncio.timeout(20):
            out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), _said(err)


@asynccontextmanager
async def started(*arguments: str, cwd: Path | None = None, **extra: str) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**extra), cwd=cwd
    )
    assert process.stdout
    assert process.stderr
    try:
        async with asyncio.timeout(30):
            said = await (process.stdout if arguments[0] == "sandbox" else process.stderr).readline()
        yield Running(process, said.decode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def configured(folder: Path, accounts: list[tuple[str, str]], more: str = "") -> str:
    """A file with a Fastly account for each base URL and key; its path."""
    text = more
    for number, (base_url, key) in enumerate(accounts, 1):
        secret = folder / f"key{number}"
        secret.write_text(f"{key}\n")
        text += f'[[accounts]]\nid = "cdn{number}"\nprovider = "fastly"\nbase_url = "{base_url}"\n'
        text += f'api_key = {{ file = "{secret}" }}\n'
    file = folder / "invoicegraph.toml"
    file.write_text(text)
    return str(file)
