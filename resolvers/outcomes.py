"""Outcome of a request for each account, recorded even if the client does not select coverage."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from providers.errors import ProviderError, TimedOut, most_common
from providers.source import InvoicePage, LineItems
from schema.coverage import CoverageStatus, FailureCode
from schema.invoice import Invoice
from schema.scalars import format_rfc3339

from .accounts import ConnectedAccount

MAX_WARNINGS = 20  # in one response
MAX_FAILED_KEYS = 10  # in one explanation


def coverage_status(
    failures: Sequence[ProviderError],
    stale_reason: ProviderError | None,
    *,
    has_data: bool,
    is_unlisted: bool,
    has_exclusions: bool = False,
) -> CoverageStatus:
    """Return how complete an account's data is.

    `is_unlisted`: the data is a list, and the provider has no list endpoint.
    `has_exclusions`: invoices are excluded because they do not state what the filter asks for.
    """
    if failures and not has_data:
        return CoverageStatus.MISSING
    if failures or has_exclusions:
        return CoverageStatus.PARTIAL
    if stale_reason:
        return CoverageStatus.STALE
    return CoverageStatus.PARTIAL if is_unlisted else CoverageStatus.COMPLETE


def coverage_code(
    failures: Sequence[ProviderError], stale_reason: ProviderError | None, *, is_unlisted: bool
) -> FailureCode | None:
    """Return why an account's data is missing or stale. Returns None if it is present and current."""
    reason = most_common(failures) if failures else stale_reason
    if reason is not None:
        return reason.code
    return FailureCode.UNLISTED if is_unlisted else None


@dataclass(slots=True)
class AccountOutcome:
    """Everything that one account's provider returned in one request."""

    account: ConnectedAccount
    pending: int = 0
    fetches: int = 0  # resources that were not in memory
    has_data: bool = False  # a response holds an invoice, line items or a fact; an empty or unreadable page does not
    has_exclusions: bool = False  # invoices do not state what a filter asks for
    was_listed: bool = False  # the request fetched a page of its list
    oldest: datetime | None = None
    failures: list[ProviderError] = field(default_factory=list)
    failed_keys: dict[str, None] = field(default_factory=dict)  # of invoices that the configuration names, in order
    stale_reason: ProviderError | None = None

    def record_response(self, response: object) -> None:
        """Record the age of a response, and the entries of it that could not be read."""
        self.pending -= 1
        self.has_data |= bool(response.invoices) if isinstance(response, InvoicePage) else response is not None
        if isinstance(response, InvoicePage):
            self.was_listed = True
            self.failures += response.failures
        if isinstance(response, (Invoice, InvoicePage, LineItems)):
            self._record_observation(response.observed_at, response.stale_reason)

    def _record_observation(self, observed_at: datetime | None, stale_reason: Exception | None) -> None:
        if observed_at is not None:
            self.oldest = min(observed_at, self.oldest or observed_at)
            self.account.health_record.record_success(observed_at)
        if isinstance(stale_reason, ProviderError):
            self.stale_reason = stale_reason
            self.account.health_record.record_failure(stale_reason)

    def record_failure(self, failure: ProviderError) -> None:
        self.pending -= 1
        self.failures.append(failure)
        self.account.health_record.record_failure(failure)

    def record_refusal(self, failure: ProviderError) -> None:
        """Record a call that was not made. The health record ignores it: the provider has not failed."""
        self.pending -= 1
        self.failures.append(failure)

    def mark_timed_out(self) -> None:
        """Record pending calls as timed out. The health record ignores them: the provider might not have failed."""
        self.failures += [TimedOut(self.account.account_ref)] * self.pending
        self.pending = 0

    @property
    def status(self) -> CoverageStatus:
        return coverage_status(
            self.failures,
            self.stale_reason,
            has_data=self.has_data,
            is_unlisted=self._is_unlisted,
            has_exclusions=self.has_exclusions,
        )

    @property
    def code(self) -> FailureCode | None:
        return coverage_code(self.failures, self.stale_reason, is_unlisted=self._is_unlisted)

    @property
    def _is_unlisted(self) -> bool:
        return self.was_listed and self.account.is_unlisted

    def to_json(self) -> dict[str, Any]:
        """Return the account's entry in the response's `extensions.coverage`."""
        code = self.code
        return {
            "account": self.account.id,
            "status": self.status.name,
            "code": code.name if code else None,
            "asOf": format_rfc3339(self.oldest) if self.oldest else None,
        }


class RequestOutcomes:
    """The outcomes of one request, by account, in the order of the accounts' first calls."""

    def __init__(self, *, has_sandbox: bool = False) -> None:
        """`has_sandbox`: the caller sees an account whose data is simulated."""
        self.has_sandbox = has_sandbox
        self._outcomes: dict[str, AccountOutcome] = {}
        self._warnings: dict[tuple[str, ...], dict[str, Any]] = {}  # by what each one is about

    def can_warn(self, key: tuple[str, ...]) -> bool:
        """Return True if the response may have one more warning, and has none with this key."""
        return len(self._warnings) < MAX_WARNINGS and key not in self._warnings

    def warn(self, key: tuple[str, ...], warning: dict[str, Any]) -> None:
        self._warnings[key] = warning

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """The response's `extensions.warnings`."""
        return list(self._warnings.values())

    def begin(self, account: ConnectedAccount) -> AccountOutcome:
        """Register one more pending call, and return the account's outcome."""
        outcome = self.of(account)
        outcome.pending += 1
        return outcome

    def of(self, account: ConnectedAccount) -> AccountOutcome:
        """Return the account's outcome. The response then has an entry for the account, also without a call."""
        outcome = self._outcomes.get(account.id)
        if outcome is None:
            outcome = self._outcomes[account.id] = AccountOutcome(account)
        return outcome

    def mark_timed_out(self) -> None:
        """Record every pending call as timed out, because the request's deadline has passed."""
        for outcome in self._outcomes.values():
            outcome.mark_timed_out()

    def cause(self, account_id: str) -> str | None:
        """Return the word of the log for the cause of an account's failure. Returns None if the code says enough."""
        outcome = self._outcomes.get(account_id)
        cause = most_common(outcome.failures).cause if outcome and outcome.failures else None
        return cause.value if cause else None

    def explanation(self, account_id: str) -> str | None:
        """Return the cause of an account's failure in sentences for operators, or None if the code says enough."""
        outcome = self._outcomes.get(account_id)
        if outcome is None or not outcome.failures:
            return None
        keys, more = list(outcome.failed_keys)[:MAX_FAILED_KEYS], len(outcome.failed_keys) - MAX_FAILED_KEYS
        ending = f" and {more} more" if more > 0 else ""
        affected = f"Invoices that failed: {', '.join(keys)}{ending}." if keys else None
        return " ".join(filter(None, (most_common(outcome.failures).explanation, affected))) or None

    @property
    def account_ids(self) -> Iterable[str]:
        """The ids of the accounts that the request called."""
        return self._outcomes.keys()

    @property
    def fetches(self) -> int:
        """The number of resources that were not in memory."""
        return sum(outcome.fetches for outcome in self._outcomes.values())

    def entries(self) -> list[dict[str, Any]]:
        """Return the response's `extensions.coverage`."""
        return [outcome.to_json() for outcome in self._outcomes.values()]

    @property
    def oldest_observation(self) -> datetime | None:
        """Time of the oldest provider response that the request used."""
        return min((outcome.oldest for outcome in self._outcomes.values() if outcome.oldest), default=None)

    @property
    def codes(self) -> set[FailureCode]:
        """Why data is missing."""
        return {failure.code for outcome in self._outcomes.values() for failure in outcome.failures}

    @property
    def is_complete(self) -> bool:
        """Whether nothing failed, and nothing is stale."""
        return not any(outcome.failures or outcome.stale_reason for outcome in self._outcomes.values())
