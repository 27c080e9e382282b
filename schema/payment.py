"""Payment of an invoice, in the provider's words and in the schema's."""

from datetime import UTC, datetime
from enum import Enum

import strawberry

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@strawberry.enum(description="Status of an invoice's payment.")
class PaymentStatus(Enum):
    """Our own words, not the provider's. An unknown word of a provider becomes UNRECOGNIZED."""

    PENDING = strawberry.enum_value(
        "PENDING", description="The invoice is billed. No payment was attempted yet, or none has arrived."
    )
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="A payment is in progress.")
    PAID = strawberry.enum_value("PAID", description="The invoice is settled.")
    FAILED = strawberry.enum_value("FAILED", description="A payment failed. Another attempt, and `PAID`, may follow.")
    UNRECOGNIZED = strawberry.enum_value(
        "UNRECOGNIZED",
        description="The provider uses a word that this service does not know yet. See `PaymentState.word`.",
    )


@strawberry.type(description="A state in the payment history of an invoice.")
class PaymentState:
    """One state, as the provider recorded it."""

    status: PaymentStatus = strawberry.field(description="Meaning of the state.")
    word: str = strawberry.field(description="The provider's own word for the state.")
    message: str | None = strawberry.field(description="Message that the provider adds. Null if it adds none.")
    at: datetime | None = strawberry.field(
        description="Time when the state was reached. Null if the provider states no time."
    )


def sort_states(states: list[PaymentState]) -> list[PaymentState]:
    """Sort states, earliest first. States without an instant come first, in the provider's order."""
    return sorted(states, key=lambda state: state.at or _EARLIEST)


def current_status(states: list[PaymentState] | None) -> PaymentStatus | None:
    """Return the status of the latest state in a sorted history, or of its only state.

    Returns None if there is no state, if two different states share the latest instant, or if different states
    have no instant at all. The provider does not document the order of its states, so this function does not use it.
    """
    if not states:
        return None
    latest = {state.word: state.status for state in states if state.at == states[-1].at}
    return next(iter(latest.values())) if len(latest) == 1 else None
