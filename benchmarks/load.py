"""Load by wrk, a load generator that uses less CPU than the servers that it measures."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("load.lua")
_TIMEOUT = 20  # seconds for one response


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The result of a load. Latencies are in milliseconds, from a request's first byte to its response's last one."""

    requests: int
    seconds: float
    bytes: int
    failures: int  # connection errors, timeouts, and responses other than 2xx
    p50: float
    p99: float


AVAILABLE = shutil.which("wrk") is not None


def run_load(url: str, bodies: list[bytes], connections: int, seconds: float, *, callers: bool = False) -> LoadResult:
    """Send the bodies in turn, without pause. With `callers` each request has another caller."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"--timeout={_TIMEOUT}s"]
        command += ["-s", str(_SCRIPT), url, "--", file.name, *(["callers"] if callers else [])]
        process = subprocess.run(command, capture_output=True, check=True, timeout=seconds + 3 * _TIMEOUT, text=True)
    return LoadResult(**json.loads(process.stdout.splitlines()[-1]))
