"""Where the payment of an invoice stands, in the provider's words and in ours."""

from datetime import UTC, datetime
from enum import Enum

import strawberry

_NEVER = datetime.min.replace(tzinfo=UTC)


@strawberry.enum(description="Where a payment stands.")
class PaymentStatus(Enum):
    """Closed for clients; a provider's unknown word is UNRECOGNIZED."""

    PENDING = strawberry.enum_value(
        "PENDING", description="Billed; no payment has been tried yet, or none has arrived."
    )
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="A payment is on its way.")
    PAID = strawberry.enum_value("PAID", description="The invoice is settled.")
    FAILED = strawberry.enum_value("FAILED", description="A payment failed; another try, and PAID, may follow.")
    UNRECOGNIZED = strawberry.enum_value(
        "UNRECOGNIZED",
        description="The provider uses a word that this graph does not know yet: see PaymentState.word.",
    )


@strawberry.type(description="One step in the history of an invoice's payment.")
class PaymentState:
    """One step, as the provider recorded it."""

    status: PaymentStatus = strawberry.field(description="What the step means.")
    word: str = strawberry.field(description="The provider's own word for it.")
    message: str | None = strawberry.field(description="What the provider adds. Null when it adds nothing.")
    at: datetime | None = strawberry.field(
        description="When the state was reached. Null when the provider states no instant."
    )


def history(states: list[PaymentState]) -> list[PaymentState]:
    """Earliest first; states without an instant come first, in the provider's order."""
    return sorted(states, key=lambda state: state.at or _NEVER)


def current(states: list[PaymentState] | None) -> PaymentStatus | None:
    """Where payment stands now, by its history: the latest state, or the only one.

    Null when nothing is stated, when two different states share the latest instant, and when several
    states carry no instant at all: the order of the wire is not documented, so nothing is guessed from it.
    """
    if not states:
        return None
    last = {state.word: state.status for state in states if state.at == states[-1].at}
    return next(iter(last.values())) if len(last) == 1 else None
