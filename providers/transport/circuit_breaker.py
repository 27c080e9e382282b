"""A circuit breaker: after enough failures in a row only a probe now and then goes to a provider that is down."""

import time
from collections.abc import Callable


class Breaker:
    """Closed, open, or half open. A call asks `admits` when it is about to leave, and says how it went."""

    def __init__(self, failures: int = 5, seconds: float = 10, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = failures, seconds, clock
        self._failures = 0
        self._next_probe = 0.0

    def refuses(self) -> bool:
        """Whether no call may leave now."""
        return self._failures >= self._most and self._clock() < self._next_probe

    def admits(self) -> bool:
        """True while closed; once in each interval while open, for the probe that may close it again."""
        if self._failures < self._most:
            return True
        if self.refuses():
            return False
        self._next_probe = self._clock() + self._seconds
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        """Calls that were out when it opened, and fail later, put off no probe."""
        self._failures += 1
        if self._failures == self._most:
            self._next_probe = self._clock() + self._seconds
