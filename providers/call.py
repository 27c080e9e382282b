"""The context of provider calls: every call receives it as an argument."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from execution.rows import ListSerializer
from execution.turns import Work

from .deadline import loop_time
from .dependencies import CacheDependencies
from .errors import RateLimited, TooManyCalls, TooManyCallsOfCaller
from .observer import Trace
from .recording import Recording
from .refilling_budget import RefillingBudget

MAX_CALL_SECONDS = 60.0  # seconds, for calls that no request waits for


def _default_deadline() -> float:
    return loop_time() + MAX_CALL_SECONDS


@dataclass(slots=True)
class CallBudget:
    """The provider calls that a request may still make. The operations of a batch share one.

    `of_caller` bounds all requests of its caller. None: no bound.
    """

    calls: int
    of_caller: RefillingBudget | None = None

    def take(self) -> type[RateLimited] | None:
        """Take one call. Returns the error if none is left."""
        if self.calls <= 0:
            return TooManyCalls
        if self.of_caller is not None and not self.of_caller.take(1):
            return TooManyCallsOfCaller
        self.calls -= 1
        return None


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
    caller: str = ""  # who waits for it: calls of one account take turns by caller
    work: Work | None = None  # which request waits for it: those of one caller take turns
    serializers: Sequence[ListSerializer] = ()  # serialize a list of line items when it is loaded
    trace: Trace | None = None  # None: the calls are not traced

    def for_flight(self) -> "CallContext":
        """Return the context of a fetch that several callers may share: without what belongs to this request only.

        The fetch takes the turns of the caller that started it, and its calls belong to that caller's trace.
        """
        return CallContext(
            self.deadline, caller=self.caller, work=self.work, serializers=self.serializers, trace=self.trace
        )
