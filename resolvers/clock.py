"""The time of a request."""

from datetime import UTC, datetime
from functools import cached_property

from providers.call import CallContext


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


class RequestClock:
    """One instant for the whole request. A response that depends on it is not cached."""

    def __init__(self, call: CallContext) -> None:
        self._call = call

    def now(self) -> datetime:
        if self._call.dependencies is not None:
            self._call.dependencies.is_cacheable = False
        return self._now

    @cached_property
    def _now(self) -> datetime:
        return utc_now()
