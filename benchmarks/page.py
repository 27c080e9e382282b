"""The page of results: figures, machine and versions, and how to repeat the run."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from .figures import Medians
from .process import ROOT
from .ratios import missed_targets, ratio_table
from .report import format_markdown, result_tables

_PACKAGES = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "httpx", "ry", "msgspec")
_PEERS = Path(__file__).with_name("peers") / "package.json"
_TEXT = """# Performance

{how}

A ratio compares the service with the server in its row. For throughput more is better, for latency and provider calls
less. Absolute figures are valid for one machine only: use them to compare the rows of one table.

## Ratios

{ratios}
{missed}
## Measured

Requests per second, latency in milliseconds (median, 99th percentile), CPU of all processes of the server per query in
milliseconds, its peak memory in MB since its start, provider calls per query. Callers, `one per request`: each request
has another `Authorization`, so a server cannot gain from sharing between callers.

| state | meaning |
|---|---|
| uncached | every query calls its providers: nothing is cached or shared |
| in flight | nothing is cached; concurrent identical calls are shared |
| warm | provider data is cached, responses are not |
| stock | as warm, with `compiled = false` |
| hot | whole responses are cached |
| cached | another gateway with its own cache |
| constant | the service's HTTP server with a constant body of the same size |
| bare | no server: a list and its line items, one after the other, by a blocking client on a kept-alive connection |

{tables}
{failures}
## Machine and versions

{machine}

## Repeat

`make bench BENCH="--write docs/performance.md"` measures and writes this page. Workloads, method and the setup of the
other servers: [`benchmarks/`](../benchmarks/README.md).
"""


def render_page(medians: Medians, failures: Mapping[str, str], rounds: int, seconds: int) -> str:
    """Return the page in Markdown."""
    how = f"Medians of {rounds} rounds. In each round every server is restarted, warmed up, and loaded for {seconds} s."
    tables = "\n\n".join(f"### {name}\n\n{format_markdown(rows)}" for name, rows in result_tables(medians).items())
    reasons = "\n".join(f"- {reason}" for reason in missed_targets(medians))
    not_measured = "\n".join(f"- Not measured: {label}: {reason}" for label, reason in failures.items())
    return _TEXT.format(
        how=how,
        ratios=format_markdown(ratio_table(medians)),
        missed=f"\n### Missed targets\n\n{reasons}\n" if reasons else "",
        tables=tables,
        failures=f"\n{not_measured}\n" if not_measured else "",
        machine="\n".join(f"- {line}" for line in _machine()),
    )


def _machine() -> Iterator[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    yield f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB, {platform.system()} {platform.release()}"
    yield f"Python {platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    peers = json.loads(_PEERS.read_text(encoding="utf-8"))
    others = {**peers["dependencies"], **peers["optionalDependencies"]}
    yield (
        f"node {_command_output('node', '--version')}; "
        + ", ".join(f"{name} {number}" for name, number in others.items())
        + ". `tailcall-before` is an older build, used if the newer one does not run on the machine"
    )
    changed = (
        " and uncommitted changes" if _command_output("git", "status", "--porcelain", "--untracked-files=no") else ""
    )
    yield f"commit {_command_output('git', 'rev-parse', '--short', 'HEAD')}{changed}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _command_output(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
