"""Runs the command `invoicegraph` in its own process, for tests."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

_SLOW_CALLBACK = re.compile(r'^{"event": "Executing .* took [0-9.]+ seconds", "logger": "asyncio".*\n', re.MULTILINE)
COMMAND = [sys.executable, "-W", "default", str(Path(sys.executable).parent / "invoicegraph")]


def environment(**extra: str) -> dict[str, str]:
    """Return this process's environment without the variables of the service, plus `extra`."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("INVOICEGRAPH_")}
    return {**variables, "COLUMNS": "100", **extra}


async def run_command(*arguments: str, cwd: Path | str | None = None, **extra: str) -> tuple[int | None, str, str]:
    """Run a command that exits by itself. Returns its exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**extra), cwd=cwd
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode, out.decode(), _decode_stderr(err)


def _decode_stderr(err: bytes) -> str:
    """Drop asyncio's debug-mode warnings about slow callbacks: a busy machine causes them."""
    return _SLOW_CALLBACK.sub("", err.decode())


class ServiceProcess:
    """A running command that serves, with the URL from its first line."""

    def __init__(self, process: asyncio.subprocess.Process, first_line: str) -> None:
        self.process, self.first_line = process, first_line
        address = re.search(r"http://(?:[0-9.]+|\[[0-9a-f:]+\]):[0-9]+", first_line)
        assert address, first_line
        self.url = address[0]

    async def get(self, path: str, accept: str = "*/*") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(f"{self.url}{path}", headers={"Accept": accept})

    async def query(self, document: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return await client.post(f"{self.url}/graphql", json={"query": document})

    async def next_log_line(self) -> dict[str, object]:
        """Return the next line of the log."""
        assert self.process.stderr
        async with asyncio.timeout(20):
            while (line := await self.process.stderr.readline()) and not _decode_stderr(line):
                pass
        event: dict[str, object] = json.loads(line)
        return event

    async def stop(self, signal_number: signal.Signals) -> tuple[int | None, str, str]:
        """Send a signal. Returns the exit code, and stdout and stderr since the first line."""
        self.process.send_signal(signal_number)
        return await self.rest()

    async def rest(self) -> tuple[int | None, str, str]:
        """Wait for the exit. Returns the exit code, and stdout and stderr since the first line."""
        async with asyncio.timeout(20):
            out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), _decode_stderr(err)


@asynccontextmanager
async def start_command(
    *arguments: str, cwd: Path | str | None = None, command: Sequence[str] = COMMAND, **extra: str
) -> AsyncIterator[ServiceProcess]:
    """Start a command that serves, and yield it after its first line. Kills it at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**extra), cwd=cwd
    )
    assert process.stdout
    assert process.stderr
    try:
        async with asyncio.timeout(30):
            first_line = await (process.stdout if arguments[0] == "sandbox" else process.stderr).readline()
        yield ServiceProcess(process, first_line.decode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def write_config(folder: Path, accounts: list[tuple[str, str]], tables: str = "") -> str:
    """Write a configuration with a Fastly account for each base URL and key, after `tables`. Returns its path."""
    text = tables
    for number, (base_url, key) in enumerate(accounts, 1):
        secret = folder / f"key{number}"
        secret.write_text(f"{key}\n")
        secret.chmod(0o600)
        text += f'[[accounts]]\nid = "cdn{number}"\nprovider = "fastly"\nbase_url = "{base_url}"\n'
        text += f'api_key = {{ file = "{secret}" }}\n'
    config_path = folder / "invoicegraph.toml"
    config_path.write_text(text)
    return str(config_path)
