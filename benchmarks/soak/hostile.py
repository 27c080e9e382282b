"""All hostile clients in one process: `python -m benchmarks.soak.hostile HOST PORT`, until SIGTERM.

It prints a line when it is ready. At the end it prints JSON: the rounds and the statuses of each kind of client, and
the failures of the service.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

import orjson

from . import connections, documents
from .wire import Response, Target

PAUSE_SECONDS = 4.0  # between two rounds of a client: all of them need about half a core of the service
MAX_EXAMPLES = 5
Attack = Callable[[Target], Awaitable[list[Response]]]


class Report:
    """What the clients have seen."""

    def __init__(self) -> None:
        self.rounds: Counter[str] = Counter()
        self.statuses: dict[str, Counter[str]] = {}
        self.failures: list[str] = []  # at most MAX_EXAMPLES

    def add(self, name: str, responses: list[Response]) -> None:
        self.rounds[name] += 1
        statuses = self.statuses.setdefault(name, Counter())
        for response in responses:
            statuses[str(response.status or "closed")] += 1
            if response.is_failure and len(self.failures) < MAX_EXAMPLES:
                self.failures.append(f"{name}: {response.status} {response.body[:200].decode(errors='replace')}")


async def _repeat(attack: Attack, target: Target, report: Report, delay: float) -> None:
    name = attack.__name__.replace("_", " ")
    await asyncio.sleep(delay)
    while True:
        try:
            report.add(name, await attack(target))
        except TimeoutError:
            report.add(f"{name}: no response", [])
        except OSError:
            report.add(f"{name}: no connection", [])
        await asyncio.sleep(PAUSE_SECONDS)


async def main(host: str, port: str) -> None:
    """Run all clients until SIGTERM."""
    os.nice(5)  # the service is measured, not how the machine shares its CPU
    stop_requested, report = asyncio.Event(), Report()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop_requested.set)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    attacks = (*documents.ATTACKS, *connections.ATTACKS)
    tasks = [
        asyncio.create_task(_repeat(attack, Target(host, int(port)), report, PAUSE_SECONDS * index / len(attacks)))
        for index, attack in enumerate(attacks)
    ]
    await stop_requested.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    sys.stdout.buffer.write(orjson.dumps(vars(report)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
