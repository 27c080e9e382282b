"""A circuit breaker: after several failures in a row only one probe per interval goes to the provider."""

import time
from collections.abc import Callable


class CircuitBreaker:
    """A circuit breaker for one account: closed, open, or half-open.

    Call `allow_request` just before a call leaves, then `record_success` or `record_failure`.
    """

    def __init__(
        self, failures: int = 5, probe_interval_seconds: float = 10, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failure_threshold, self._probe_interval_seconds, self._clock = failures, probe_interval_seconds, clock
        self._failures = 0
        self._next_probe = 0.0  # an instant on `clock`

    @property
    def has_tripped(self) -> bool:
        """Whether it is open or half-open: no success since too many failures."""
        return self._failures >= self._failure_threshold

    def is_open(self) -> bool:
        """Whether no call may leave now. False when a probe is due."""
        return self.has_tripped and self._clock() < self._next_probe

    def allow_request(self) -> bool:
        """Return True while closed, and once per interval while open, for the probe that may close the breaker."""
        if not self.has_tripped:
            return True
        if self.is_open():
            return False
        self._next_probe = self._clock() + self._probe_interval_seconds
        return True

    def record_success(self) -> None:
        self._failures = 0

    def record_failure(self) -> None:
        """Count a failure. Only the failure that opens the breaker schedules the probe.

        Calls that were in flight then and fail later do not postpone it.
        """
        self._failures += 1
        if self._failures == self._failure_threshold:
            self._next_probe = self._clock() + self._probe_interval_seconds
