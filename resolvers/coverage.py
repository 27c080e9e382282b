"""How far a reading speaks for its account."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from providers.errors import most_common
from schema.coverage import Coverage, CoverageStatus, FailureCode

from .accounts import ConnectedAccount
from .scan import AccountScan

MATCHES_NOTHING = "The filter matches nothing, so nobody was asked."


@dataclass(slots=True)
class AccountResult:
    """One account's part in an answer: its reading, or why there is none."""

    account: ConnectedAccount
    scan: AccountScan | None = None
    excluded: int = 0  # invoices that matched but for a fact that they do not state
    note: str | None = None  # said instead, where nobody was asked

    @property
    def is_complete(self) -> bool:
        """Whether all that the account has was, or could have been, seen."""
        return self.scan is None or not self.scan.failures


def coverage(share: AccountResult) -> Coverage:
    """One account's entry."""
    reading = share.scan
    if reading is None:
        status = CoverageStatus.PARTIAL if share.excluded else CoverageStatus.COMPLETE
        return Coverage(account=share.account.account, status=status, code=None, message=share.note, as_of=None)
    return Coverage(
        account=share.account.account,
        status=_status(share, reading),
        code=_code(share, reading),
        message=" ".join(_messages(share, reading)) or None,
        as_of=reading.oldest_observation,
    )


def _status(share: AccountResult, reading: AccountScan) -> CoverageStatus:
    if reading.failures and not reading.invoices:
        return CoverageStatus.MISSING
    if reading.stale_reason and not reading.failures and not share.excluded:
        return CoverageStatus.STALE
    if reading.failures or share.excluded or not share.account.spec.has_list_endpoint:
        return CoverageStatus.PARTIAL
    return CoverageStatus.COMPLETE


def _code(share: AccountResult, reading: AccountScan) -> FailureCode | None:
    if reading.failures:
        return most_common(reading.failures).code
    if reading.stale_reason:
        return reading.stale_reason.code
    return None if share.account.spec.has_list_endpoint else FailureCode.UNLISTED


def _messages(share: AccountResult, reading: AccountScan) -> list[str]:
    said = []
    if reading.failures:
        said.append(str(most_common(reading.failures)))
    if len(reading.failures) > 1:
        said.append(f"{len(reading.failures)} of its answers failed.")
    if reading.stale_reason:
        said.append(f"{reading.stale_reason} What was read before is given instead.")
    if not share.account.spec.has_list_endpoint:
        said.append(f"{share.account.spec.name} offers no list: only the configured invoices are known.")
    if share.excluded:
        many = "1 invoice is" if share.excluded == 1 else f"{share.excluded} invoices are"
        said.append(f"{many} left out for not stating what the filter asks for.")
    return said


def total_count(found: Sequence[object], shares: Sequence[AccountResult]) -> Callable[[], Awaitable[int | None]]:
    """The count of what was read in full; null where an account could not be."""
    count = len(found) if all(share.is_complete for share in shares) else None

    async def known() -> int | None:
        return count

    return known


def raise_when_missing(shares: Sequence[AccountResult]) -> None:
    """For a field with a single source: nothing at all is an error, not an empty list."""
    for share in shares:
        if share.scan and share.scan.failures and not share.scan.invoices:
            raise most_common(share.scan.failures)
