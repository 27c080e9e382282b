"""What a request was told, account by account, whether or not its caller selected any coverage."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from providers.errors import ProviderError, TimedOut, usual
from providers.source import InvoicePage, Lines
from schema.coverage import CoverageStatus, FailureCode
from schema.invoice import Invoice
from schema.values import format_rfc3339

from .accounts import Member


@dataclass(slots=True)
class Asked:
    """One account, and everything that it answered in one request."""

    member: Member
    under_way: int = 0
    answers: int = 0
    listed: bool = False  # its list was asked for
    oldest: datetime | None = None
    failures: list[ProviderError] = field(default_factory=list)
    stale_because: ProviderError | None = None

    def answered(self, answer: object) -> None:
        """Notes how old an answer is, and what of it could not be read."""
        self.under_way -= 1
        self.answers += 1
        if isinstance(answer, InvoicePage):
            self.listed = True
            self.failures += answer.failures
        if isinstance(answer, (Invoice, InvoicePage, Lines)):
            self._read(answer.observed_at, answer.stale_reason)

    def _read(self, at: datetime | None, stale_because: Exception | None) -> None:
        if at is not None:
            self.oldest = min(at, self.oldest or at)
            self.member.record.succeeded(at)
        if isinstance(stale_because, ProviderError):
            self.stale_because = stale_because
            self.member.record.failed(stale_because)

    def failed(self, failure: ProviderError) -> None:
        self.under_way -= 1
        self.failures.append(failure)
        self.member.record.failed(failure)

    def late(self) -> None:
        """Notes what has not come by the end, of which nobody can say whether its provider would have failed."""
        self.failures += [TimedOut(self.member.owner)] * self.under_way
        self.under_way = 0

    @property
    def status(self) -> CoverageStatus:
        if self.failures:
            return CoverageStatus.PARTIAL if self.answers else CoverageStatus.MISSING
        if self.stale_because:
            return CoverageStatus.STALE
        return CoverageStatus.PARTIAL if self._unlisted else CoverageStatus.COMPLETE

    @property
    def code(self) -> FailureCode | None:
        reason = usual(self.failures) if self.failures else self.stale_because
        if reason is not None:
            return reason.code
        return FailureCode.UNLISTED if self._unlisted else None

    @property
    def _unlisted(self) -> bool:
        return self.listed and not self.member.kind.listed

    def entry(self) -> dict[str, Any]:
        """As it stands in the answer's extensions."""
        return {
            "account": self.member.id,
            "status": self.status.name,
            "code": self.code.name if self.code else None,
            "asOf": format_rfc3339(self.oldest) if self.oldest else None,
        }


class Ledger:
    """One request's accounts, in the order in which they were first asked."""

    def __init__(self) -> None:
        self._accounts: dict[str, Asked] = {}

    def of(self, member: Member) -> Asked:
        """For one question more to the account."""
        asked = self._accounts.get(member.id)
        if asked is None:
            asked = self._accounts[member.id] = Asked(member)
        asked.under_way += 1
        return asked

    def late(self) -> None:
        """The request's time is up."""
        for asked in self._accounts.values():
            asked.late()

    def entries(self) -> list[dict[str, Any]]:
        return [asked.entry() for asked in self._accounts.values()]

    @property
    def oldest(self) -> datetime | None:
        """The oldest observation in the whole answer."""
        return min((asked.oldest for asked in self._accounts.values() if asked.oldest), default=None)

    @property
    def codes(self) -> set[FailureCode]:
        """Why something is missing."""
        return {failure.code for asked in self._accounts.values() for failure in asked.failures}

    @property
    def whole(self) -> bool:
        """Whether nothing failed and nothing is older than it should be."""
        return not any(asked.failures or asked.stale_because for asked in self._accounts.values())
