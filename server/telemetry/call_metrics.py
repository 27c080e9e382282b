"""Counts the calls to providers."""

from providers.account import AccountRef
from schema.reconciliation import Severity

from .labels import BoundedLabels
from .metrics import Metrics

MAX_ACCOUNTS = 200  # accounts with a label of their own
SUCCESS = "success"  # the cause of a call that did not fail


class CallMetrics:
    """A CallObserver."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics, self._label = metrics, BoundedLabels(MAX_ACCOUNTS)

    def call_ended(self, account_ref: AccountRef, seconds: float, status: int | None, cause: str | None) -> None:
        account, metrics = self._label(account_ref.id), self._metrics
        metrics.calls.labels(account, _status_class(status), cause or SUCCESS).inc()
        metrics.call_seconds.labels(account).observe(seconds)
        if cause is None:
            metrics.last_success.labels(account).set_to_current_time()

    def rate_limit_waited(self, account_ref: AccountRef, seconds: float) -> None:
        self._metrics.rate_limit_wait_seconds.labels(self._label(account_ref.id)).observe(seconds)

    def breaker_changed(self, account_ref: AccountRef, *, is_open: bool) -> None:
        self._metrics.breakers_open.labels(self._label(account_ref.id)).set(is_open)

    def stale_served(self, account_ref: AccountRef) -> None:
        self._metrics.stale_answers.labels(self._label(account_ref.id)).inc()

    def invoice_restated(self, account_ref: AccountRef) -> None:
        self._metrics.restatements.labels(self._label(account_ref.id)).inc()

    def discrepancy_found(self, account_ref: AccountRef, severity: Severity) -> None:
        self._metrics.discrepancies.labels(self._label(account_ref.id), severity.value).inc()


def _status_class(status: int | None) -> str:
    """Return a class such as 5xx. Returns "none" if no status arrived."""
    return "none" if status is None else f"{status // 100}xx"
