"""The filter of credits, checked and compiled into a predicate."""

from collections.abc import Callable
from datetime import datetime, timedelta

from schema.credit import Credit, credit_state
from schema.filters import CreditFilter, CreditKind
from schema.values import unset_to_none

from .accounts import ConnectedAccount
from .coverage import MATCHES_NOTHING
from .errors import BadUserInput
from .filters import UNBOUNDED, parse_window

MAX_EXPIRY_DAYS = 3_660  # about ten years
CreditTest = Callable[[Credit], bool]


class CreditPredicate:
    """A compiled filter of credits."""

    def __init__(self, filter_by: CreditFilter | None, now: Callable[[], datetime]) -> None:
        """Raises BadUserInput if the filter contradicts itself. `now` is called only if the filter depends on it."""
        self.window = UNBOUNDED
        self.kinds = set(CreditKind)
        self.account_ids: list[str] | None = None
        self._tests: list[CreditTest] = []
        self._matches_nothing = False
        if filter_by is None:
            return
        self.window = parse_window(filter_by)
        kinds, accounts = unset_to_none(filter_by.kinds), unset_to_none(filter_by.accounts)
        self.kinds = self.kinds if kinds is None else set(kinds)
        self.account_ids = None if accounts is None else [str(account) for account in accounts]
        self._add_expiry_tests(filter_by, now)
        self._add_state_test(filter_by, now)

    def __call__(self, credit: Credit) -> bool:
        return credit.kind in self.kinds and all(test(credit) for test in self._tests)

    def exclusion(self, account: ConnectedAccount) -> str | None:
        """Return why no credit of an account can match. Returns None if the account must be called."""
        if not self.kinds or self._matches_nothing:
            return MATCHES_NOTHING
        if not account.spec.credit_kinds & self.kinds:
            return f"{account.spec.name} is not called: it grants no credits of the requested kinds."
        if self._tests and not account.spec.credits_have_terms:
            return f"{account.spec.name} is not called: its credits state neither dates nor what remains of them."
        return None

    def _add_expiry_tests(self, filter_by: CreditFilter, now: Callable[[], datetime]) -> None:
        before, after = unset_to_none(filter_by.expiring_before), unset_to_none(filter_by.expiring_after)
        if before is not None and after is not None and after >= before:
            raise BadUserInput("expiringAfter must be before expiringBefore.")
        if before is not None:
            self._tests.append(lambda credit: credit.expires_at is not None and credit.expires_at < before)
        if after is not None:
            self._tests.append(lambda credit: credit.expires_at is not None and credit.expires_at > after)
        days = unset_to_none(filter_by.expiring_within)
        if days is None:
            return
        if not 0 <= days <= MAX_EXPIRY_DAYS:
            raise BadUserInput(f"expiringWithin must be between 0 and {MAX_EXPIRY_DAYS:,}.")
        as_of, period = unset_to_none(filter_by.as_of) or now(), timedelta(days=days)
        # A difference, because the last day may be later than the year 9999.
        self._tests.append(
            lambda credit: credit.expires_at is not None and timedelta(0) < credit.expires_at - as_of <= period
        )

    def _add_state_test(self, filter_by: CreditFilter, now: Callable[[], datetime]) -> None:
        states = unset_to_none(filter_by.states)
        if states is None:
            return
        self._matches_nothing = not states
        as_of = unset_to_none(filter_by.as_of) or now()
        self._tests.append(lambda credit: credit_state(credit, as_of) in states)
