"""A budget of points per minute, such as of the cost of operations or of provider calls."""

from .deadline import loop_time

SECONDS = 60.0  # in which an empty budget refills


class RefillingBudget:
    """Points that refill evenly, up to those of one minute: a token bucket that refuses instead of waiting.

    The token bucket of a provider's host makes calls wait, one token each. Here an operation takes many points at once.
    """

    def __init__(self, points_per_minute: int) -> None:
        self.points_per_minute = points_per_minute
        self._points, self._refilled_at = float(points_per_minute), loop_time()

    @property
    def remaining(self) -> int:
        """The points that are left. Below 0 it is 0."""
        return max(0, int(self._refill()))

    def take(self, points: int) -> bool:
        """Take points. Returns False if there are not enough.

        A full budget gives more than it has, and owes them afterwards. So it refuses no operation for ever.
        """
        is_granted = self._refill() >= min(points, self.points_per_minute)
        if is_granted:
            self._points -= points
        return is_granted

    def seconds_until(self, points: int) -> float:
        """Return the seconds until `take` gives these points."""
        missing = min(points, self.points_per_minute) - self._refill()
        return max(0.0, missing) * SECONDS / self.points_per_minute

    def _refill(self) -> float:
        now = loop_time()
        refill = (now - self._refilled_at) * self.points_per_minute / SECONDS
        self._points, self._refilled_at = min(self.points_per_minute, self._points + refill), now
        return self._points
