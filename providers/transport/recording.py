"""A provider's answers on tape: recorded while a source asks, and played to it instead of asking again."""

from contextvars import ContextVar
from datetime import datetime

import msgspec


class RecordedResponse(msgspec.Struct, frozen=True, array_like=True):
    """One answer as it came over the wire."""

    name: str  # of the question: path and query
    status: int
    body: bytes
    observed_at: datetime


class NotRecorded(Exception):
    """Something is asked for that is not on the tape."""


class Recording:
    """Holds what was recorded before; adds what is asked now, unless it is `whole`."""

    def __init__(self, recorded: list[RecordedResponse] | None = None, *, replay_only: bool = False) -> None:
        self._answers = {answer.name: answer for answer in recorded or ()}
        self._replay_only = replay_only

    @property
    def responses(self) -> list[RecordedResponse]:
        return list(self._answers.values())

    def find(self, name: str) -> RecordedResponse | None:
        """Raises Blank where it should be there."""
        if self._replay_only and name not in self._answers:
            raise NotRecorded
        return self._answers.get(name)

    def record(self, answer: RecordedResponse) -> None:
        self._answers[answer.name] = answer


recording: ContextVar[Recording | None] = ContextVar("tape", default=None)
