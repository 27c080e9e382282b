"""Requests without pause, by wrk: the one load generator that costs less than what it measures."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("load.lua")
_LONGEST = 20  # seconds that one answer may take


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it; milliseconds from the first byte of a request to the last of its answer."""

    requests: int
    seconds: float
    bytes: int
    failures: int  # of connections, in time, and answers that are no 2xx
    p50: float
    p99: float


AVAILABLE = shutil.which("wrk") is not None


def load(url: str, bodies: list[bytes], connections: int, seconds: float, *, callers: bool = False) -> Load:
    """Sends the bodies in turn; `callers`: each request by another caller."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"--timeout={_LONGEST}s"]
        command += ["-s", str(_SCRIPT), url, "--", file.name, *(["callers"] if callers else [])]
        ran = subprocess.run(command, capture_output=True, check=True, timeout=seconds + 3 * _LONGEST, text=True)
    return Load(**json.loads(ran.stdout.splitlines()[-1]))
