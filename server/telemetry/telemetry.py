"""The telemetry of one process, as its settings and environment want it."""

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import generate_latest

from providers.observer import UNOBSERVED, CallObserver

from .call_metrics import CallMetrics
from .metric_files import MetricFiles
from .metrics import Metrics
from .operation_metrics import OperationMetrics

if TYPE_CHECKING:
    from .tracing import Tracing


@dataclass(frozen=True)
class MetricsPort:
    """Where the metrics are served. `files`: where several workers keep them; None for a single process."""

    listener: socket.socket
    files: MetricFiles | None = None

    def close(self) -> None:
        """Close the listener and remove the files, after the last worker."""
        self.listener.close()
        if self.files is not None:
            self.files.remove()


class ProcessMetrics:
    """The metrics of this process, and what counts them. `worker` is the number of its slot."""

    def __init__(self, port: MetricsPort, worker: int = 0) -> None:
        self.port, self.worker = port, worker
        if port.files is not None:
            port.files.use_slot(worker)
        self.metrics = Metrics()
        self.metrics.worker_starts.inc()
        self.metrics.worker_start.labels(str(worker)).set_to_current_time()
        self.operations, self.calls = OperationMetrics(self.metrics), CallMetrics(self.metrics)

    def render(self) -> bytes:
        """Return the text of the metrics of all workers."""
        files = self.port.files
        return generate_latest(self.metrics.registry) if files is None else files.render()


@dataclass(frozen=True)
class Telemetry:
    """What an application reports to. None: nothing."""

    metrics: ProcessMetrics | None = None
    tracing: "Tracing | None" = None

    @property
    def call_observer(self) -> CallObserver:
        return UNOBSERVED if self.metrics is None else self.metrics.calls

    @property
    def operation_observer(self) -> OperationMetrics | None:
        return None if self.metrics is None else self.metrics.operations


NO_TELEMETRY = Telemetry()
