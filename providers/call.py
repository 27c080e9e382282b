"""The context of provider calls: every call receives it as an argument."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from execution.rows import ListSerializer

from .deadline import loop_time
from .dependencies import CacheDependencies
from .recording import Recording

MAX_CALL_SECONDS = 60.0  # seconds, for calls that no request waits for


def _default_deadline() -> float:
    return loop_time() + MAX_CALL_SECONDS


@dataclass(slots=True)
class CallBudget:
    """The provider calls that a request may still make. The operations of a batch share one."""

    calls: int

    def take(self) -> bool:
        """Take one call. Returns False if none is left."""
        self.calls -= 1
        return self.calls >= 0


class CallContext(msgspec.Struct):
    """What a request, or another caller, passes with all of its provider calls.

    The default is the context of a call that no request waits for. Create it inside the event loop.
    """

    deadline: float = msgspec.field(
        default_factory=_default_deadline
    )  # on the loop's clock: when all calls must have ended
    bypass_cache: bool = False  # fetch every value from its provider, even if a fresh one is cached
    dependencies: CacheDependencies | None = None  # collects what the response depends on
    recording: Recording | None = None  # records the responses, or replays them
    budget: CallBudget | None = None  # None: no bound
    serializers: Sequence[ListSerializer] = ()  # serialize a list of line items when it is loaded

    def for_flight(self) -> "CallContext":
        """Return the context of a fetch that several callers may share: without what belongs to this caller only."""
        return CallContext(self.deadline, serializers=self.serializers)
