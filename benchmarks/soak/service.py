"""The service under test: a process with accounts at the upstream's providers."""

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
from typing import Any

CONFIGURATION = """
[server]
deadline = 5
max_connections = 500

[cache]
megabytes = 16
answers = 2

[subscriptions]
poll = 1
most = 200
"""
ACCOUNT = """
[[accounts]]
api_key = {{ env = "SOAK_KEY_{number}" }}
rate_limit = {{ per_second = 10000, burst = 10000 }}
freshness = {{ settled = 2, invoice = 2, list = 2, month_to_date = 2, absent = 2, stale_for = 60 }}
attempts = 2
"""
COMMAND = (sys.executable, str(Path(sys.executable).with_name("invoicegraph")), "serve", "--port", "0", "--config")


class Service:
    """The running process, with the address from its first line."""

    def __init__(self, process: asyncio.subprocess.Process, first_line: str, log: Path) -> None:
        address = re.search(r"http://([0-9.]+):([0-9]+)/", first_line)
        if address is None:
            raise RuntimeError(f"The service did not start: {first_line}")
        self.host, self.port, self.pid = address[1], int(address[2]), process.pid
        self._log = log

    def logged_errors(self) -> list[str]:
        """Return the lines of the log that tell a bug of the service."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if '"level": "error"' in line]

    def resident_bytes(self) -> int:
        """Return the resident set size. Linux and macOS."""
        kilobytes = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, check=True).stdout
        return int(kilobytes) * 1024


@asynccontextmanager
async def run_service(folder: Path, accounts: Sequence[dict[str, Any]]) -> AsyncIterator[Service]:
    """Start the service, and stop it at the end. Its log is a file in `folder`."""
    keys = {f"SOAK_KEY_{number}": str(account["api_key"]) for number, account in enumerate(accounts)}
    text = CONFIGURATION + "".join(_account(number, account) for number, account in enumerate(accounts))
    path, log = folder / "soak.toml", folder / "log"
    path.write_text(text, encoding="utf-8")
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(*COMMAND, str(path), stderr=stream, env=os.environ | keys)
    try:
        yield Service(process, await _first_line(log, process), log)
        if process.returncode is not None:
            raise RuntimeError(f"The service exited with {process.returncode}.")
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


def _account(number: int, account: dict[str, Any]) -> str:
    settings = {name: value for name, value in account.items() if name != "api_key"}
    return ACCOUNT.format(number=number) + "".join(
        f"{name} = {json.dumps(value)}\n" for name, value in settings.items()
    )


async def _first_line(log: Path, process: asyncio.subprocess.Process) -> str:
    """Return the first line of the log, or all of it if the process ends."""
    text = ""
    while "\n" not in text and process.returncode is None:
        await asyncio.sleep(0.1)
        text = await asyncio.to_thread(log.read_text, "utf-8")
    return text.partition("\n")[0]
