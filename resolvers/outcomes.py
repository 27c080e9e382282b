"""What a request was told, account by account, whether or not its caller selected any coverage."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from providers.errors import ProviderError, TimedOut, most_common
from providers.source import InvoicePage, LineItems
from schema.coverage import CoverageStatus, FailureCode
from schema.invoice import Invoice
from schema.scalars import format_rfc3339

from .accounts import ConnectedAccount


@dataclass(slots=True)
class AccountOutcome:
    """One account, and everything that it answered in one request."""

    account: ConnectedAccount
    pending: int = 0
    responses: int = 0
    was_listed: bool = False  # its list was asked for
    oldest: datetime | None = None
    failures: list[ProviderError] = field(default_factory=list)
    stale_reason: ProviderError | None = None

    def record_response(self, answer: object) -> None:
        """Notes how old an answer is, and what of it could not be read."""
        self.pending -= 1
        self.responses += 1
        if isinstance(answer, InvoicePage):
            self.was_listed = True
            self.failures += answer.failures
        if isinstance(answer, (Invoice, InvoicePage, LineItems)):
            self._record_observation(answer.observed_at, answer.stale_reason)

    def _record_observation(self, at: datetime | None, stale_because: Exception | None) -> None:
        if at is not None:
            self.oldest = min(at, self.oldest or at)
            self.account.health_record.record_success(at)
        if isinstance(stale_because, ProviderError):
            self.stale_reason = stale_because
            self.account.health_record.record_failure(stale_because)

    def record_failure(self, failure: ProviderError) -> None:
        self.pending -= 1
        self.failures.append(failure)
        self.account.health_record.record_failure(failure)

    def mark_timed_out(self) -> None:
        """Notes what has not come by the end, of which nobody can say whether its provider would have failed."""
        self.failures += [TimedOut(self.account.owner)] * self.pending
        self.pending = 0

    @property
    def status(self) -> CoverageStatus:
        if self.failures:
            return CoverageStatus.PARTIAL if self.responses else CoverageStatus.MISSING
        if self.stale_reason:
            return CoverageStatus.STALE
        return CoverageStatus.PARTIAL if self._is_unlisted else CoverageStatus.COMPLETE

    @property
    def code(self) -> FailureCode | None:
        reason = most_common(self.failures) if self.failures else self.stale_reason
        if reason is not None:
            return reason.code
        return FailureCode.UNLISTED if self._is_unlisted else None

    @property
    def _is_unlisted(self) -> bool:
        return self.was_listed and not self.account.spec.has_list_endpoint

    def entry(self) -> dict[str, Any]:
        """As it stands in the answer's extensions."""
        return {
            "account": self.account.id,
            "status": self.status.name,
            "code": self.code.name if self.code else None,
            "asOf": format_rfc3339(self.oldest) if self.oldest else None,
        }


class RequestOutcomes:
    """One request's accounts, in the order in which they were first asked."""

    def __init__(self) -> None:
        self._outcomes: dict[str, AccountOutcome] = {}

    def begin(self, member: ConnectedAccount) -> AccountOutcome:
        """For one question more to the account."""
        asked = self._outcomes.get(member.id)
        if asked is None:
            asked = self._outcomes[member.id] = AccountOutcome(member)
        asked.pending += 1
        return asked

    def mark_timed_out(self) -> None:
        """The request's time is up."""
        for asked in self._outcomes.values():
            asked.mark_timed_out()

    def entries(self) -> list[dict[str, Any]]:
        return [asked.entry() for asked in self._outcomes.values()]

    @property
    def oldest(self) -> datetime | None:
        """The oldest observation in the whole answer."""
        return min((asked.oldest for asked in self._outcomes.values() if asked.oldest), default=None)

    @property
    def codes(self) -> set[FailureCode]:
        """Why something is missing."""
        return {failure.code for asked in self._outcomes.values() for failure in asked.failures}

    @property
    def is_complete(self) -> bool:
        """Whether nothing failed and nothing is older than it should be."""
        return not any(asked.failures or asked.stale_reason for asked in self._outcomes.values())
