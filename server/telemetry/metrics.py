"""Every metric of the service: its name, its labels and what it counts. Labels have a bounded number of values."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

_PREFIX = "invoicegraph"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # of operations and calls
_FILE_SECONDS = (0.1, 0.5, 1, 5, 10, 30, 60, 120, 300)
_WAIT_SECONDS = (0.001, 0.01, 0.1, 1, 10)
disable_created_metrics()  # type: ignore[no-untyped-call]  # a gauge beside each counter that tells its age


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.operations = self._counter(
            "operations", "Operations that have ended.", "operation", "kind", "answer", "outcome"
        )
        self.operation_seconds = self._histogram(
            "operation_duration_seconds",
            "Time from the arrival of a query to its response, unless its answer was cached.",
            _SECONDS,
            "operation",
        )
        self.refusals = self._counter("refused_requests", "Requests without an operation, by error code.", "code")
        self.calls = self._counter(
            "provider_calls", "Attempts of calls to providers that have ended.", "account", "status", "cause"
        )
        self.call_seconds = self._histogram(
            "provider_call_duration_seconds", "Time of an attempt, waits included.", _SECONDS, "account"
        )
        self.rate_limit_wait_seconds = self._histogram(
            "rate_limit_wait_seconds", "Time that a call waited for a rate limit.", _WAIT_SECONDS, "account"
        )
        self.stale_answers = self._counter("stale_answers", "Expired resources that replaced a failure.", "account")
        self.restatements = self._counter("restatements", "Changes of issued invoices.", "account")
        self.discrepancies = self._counter(
            "discrepancies", "Checks that did not come out exact, each time they are computed.", "account", "severity"
        )
        self.cache_lookups = self._counter("cache_lookups", "Resources that operations needed.", "result")
        self.worker_starts = self._counter("worker_starts", "Processes that have started to serve.")
        self._declare_files()
        self._declare_gauges()

    def _declare_files(self) -> None:
        self.files = self._counter("exports", "Requests for files that have ended.", "file", "outcome")
        self.file_seconds = self._histogram(
            "export_duration_seconds",
            "Time from the arrival of a request for a file to the complete file.",
            _FILE_SECONDS,
            "file",
        )
        self.file_rows = self._counter("export_rows", "Rows of the files that were made.", "file")
        self.file_bytes = self._counter("export_bytes", "Bytes of the files that were made.", "file")

    def _declare_gauges(self) -> None:
        self.last_success = self._gauge(
            "account_last_success_timestamp_seconds",
            "When a call of the account last succeeded.",
            "account",
            mode="max",
        )
        self.breakers_open = self._gauge(
            "circuit_breakers_open", "Workers that hold back the calls of the account.", "account"
        )
        self.running = self._gauge("operations_running", "Operations that hold a slot.")
        self.waiting = self._gauge("operations_waiting", "Operations that wait for a slot.")
        self.streams = self._gauge("streams_open", "Open streams of subscriptions and incremental delivery.")
        self.memory = self._gauge("worker_memory_bytes", "Resident memory of a worker.", "worker")
        self.worker_start = self._gauge(
            "worker_start_timestamp_seconds", "When the process of a worker started to serve.", "worker"
        )
        self.cache_bytes = self._gauge("cache_bytes", "Estimated size of the cached provider data.")

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", help_text, labels, registry=self.registry)

    def _gauge(self, name: str, help_text: str, *labels: str, mode: str = "sum") -> Gauge:
        """`mode`: how the values of several workers become one."""
        return Gauge(f"{_PREFIX}_{name}", help_text, labels, registry=self.registry, multiprocess_mode=mode)  # type: ignore[arg-type]

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"{_PREFIX}_{name}", help_text, labels, registry=self.registry, buckets=buckets)
