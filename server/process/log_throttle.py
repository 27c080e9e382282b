"""Bounds the log: an event that repeats is one line a minute, with a count."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from structlog.typing import EventDict, WrappedLogger

INTERVAL = 60  # seconds
MAX_LINES = 1_000  # lines whose repetitions are counted; the oldest leave first
KEY_FIELDS = {  # by event: the fields that tell two lines apart
    "A call to a provider failed.": ("account", "code", "cause", "status"),
    "A request was not authenticated.": ("cause",),
    "The keys of the issuer could not be fetched.": ("cause",),
    "Line items have amounts under unknown keys.": ("account",),
    "A field of a provider's response has an unexpected value.": ("key", "expected", "account"),
}
_Key = tuple[object, ...]


@dataclass(slots=True)
class Line:
    """A line of the log: when it was written, and its repetitions since then."""

    written_at: float
    repeated: int = 0


class LogThrottle:
    """A structlog processor. It drops the repetitions of an event in KEY_FIELDS that follow within INTERVAL.

    Inside an event loop, one more line with their number as `repeated` is written at the end of the interval. Otherwise
    the next line has the number.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lines: dict[_Key, Line] = {}

    def __call__(self, _: WrappedLogger, method: str, event: EventDict) -> EventDict:
        fields = KEY_FIELDS.get(event["event"])
        if fields is None:
            return event
        key = (event["event"], *map(event.get, fields))
        now, line = self._clock(), self._lines.pop(key, None)
        if line is None or now - line.written_at >= INTERVAL:
            self._lines[key] = Line(now)
            if len(self._lines) > MAX_LINES:
                del self._lines[next(iter(self._lines))]
            return {**event, "repeated": line.repeated} if line and line.repeated else event
        line.repeated += 1
        self._lines[key] = line
        if line.repeated == 1:
            self._write_later(line.written_at + INTERVAL - now, key, line, method, dict(event))
        raise structlog.DropEvent

    def _write_later(self, delay: float, key: _Key, line: Line, method: str, event: EventDict) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        loop.call_later(delay, partial(self._write_count, key, line, method, event))

    def _write_count(self, key: _Key, line: Line, method: str, event: EventDict) -> None:
        if self._lines.get(key) is line:  # else a later line has the count
            del self._lines[key]
            getattr(structlog.get_logger(), method)(**event, repeated=line.repeated)
