"""Files in memory by which several workers share their metrics: one set for each worker slot.

A counter is in its file as soon as it is counted. The process that replaces a dead worker continues its files.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it); also writable where the root is read-only
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # by which prometheus-client finds the files


class MetricFiles:
    """The folder of the files. The supervisor creates it before the workers, and removes it after them.

    A worker has at most about 4 MB of files, because the labels are bounded.
    """

    def __init__(self) -> None:
        folder = _MEMORY if os.access(_MEMORY, os.W_OK) else None
        self._folder = Path(tempfile.mkdtemp(prefix=f"invoicegraph-metrics-{os.getpid()}-", dir=folder))

    def use_slot(self, slot: int) -> None:
        """Keep the metrics that this process declares from now on in the files of a worker slot."""
        for path in self._folder.glob(f"gauge_*_{slot}.db"):  # the state of the worker that this one replaces
            path.unlink()
        os.environ[_VARIABLE] = str(self._folder)
        values.ValueClass = values.MultiProcessValue(_constant(slot))  # type: ignore[no-untyped-call]

    def render(self) -> bytes:
        """Return the text of the metrics of all workers."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _constant(slot: int) -> Callable[[], int]:
    return lambda: slot
