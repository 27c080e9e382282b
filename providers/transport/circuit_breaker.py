"""A circuit breaker: after enough failures in a row only a probe now and then goes to a provider that is down."""

import time
from collections.abc import Callable


class CircuitBreaker:
    """Closed, open, or half open. A call asks `admits` when it is about to leave, and says how it went."""

    def __init__(self, failures: int = 5, seconds: float = 10, clock: Callable[[], float] = time.monotonic) -> None:
        self._failure_threshold, self._seconds, self._clock = failures, seconds, clock
        self._failures = 0
        self._next_probe = 0.0

    def is_open(self) -> bool:
        """Whether no call may leave now."""
        return self._failures >= self._failure_threshold and self._clock() < self._next_probe

    def allow_request(self) -> bool:
        """True while closed; once in each interval while open, for the probe that may close it again."""
        if self._failures < self._failure_threshold:
            return True
        if self.is_open():
            return False
        self._next_probe = self._clock() + self._seconds
        return True

    def record_success(self) -> None:
        self._failures = 0

    def record_failure(self) -> None:
        """Calls that were out when it opened, and fail later, put off no probe."""
        self._failures += 1
        if self._failures == self._failure_threshold:
            self._next_probe = self._clock() + self._seconds
