"""The root list of credits: each grant as the newest invoice shows it, read only as far as a page needs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from providers import ids
from providers.errors import ProviderError
from schema.connection import PageArgs
from schema.credit import Credit, CreditConnection
from schema.filters import CreditFilter, CreditKind
from schema.invoice import Invoice
from schema.values import unset_to_none

from .accounts import AccountRegistry, ConnectedAccount
from .coverage import MATCHES_NOTHING, AccountResult, coverage
from .cursor import SortKey
from .filters import UNBOUNDED, starts_within, window_of
from .invoice_fields import InvoiceFields
from .loaders import Loaders
from .pagination import PageWindow, SortOrder
from .scan import AccountScan, invoice_key

MAX_CONCURRENT_INVOICES = 8  # invoices whose credits are asked for together, where each costs a call


def _key(credit: Credit) -> SortKey:
    """Its invoice's place first: credits are read in the order of their invoices, and have to be paged in it."""
    invoice = credit.parent
    return (*(invoice_key(invoice) if invoice else (datetime.min.replace(tzinfo=UTC), "")), str(credit.id))


NEWEST_FIRST: SortOrder[Credit] = SortOrder(_key, (datetime, str, str), descending=True)


class CreditQuery:
    """One question to the list of credits."""

    def __init__(
        self, roster: AccountRegistry, loaders: Loaders, parts: InvoiceFields, wanted: CreditFilter | None
    ) -> None:
        self._loaders, self._parts = loaders, parts
        self._kinds = set(CreditKind)
        self._before: datetime | None = None
        self._window, accounts = UNBOUNDED, None
        if wanted is not None:
            kinds, accounts = unset_to_none(wanted.kinds), unset_to_none(wanted.accounts)
            self._kinds = self._kinds if kinds is None else set(kinds)
            self._before = unset_to_none(wanted.expiring_before)
            self._window = window_of(wanted)
        self._members = roster.select(accounts)

    async def page(self, wanted: PageArgs) -> CreditConnection:
        cut = PageWindow(wanted, NEWEST_FIRST)
        found = await asyncio.gather(*(self._take(member, cut) for member in self._members))
        page = cut.page_of(credit for _, credits in found for credit in credits)
        return CreditConnection(
            nodes=page.items,
            page_info=page.info,
            cursor_of=cut.order.cursor_of,
            count=self._count,
            coverage=[coverage(share) for share, _ in found],
        )

    async def _take(
        self, member: ConnectedAccount, cut: PageWindow[Credit] | None
    ) -> tuple[AccountResult, list[Credit]]:
        """An account's grants, until there are enough of them within the cut."""
        if not self._kinds:
            return AccountResult(member, note=MATCHES_NOTHING), []
        if not member.spec.credit_kinds & self._kinds:
            return AccountResult(member, note=f"{member.spec.name} grants no such credits: it was not asked."), []
        reading = AccountScan(member, self._loaders, self._window)
        seen: set[SortKey] = set()
        taken: list[Credit] = []
        async for batch in self._batches(reading):
            for credits in await self._credits(batch, reading):
                taken += [credit for credit in credits if self._newest(credit, seen)]
            if cut is not None and sum(map(cut.contains, taken)) > cut.size:
                break
        return AccountResult(member, reading), taken

    async def _batches(self, reading: AccountScan) -> AsyncIterator[list[Invoice]]:
        """Invoices, newest first: one, then two, four, eight at once, so that little is read beyond the need."""
        batch: list[Invoice] = []
        size = 1
        async for invoices in reading.newest_first():
            for invoice in invoices:
                if not starts_within(self._window, invoice):
                    continue
                batch.append(invoice)
                if len(batch) == size:
                    yield batch
                    batch, size = [], min(size * 2, MAX_CONCURRENT_INVOICES)
        if batch:
            yield batch

    async def _credits(self, invoices: list[Invoice], reading: AccountScan) -> list[list[Credit]]:
        """Each invoice's credits, all asked at once; one that fails is named in the coverage."""
        outcomes = await asyncio.gather(*map(self._parts.credits, invoices), return_exceptions=True)
        found: list[list[Credit]] = []
        for outcome in outcomes:
            if isinstance(outcome, ProviderError):
                reading.failures.append(outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
            found.append(outcome if isinstance(outcome, list) else [])
        return found

    def _newest(self, credit: Credit, seen: set[SortKey]) -> bool:
        """Whether the credit is wanted, and no newer invoice has shown the same grant."""
        ref = ids.parse(str(credit.id))
        grant = (credit.kind, *(ref.provider_keys[1:] if ref else (str(credit.id),)))
        first = grant not in seen
        seen.add(grant)
        return first and credit.kind in self._kinds and self._expires(credit)

    def _expires(self, credit: Credit) -> bool:
        if self._before is None:
            return True
        return credit.expires_at is not None and credit.expires_at < self._before

    async def _count(self) -> int | None:
        """How many grants there are in all: every invoice in the window is read for it."""
        found = await asyncio.gather(*(self._take(member, None) for member in self._members))
        return sum(len(credits) for _, credits in found) if all(share.is_complete for share, _ in found) else None
