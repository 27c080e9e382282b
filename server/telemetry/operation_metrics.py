"""Counts the operations of clients."""

from collections import Counter

from graphql import OperationType

from server.operations.audit import COMPLETE, MadeFile
from server.operations.operation import Answer, OperationRequest

from .labels import OTHER, UNNAMED, BoundedLabels
from .metrics import Metrics

MAX_TRUSTED_NAMES = 200  # names of operations in documents of manifests that have a label of their own
MAX_NAMES = 100  # other names, which clients choose


class OperationMetrics:
    """An OperationObserver.

    Answers from the response cache are counted by plain numbers, which `flush` adds to the metrics: they are so fast
    that a counter in a shared file would cost a twentieth of their time.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics, self._cached = metrics, Counter[str]()
        self._trusted_names, self._names = BoundedLabels(MAX_TRUSTED_NAMES), BoundedLabels(MAX_NAMES)

    def operation_ended(self, operation: OperationRequest, name: str | None, outcome: str) -> None:
        label = self._label(operation, name)
        if operation.answer is Answer.CACHED:
            self._cached[label] += 1
            return
        self._metrics.operations.labels(label, operation.kind.value, operation.answer.value, outcome).inc()
        if operation.kind is OperationType.QUERY:
            self._metrics.operation_seconds.labels(label).observe(operation.elapsed_ms() / 1000)

    def request_refused(self, outcome: str) -> None:
        self._metrics.refusals.labels(outcome).inc()

    def file_ended(self, file: str | None, outcome: str, made: MadeFile | None) -> None:
        label, metrics = file or OTHER, self._metrics
        metrics.files.labels(label, outcome).inc()
        if made is not None:
            metrics.file_seconds.labels(label).observe(made.seconds)
            metrics.file_rows.labels(label).inc(made.rows)
            metrics.file_bytes.labels(label).inc(made.size)

    def flush(self) -> None:
        """Add the cached answers that were counted so far to the metrics."""
        counted, self._cached = self._cached, Counter()
        for label, number in counted.items():
            self._metrics.operations.labels(label, "query", Answer.CACHED.value, COMPLETE).inc(number)

    def _label(self, operation: OperationRequest, name: str | None) -> str:
        """Return the name, if it is one of a bounded number.

        A refused operation adds none: it costs a client nothing to write any name.
        """
        if name is None:
            return UNNAMED
        label = self._trusted_names(name, may_add=operation.is_trusted)
        return self._names(name, may_add=operation.answer is not Answer.REFUSED) if label is OTHER else label
