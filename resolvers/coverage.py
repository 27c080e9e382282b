"""How far a reading speaks for its account."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from providers.errors import usual
from schema.coverage import Coverage, CoverageStatus, FailureCode

from .accounts import Member
from .scan import Reading

NOTHING = "The filter matches nothing, so nobody was asked."


@dataclass(slots=True)
class Share:
    """One account's part in an answer: its reading, or why there is none."""

    member: Member
    reading: Reading | None = None
    left_out: int = 0  # invoices that matched but for a fact that they do not state
    note: str | None = None  # said instead, where nobody was asked

    @property
    def countable(self) -> bool:
        """Whether all that the account has was, or could have been, seen."""
        return self.reading is None or not self.reading.failures


def coverage(share: Share) -> Coverage:
    """One account's entry."""
    reading = share.reading
    if reading is None:
        status = CoverageStatus.PARTIAL if share.left_out else CoverageStatus.COMPLETE
        return Coverage(account=share.member.account, status=status, code=None, message=share.note, as_of=None)
    return Coverage(
        account=share.member.account,
        status=_status(share, reading),
        code=_code(share, reading),
        message=" ".join(_sentences(share, reading)) or None,
        as_of=reading.oldest_observation,
    )


def _status(share: Share, reading: Reading) -> CoverageStatus:
    if reading.failures and not reading.invoices:
        return CoverageStatus.MISSING
    if reading.stale_because and not reading.failures and not share.left_out:
        return CoverageStatus.STALE
    if reading.failures or share.left_out or not share.member.kind.listed:
        return CoverageStatus.PARTIAL
    return CoverageStatus.COMPLETE


def _code(share: Share, reading: Reading) -> FailureCode | None:
    if reading.failures:
        return usual(reading.failures).code
    if reading.stale_because:
        return reading.stale_because.code
    return None if share.member.kind.listed else FailureCode.UNLISTED


def _sentences(share: Share, reading: Reading) -> list[str]:
    said = []
    if reading.failures:
        said.append(str(usual(reading.failures)))
    if len(reading.failures) > 1:
        said.append(f"{len(reading.failures)} of its answers failed.")
    if reading.stale_because:
        said.append(f"{reading.stale_because} What was read before is given instead.")
    if not share.member.kind.listed:
        said.append(f"{share.member.kind.name} offers no list: only the configured invoices are known.")
    if share.left_out:
        many = "1 invoice is" if share.left_out == 1 else f"{share.left_out} invoices are"
        said.append(f"{many} left out for not stating what the filter asks for.")
    return said


def counted(found: Sequence[object], shares: Sequence[Share]) -> Callable[[], Awaitable[int | None]]:
    """The count of what was read in full; null where an account could not be."""
    count = len(found) if all(share.countable for share in shares) else None

    async def known() -> int | None:
        return count

    return known


def raise_when_missing(shares: Sequence[Share]) -> None:
    """For a field with a single source: nothing at all is an error, not an empty list."""
    for share in shares:
        if share.reading and share.reading.failures and not share.reading.invoices:
            raise usual(share.reading.failures)
