"""What a provider has to be: the protocol that resolvers speak to, and the shape of its entry in the registry."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from execution.columns import ColumnSet
from execution.rows import RowList
from schema.invoice import Invoice
from schema.line_item import LineItem

from .errors import ProviderError
from .settings import AccountSettings

_NO_LINES = ColumnSet(LineItem, {})
MONTH_TO_DATE = "month-to-date"  # the native key of the running invoice, which has none of its own


@dataclass(frozen=True, slots=True)
class DateWindow:
    """The days between which the periods wanted start, both inclusive; a source may give more, never less."""

    oldest: date | None = None
    newest: date | None = None


@dataclass(slots=True)
class InvoicePage:
    """One page of an account's list."""

    observed_at: datetime | None
    invoices: list[Invoice] = field(default_factory=list)
    keys: Sequence[str] = ()  # invoices that are only named here, each to be got by its key
    next_cursor: str | None = None  # the provider's cursor of the page that follows
    total: int | None = None  # how many the provider counts in all, within the window
    failures: list[ProviderError] = field(default_factory=list)  # entries that could not be understood
    reference: str | None = None  # the account's id at the provider, where a list names it
    stale_reason: ProviderError | None = None  # why it is older than it should be
    digest: int | None = None  # of the body that it was made of; of no use in another process


@dataclass(slots=True)
class LineItems:
    """The lines of one invoice that does not bring them along."""

    observed_at: datetime | None
    items: RowList[LineItem] = field(default_factory=lambda: RowList(_NO_LINES, lambda: ((), None)))
    stale_reason: ProviderError | None = None  # why they are older than they should be


class InvoiceSource(Protocol):
    """One account at one provider. Every method raises ProviderError, and nothing else, when it cannot be answered."""

    @property
    def settings(self) -> AccountSettings: ...

    @property
    def reference(self) -> str | None:
        """The account's id at the provider, where the configuration holds it."""

    @property
    def volatile_keys(self) -> frozenset[str]:
        """The keys of an invoice's wire that go on changing once it is posted, as payment does."""

    @property
    def list_is_local(self) -> bool:
        """Whether its list is the configuration's own, of which nobody has to be asked."""

    @property
    def list_is_static(self) -> bool:
        """Whether that list never changes."""

    async def page(self, window: DateWindow, cursor: str | None, /) -> InvoicePage:
        """One page of the invoices that have been issued, best newest first."""

    def invoice(self, native: str, /) -> Awaitable[Invoice | None]:
        """All that there is about one invoice; null when the provider knows none by that key."""

    def period_end(self, native: str, /) -> datetime | None:
        """When the period of an invoice ends, where its key alone says it."""

    def line_items(self, native: str, /) -> Awaitable[LineItems]:
        """The lines of one invoice, for providers whose invoices do not bring them along."""
