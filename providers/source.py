"""The contract between resolvers and a provider: `InvoiceSource`, and the values that it returns."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from execution.columns import ColumnSet
from execution.rows import RowList
from schema.invoice import Invoice, ReceivedBody
from schema.line_item import LineItem

from .call import CallContext
from .errors import ProviderError
from .settings import AccountSettings

_NO_LINES = ColumnSet(LineItem, {})
MAX_PAGE_FAILURES = 10  # failures that a page holds; it counts further ones
MONTH_TO_DATE = "month-to-date"  # the key of the running invoice, for which providers have no key


@dataclass(frozen=True, slots=True)
class DateWindow:
    """The days on which the requested billing periods start, both bounds inclusive. None is no bound.

    A source may return invoices outside of the window, but must not omit one inside it.
    """

    oldest: date | None = None
    newest: date | None = None


@dataclass(slots=True)
class InvoicePage:
    """One page of an account's invoice list.

    A list that holds the invoices themselves fills `invoices`. A list that only names them fills `keys`, and each is
    then loaded with `InvoiceSource.invoice`. `add_failure` takes the failure of an entry that cannot be translated.
    """

    observed_at: datetime | None  # when the provider sent it; None if no call was made
    invoices: list[Invoice] = field(default_factory=list)
    keys: Sequence[str] = ()  # provider keys of invoices that the list only names
    next_cursor: str | None = None  # the provider's cursor of the next page; None on the last page
    total: int | None = None  # the provider's count of all invoices in the window, if it gives one
    failures: list[ProviderError] = field(default_factory=list)  # of the first entries that cannot be translated
    more_failures: int = 0  # number of further entries that cannot be translated
    reference: str | None = None  # the account's id at the provider, if the list names it
    stale_reason: ProviderError | None = None  # why the cache served an expired page; a source leaves it None
    body: ReceivedBody | None = None  # the body that holds the page, if there is one

    def add_failure(self, failure: ProviderError) -> None:
        """Keep the failure, without its traceback, if it is one of the first. Otherwise only count it."""
        if len(self.failures) < MAX_PAGE_FAILURES:
            self.failures.append(failure.with_traceback(None))
        else:
            self.more_failures += 1


@dataclass(slots=True)
class LineItems:
    """The line items of one invoice, for a provider that serves them at an endpoint of their own."""

    observed_at: datetime | None  # when the provider sent them; None if no call was made
    items: RowList[LineItem] = field(default_factory=lambda: RowList(_NO_LINES, lambda: ((), None)))
    stale_reason: ProviderError | None = None  # why the cache served expired lines; a source leaves it None


class InvoiceSource(Protocol):
    """One account at one provider. Each provider implements it in its `client.py`.

    `page`, `invoice` and `line_items` raise ProviderError, and nothing else, if the provider does not give the data.
    They are called concurrently. They neither cache nor retry, except that Fastly repeats a call that returns 202
    (still computing): the cache is above the source, retries are below it in `ApiClient`. A provider key is text that
    the provider uses to identify an invoice, without percent-encoding. It may come from a client's request, so any
    text must be accepted. `call` is passed on to every call of `ApiClient`.
    """

    @property
    def settings(self) -> AccountSettings:
        """The settings of the account."""

    @property
    def reference(self) -> str | None:
        """The account's id at the provider. None if the configuration does not contain it."""

    @property
    def volatile_keys(self) -> frozenset[str]:
        """The keys of an invoice's payload that change after it is posted, such as those of its payment.

        They are ignored at the top of the payload and one level below. A change under any other key is a restatement.
        """

    @property
    def list_is_local(self) -> bool:
        """True if `page` reads the list from the configuration and calls no provider. Such pages are not cached."""

    @property
    def list_is_static(self) -> bool:
        """True if the list is local and never changes, so that responses that depend on it can be cached."""

    async def page(self, window: DateWindow, cursor: str | None, call: CallContext, /) -> InvoicePage:
        """Return one page of the issued invoices, preferably newest first.

        `cursor` is None for the first page, then `next_cursor` of the page before. Newest first lets a scan stop early.
        """

    def invoice(self, provider_key: str, call: CallContext, /) -> Awaitable[Invoice | None]:
        """Return one invoice with everything that the provider has about it, or None if it has none by that key.

        The key `MONTH_TO_DATE` requests the running invoice from a provider with that capability. Raises Unintelligible
        if the response is about another invoice.
        """

    def is_absence_certain(self, provider_key: str, /) -> bool:
        """Whether None from `invoice` means that there is no such invoice.

        If it is False, the caller reports an error instead: the provider may refuse the key.
        """

    def period_end(self, provider_key: str, /) -> datetime | None:
        """Return the end of an invoice's billing period, or None if the key does not contain it. Makes no call."""

    def line_items(self, provider_key: str, call: CallContext, /) -> Awaitable[LineItems]:
        """Return the line items of one invoice, for a provider whose `line_items_need_call` is true.

        Raises NotFound if there is no such invoice. Other providers return empty LineItems.
        """
