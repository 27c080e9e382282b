"""The page of results: what was measured, on what, and how to repeat it."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from .figures import Medians
from .process import ROOT
from .ratios import ratios
from .report import markdown, tables

_PACKAGES = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "httpx", "wreq", "msgspec")
_PEERS = Path(__file__).with_name("peers") / "package.json"
_TEXT = """# Performance

{how}

A ratio says how the service stands to what is named; where a time is wanted, less is better. Absolute numbers are of
one machine, and of no use but to compare the rows of one table.

## Ratios

{ratios}

## Measured

Requests a second, the time of an answer in milliseconds (median, 99th percentile), CPU of all of the server's processes
per query in milliseconds, its peak memory in MB since its start, calls of providers per query. `each another`: each
request shows another `Authorization`, so that nobody is flattered by what is shared between callers.

| state | meaning |
|---|---|
| uncached | every query calls its providers: nothing is kept or shared |
| in flight | nothing is kept; calls that are under way are shared |
| warm, stock | what was read is kept, no answer is; stock: with `compiled = false` |
| hot | whole answers are kept |
| cached | another gateway with its own cache on |
| constant | the service's HTTP server with a constant answer of that size |
| bare | no server: a list and its lines, one after the other, by a blocking client on a kept connection |

{tables}
{failures}
## Machine and versions

{machine}

## Repeat

`make bench BENCH="--write docs/performance.md"` measures and writes this page. What is asked, and how the others are
set up: [`benchmarks/`](../benchmarks/README.md).
"""


def page(medians: Medians, failures: Mapping[str, str], rounds: int, seconds: int) -> str:
    """In Markdown."""
    how = f"Medians of {rounds} rounds. In each, every server is started anew, warmed up, and asked for {seconds} s."
    found = "\n\n".join(f"### {name}\n\n{markdown(rows)}" for name, rows in tables(medians).items())
    left = "\n".join(f"- Left out: {what}: {why}" for what, why in failures.items())
    return _TEXT.format(
        how=how,
        ratios=markdown(ratios(medians)),
        tables=found,
        failures=f"\n{left}\n" if left else "",
        machine="\n".join(f"- {line}" for line in _machine()),
    )


def _machine() -> Iterator[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    yield f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB, {platform.system()} {platform.release()}"
    yield f"Python {platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    peers = json.loads(_PEERS.read_text(encoding="utf-8"))
    others = {**peers["dependencies"], **peers["optionalDependencies"]}
    yield f"node {_said('node', '--version')}; " + ", ".join(f"{name} {what}" for name, what in others.items())
    changed = " and uncommitted changes" if _said("git", "status", "--porcelain", "--untracked-files=no") else ""
    yield f"commit {_said('git', 'rev-parse', '--short', 'HEAD')}{changed}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
