"""Measures the calls of one account, for `invoicegraph check`."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter

from providers.settings import AccountSettings

from .carrier import Carrier, CarrierRequest, CarrierResponse

CarrierWrapper = Callable[[AccountSettings, Carrier], Carrier]


class MeasuredCarrier:
    """A carrier that measures the responses that arrive through it, whatever their status."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.latency_seconds: float | None = None  # of the fastest call: later ones reuse its connection
        self.clock_skew_seconds: float | None = None  # how far the provider's clock is ahead; the header has seconds
        self.remaining_calls: int | None = None  # within the provider's own rate limit, if the provider states it

    async def get(self, request: CarrierRequest) -> CarrierResponse:
        sent_at, start = datetime.now(UTC), perf_counter()
        response = await self._carrier.get(request)
        seconds = perf_counter() - start
        if self.latency_seconds is None or seconds < self.latency_seconds:
            self.latency_seconds = seconds
            self.clock_skew_seconds = _skew(response.headers.get("date", ""), sent_at.timestamp() + seconds / 2)
        remaining = response.headers.get("fastly-ratelimit-remaining", "")[:12]
        if remaining.isascii() and remaining.isdigit():
            self.remaining_calls = int(remaining)
        return response

    async def aclose(self) -> None:
        """Leave the carrier open: accounts share it, and its owner closes it."""


def _skew(date: str, now: float) -> float | None:
    """Return the seconds from `now`, in seconds since 1970, to the header Date. Returns None if it cannot be read.

    A second that has begun is written as a whole one, so up to 1 s of difference is none.
    """
    try:
        moment = parsedate_to_datetime(date[:64])
    except (ValueError, OverflowError):
        return None
    difference = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
    return difference + 1 if difference < -1 else max(difference, 0.0)
