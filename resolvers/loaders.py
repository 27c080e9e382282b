"""Request-scoped loaders: one for each kind of fetch that needs provider calls."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

import structlog
from aiodataloader import DataLoader

from providers import ids
from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import ProviderError, Unintelligible
from providers.source import DateWindow, InvoicePage, InvoiceSource, LineItems
from schema.invoice import Invoice
from schema.line_item import LineItem

from .accounts import AccountRegistry
from .outcomes import AccountOutcome, RequestOutcomes

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
LIST_DEADLINE_FRACTION = 0.75  # of a request's time; the rest is for the fields of the listed invoices
_log = structlog.get_logger()


class KeyedLoader(DataLoader[K, V], Generic[K, V]):
    """Loads each key once. Each resolves as soon as its own fetch ends.

    Fetches of keys that are requested in the same event-loop turn start together.

    Each key has its own fetch, so the slowest key delays no other. A cached value needs no task.
    Each waiter has its own future, so cancelling one field does not cancel the others.
    It subclasses DataLoader instead of owning one. Owner and loader would form a reference cycle, which only the
    garbage collector frees.
    """

    def __init__(
        self,
        call: CallContext,
        begin_outcome: Callable[[K], AccountOutcome],
        fetch: Callable[[InvoiceSource, K, CallContext], Awaitable[V]],
        *,
        batch: bool = True,
    ) -> None:
        """`batch=False`: a key starts at once and does not wait for other keys of the same event-loop turn."""
        self._call, self._begin_outcome, self._fetch = call, begin_outcome, fetch
        self._calls: dict[K, CallContext] = {}  # of the keys that are not fetched with `call`
        self._fetches: list[asyncio.Future[V]] = []
        self._results: dict[K, asyncio.Future[V]] = {}
        super().__init__(batch=batch, cache_map=self._results)

    async def load_one(self, key: K, call: CallContext | None = None) -> V:
        """Load a key. `call`: the context to fetch it with, if that is not the request's."""
        if call is not None:
            self._calls.setdefault(key, call)
        result = self.load(key)
        return result.result() if result.done() else await shield(result)

    async def load_many_or_errors(self, keys: Sequence[K], call: CallContext | None = None) -> list[V | Exception]:
        """Load the keys together, and return each value or error. Cheaper than one `load_one` per key."""
        if call is not None:
            for key in keys:
                self._calls.setdefault(key, call)
        results = [self.load(key) for key in keys]
        if results:
            await asyncio.wait(results)
        return [result.exception() or result.result() for result in results]  # type: ignore[misc]

    def close(self) -> None:
        """Cancel every fetch, and release every loaded value."""
        for future in (*self._fetches, *self._results.values()):
            future.cancel()
        self._fetches.clear()
        self.clear_all()

    async def batch_load_fn(self, keys: list[K]) -> list[V]:
        results = [self._results[key] for key in keys]  # KeyError: closed before the batch starts; nothing is fetched
        for key, result in zip(keys, results, strict=True):
            self._start_fetch(key, result)
        if pending := [result for result in results if not result.done()]:
            await asyncio.wait(pending)
        return [result.exception() or result.result() for result in results]  # type: ignore[misc]

    def _start_fetch(self, key: K, result: asyncio.Future[V]) -> None:
        outcome = self._begin_outcome(key)
        call = self._calls.get(key, self._call)
        fetch: asyncio.Future[V] = asyncio.ensure_future(self._fetch(outcome.account.source, key, call))
        self._fetches.append(fetch)
        if fetch.done():
            settle(result, outcome, fetch)
        else:
            fetch.add_done_callback(partial(settle, result, outcome))


def shield(result: asyncio.Future[V]) -> asyncio.Future[V]:
    """Return a future that can be cancelled without cancelling `result`: a cheaper `asyncio.shield`."""
    waiter: asyncio.Future[V] = asyncio.get_running_loop().create_future()
    result.add_done_callback(partial(copy_result, waiter))
    return waiter


def copy_result(waiter: asyncio.Future[V], result: asyncio.Future[V]) -> None:
    if waiter.done():  # the waiter was cancelled
        return
    if result.cancelled():
        waiter.cancel()
    elif failure := result.exception():
        waiter.set_exception(failure)
    else:
        waiter.set_result(result.result())


def settle(result: asyncio.Future[V], outcome: AccountOutcome, fetch: asyncio.Future[V]) -> None:
    """Pass what a fetch returned to the key's waiters, and record it in the account's outcome."""
    if fetch.cancelled():
        result.cancel()
        return
    failure = fetch.exception()
    if result.done():  # closed: no waiter is left
        return
    if failure is None:
        outcome.record_response(fetch.result())
        result.set_result(fetch.result())
        return
    if not isinstance(failure, ProviderError):
        _log.error("A provider response could not be translated.", account=outcome.account.id, exc_info=failure)
        failure = Unintelligible(outcome.account.account_ref)
    outcome.record_failure(failure)
    result.set_exception(failure)
    result.exception()  # marks it as retrieved: without waiters, asyncio would log it


PageKey = tuple[str, DateWindow, str | None]  # account id, window, the provider's cursor
InvoiceKey = tuple[str, str]  # account id, provider key of the invoice
A = TypeVar("A", PageKey, InvoiceKey)


class Loaders:
    """Every loader of one request."""

    def __init__(self, registry: AccountRegistry, call: CallContext) -> None:
        self._registry, self._call = registry, call
        self._list_deadline = _list_deadline(call.deadline)
        self.outcomes = RequestOutcomes()
        self.known_invoices: dict[str, Invoice] = {}  # loaded invoices by id, for objects that refer to their invoice
        self._loaders: list[KeyedLoader[Any, Any]] = []

    @cached_property
    def _list_call(self) -> CallContext:
        """The context of the calls that a list of several accounts waits for: its deadline is earlier."""
        return replace(self._call, deadline=self._list_deadline)

    @cached_property
    def _pages(self) -> KeyedLoader[PageKey, InvoicePage]:
        # No batch: there are seldom more than a few pages.
        return self._loader(lambda source, key, call: source.page(key[1], key[2], call), batch=False)

    @cached_property
    def _invoices(self) -> KeyedLoader[InvoiceKey, Invoice | None]:
        return self._loader(lambda source, key, call: source.invoice(key[1], call))

    @cached_property
    def _line_items(self) -> KeyedLoader[InvoiceKey, LineItems]:
        return self._loader(lambda source, key, call: source.line_items(key[1], call))

    def _loader(
        self, fetch: Callable[[InvoiceSource, A, CallContext], Awaitable[V]], *, batch: bool = True
    ) -> KeyedLoader[A, V]:
        outcomes, registry = self.outcomes, self._registry
        loader: KeyedLoader[A, V] = KeyedLoader(
            self._call, lambda key: outcomes.begin(registry[key[0]]), fetch, batch=batch
        )
        self._loaders.append(loader)
        return loader

    async def page(
        self, account_id: str, window: DateWindow, cursor: str | None, *, listing: bool = False
    ) -> InvoicePage:
        """Load a page of an account's list.

        `listing`: a list of several accounts waits for the page, so the earlier list deadline applies.
        """
        window = window if self._registry[account_id].spec.list_filters_dates else DateWindow()
        return await self._pages.load_one((account_id, window, cursor), self._list_call if listing else None)

    async def invoice(self, account_id: str, provider_key: str, *, listing: bool = False) -> Invoice | None:
        """Load an invoice. `listing` has the same meaning as in `page`."""
        return await self._invoices.load_one((account_id, provider_key), self._list_call if listing else None)

    async def invoices(self, account_id: str, provider_keys: Sequence[str]) -> list[Invoice | Exception | None]:
        """Load the invoices that a list names, and return each invoice or error."""
        return await self._invoices.load_many_or_errors(
            [(account_id, provider_key) for provider_key in provider_keys], self._list_call
        )

    def line_items(self, invoice: Invoice) -> Awaitable[Sequence[LineItem]]:
        """Load the line items of an invoice that does not include them. The cache shares them with other requests."""
        self.known_invoices[str(invoice.id)] = invoice
        return self.line_items_of(invoice.account_id, ids.provider_key(invoice.id))

    async def line_items_of(self, account_id: str, provider_key: str) -> Sequence[LineItem]:
        return (await self._line_items.load_one((account_id, provider_key))).items

    def close(self) -> None:
        """Cancel every fetch, because the request is over."""
        for loader in self._loaders:
            loader.close()
        self.known_invoices.clear()


def _list_deadline(deadline: float) -> float:
    """Return the deadline of lists in a request with this deadline: earlier.

    A silent account then leaves time for the fields of the other accounts' invoices.
    """
    now = loop_time()
    return now + (deadline - now) * LIST_DEADLINE_FRACTION
