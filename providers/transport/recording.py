"""A provider's answers on tape: recorded while a source asks, and played to it instead of asking again."""

from contextvars import ContextVar
from datetime import datetime

import msgspec


class Answered(msgspec.Struct, frozen=True, array_like=True):
    """One answer as it came over the wire."""

    name: str  # of the question: path and query
    status: int
    body: bytes
    observed_at: datetime


class Blank(Exception):
    """Something is asked for that is not on the tape."""


class Tape:
    """Holds what was recorded before; adds what is asked now, unless it is `whole`."""

    def __init__(self, recorded: list[Answered] | None = None, *, whole: bool = False) -> None:
        self._answers = {answer.name: answer for answer in recorded or ()}
        self._whole = whole

    @property
    def answers(self) -> list[Answered]:
        return list(self._answers.values())

    def find(self, name: str) -> Answered | None:
        """Raises Blank where it should be there."""
        if self._whole and name not in self._answers:
            raise Blank
        return self._answers.get(name)

    def record(self, answer: Answered) -> None:
        self._answers[answer.name] = answer


tape: ContextVar[Tape | None] = ContextVar("tape", default=None)
