"""Coverage entries and counts of lists over several accounts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from providers.errors import most_common
from schema.coverage import Coverage

from .accounts import ConnectedAccount
from .outcomes import coverage_code, coverage_status
from .scan import AccountScan

MATCHES_NOTHING = "The filter matches nothing, so no provider was called."


@dataclass(slots=True)
class AccountResult:
    """One account's part of a list: its scan, or the reason why there is none."""

    account: ConnectedAccount
    scan: AccountScan | None = None
    excluded: int = 0  # invoices that do not state a fact that the filter asks for, and match otherwise
    note: str | None = None  # replaces the coverage message if the provider was not called

    @property
    def is_complete(self) -> bool:
        """Whether every invoice of the account was read, or could have been."""
        return self.scan is None or not self.scan.failures


def account_coverage(result: AccountResult) -> Coverage:
    """Return the coverage entry of one account."""
    account, scan, has_exclusions = result.account, result.scan, result.excluded > 0
    if scan is None:
        status = coverage_status((), None, has_data=False, is_unlisted=False, has_exclusions=has_exclusions)
        return Coverage(account=account.account, status=status, code=None, message=result.note, as_of=None)
    has_data, is_unlisted = scan.invoices > 0, account.is_unlisted
    return Coverage(
        account=account.account,
        status=coverage_status(
            scan.failures,
            scan.stale_reason,
            has_data=has_data,
            is_unlisted=is_unlisted,
            has_exclusions=has_exclusions,
        ),
        code=coverage_code(scan.failures, scan.stale_reason, is_unlisted=is_unlisted),
        message=" ".join(_messages(result, scan)) or None,
        as_of=scan.oldest_observation,
    )


def _messages(result: AccountResult, scan: AccountScan) -> list[str]:
    messages = []
    if scan.failures:
        messages.append(str(most_common(scan.failures)))
    if (total := len(scan.failures) + scan.more_failures) > 1:
        messages.append(f"{total} failures occurred in total.")
    if scan.stale_reason:
        messages.append(f"{scan.stale_reason} An earlier response is returned instead.")
    if not result.account.spec.has_list_endpoint:
        name = result.account.spec.name
        known = "Only the invoices that the configuration names are known."
        complete = "According to the configuration, it names all of them."
        messages.append(f"{name} has no list of invoices. {known if result.account.is_unlisted else complete}")
    if result.excluded == 1:
        messages.append("1 invoice is excluded because it does not state what the filter asks for.")
    elif result.excluded:
        messages.append(f"{result.excluded} invoices are excluded because they do not state what the filter asks for.")
    return messages


def total_count(items: Sequence[object], results: Sequence[AccountResult]) -> Callable[[], int | None]:
    """Return a function for `totalCount`. It returns None if an account could not be read completely."""
    count = len(items) if all(result.is_complete for result in results) else None
    return lambda: count


def raise_when_missing(results: Sequence[AccountResult]) -> None:
    """Raise the most common failure of an account without any invoice.

    For fields that read a single account: an error tells more than an empty list.
    """
    for result in results:
        if result.scan and result.scan.failures and not result.scan.invoices:
            raise most_common(result.scan.failures)
