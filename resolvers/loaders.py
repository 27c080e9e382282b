"""Request-scoped loaders: one for each kind of data that needs provider calls."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

import msgspec
import structlog
from aiodataloader import DataLoader

from execution.awaitable import AwaitableOrValue, PendingValue, map_value, value_of
from providers import ids
from providers.cache.memory import MISSING
from providers.cache.resources import AccountResources, PageKey
from providers.cache.source import CachedSource
from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import ProviderError, RateLimited, Unintelligible
from providers.source import DateWindow, InvoicePage, LineItems
from schema.invoice import Invoice
from schema.line_item import LineItem

from .accounts import AccountRegistry
from .clock import RequestClock
from .outcomes import AccountOutcome, RequestOutcomes

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
AccountKey = tuple[str, K]  # account id, key of a resource
LIST_DEADLINE_FRACTION = 0.75  # of a request's time; the rest is for the fields of the listed invoices
_log = structlog.get_logger()


class KeyedLoader(DataLoader[tuple[str, K], V], Generic[K, V]):
    """Loads each key once in a request. A value in memory is returned at once; other keys are fetched in batches.

    Each key resolves as soon as its own fetch ends, so the slowest key delays no other.
    It subclasses DataLoader instead of owning one. Owner and loader would form a reference cycle, which only the
    garbage collector frees.
    """

    def __init__(
        self,
        call: CallContext,
        begin_outcome: Callable[[str], AccountOutcome],
        resources: Callable[[CachedSource], AccountResources[K, V]],
        *,
        batch: bool = True,
    ) -> None:
        """`batch=False`: a key starts at once and does not wait for other keys of the same event-loop turn."""
        self._call, self._begin_outcome, self._resources = call, begin_outcome, resources
        self._values: dict[AccountKey[K], V] = {}
        self._futures: dict[AccountKey[K], asyncio.Future[V]] = {}  # of the keys that were not in memory
        self._queued: dict[AccountKey[K], tuple[AccountOutcome, CallContext]] = {}
        self._fetches: list[asyncio.Future[V]] = []
        super().__init__(batch=batch, cache_map=self._futures)

    def get(self, key: AccountKey[K], call: CallContext | None = None) -> V | PendingValue[V]:
        """Return the value of a key. `call`: the context to fetch it with, if that is not the request's."""
        if key in self._values:
            return self._values[key]
        if key not in self._futures:
            outcome, call = self._begin_outcome(key[0]), call or self._call
            value = self._resources(outcome.account.source).find(key[1], call)
            if value is not MISSING:
                outcome.record_response(value)
                self._values[key] = value
                return value
            refusal = call.budget.take() if call.budget else None
            if refusal is None:
                self._queued[key] = outcome, call
                outcome.fetches += 1
            else:
                self._futures[key] = _refuse(outcome, refusal)
        return PendingValue(self.load(key))

    async def get_many(self, keys: Sequence[AccountKey[K]], call: CallContext | None = None) -> list[V | Exception]:
        """Return each value or error, when all are there."""
        values = [self.get(key, call) for key in keys]
        if futures := [value.future for value in values if isinstance(value, PendingValue)]:
            await asyncio.wait(futures)
        return [_value_or_error(value.future) if isinstance(value, PendingValue) else value for value in values]

    def release(self) -> None:
        """Forget every loaded value: the next request for a key asks the cache. Call it when no fetch is pending."""
        self._fetches.clear()
        self._values.clear()
        self._queued.clear()
        self.clear_all()

    def close(self) -> None:
        """Cancel every fetch, and release every loaded value."""
        for future in (*self._fetches, *self._futures.values()):
            future.cancel()
        self.release()

    async def batch_load_fn(self, keys: list[AccountKey[K]]) -> list[V]:
        """Fetch the keys, in one batch for each account and deadline."""
        batches: dict[tuple[str, float], list[AccountKey[K]]] = {}
        for key in keys:
            _, call = self._queued[key]  # KeyError: closed before the batch starts; nothing is fetched
            batches.setdefault((key[0], call.deadline), []).append(key)
        for batch in batches.values():
            self._fetch(batch)
        return await asyncio.gather(*(self._futures[key] for key in keys), return_exceptions=True)  # type: ignore[return-value]

    def _fetch(self, keys: list[AccountKey[K]]) -> None:
        outcome, call = self._queued[keys[0]]
        results = self._resources(outcome.account.source).get_many([key for _, key in keys], call)
        for key, result in zip(keys, results, strict=True):
            future = self._futures[key]
            if isinstance(result, asyncio.Future):
                self._fetches.append(result)
                result.add_done_callback(partial(settle, future, outcome))
            else:  # another request has fetched it meanwhile
                outcome.record_response(result)
                future.set_result(result)


def _refuse(outcome: AccountOutcome, refusal: type[RateLimited]) -> asyncio.Future[Any]:
    """Return the future of a call for which no budget is left."""
    failure = refusal(outcome.account.account_ref)
    outcome.record_refusal(failure)
    future = asyncio.get_running_loop().create_future()
    future.set_exception(failure)
    future.exception()  # marks it as retrieved: without waiters, asyncio would log it
    return future


def _value_or_error(future: asyncio.Future[V]) -> V | Exception:
    return future.exception() or future.result()  # type: ignore[return-value]


def settle(future: asyncio.Future[V], outcome: AccountOutcome, fetch: asyncio.Future[V]) -> None:
    """Pass what a fetch returned to the key's future, and record it in the account's outcome."""
    if fetch.cancelled():
        future.cancel()
        return
    failure = fetch.exception()
    if future.done():  # closed: no waiter is left
        return
    if failure is None:
        outcome.record_response(fetch.result())
        future.set_result(fetch.result())
        return
    if not isinstance(failure, ProviderError):
        _log.error("A provider response could not be translated.", account=outcome.account.id, exc_info=failure)
        failure = Unintelligible(outcome.account.account_ref)
    outcome.record_failure(failure)
    future.set_exception(failure)
    future.exception()  # marks it as retrieved: without waiters, asyncio would log it


class Loaders:
    """Every loader of one request."""

    def __init__(self, registry: AccountRegistry, call: CallContext) -> None:
        self._registry, self._call = registry, call
        self._list_deadline = _list_deadline(call.deadline)
        self.outcomes = RequestOutcomes(has_sandbox=registry.has_sandbox)
        self.clock = RequestClock(call)
        self.known_invoices: dict[str, Invoice] = {}  # loaded invoices by id, for objects that refer to their invoice
        self._loaders: list[KeyedLoader[Any, Any]] = []

    @cached_property
    def _list_call(self) -> CallContext:
        """The context of the calls that a list of several accounts waits for: its deadline is earlier."""
        return msgspec.structs.replace(self._call, deadline=self._list_deadline)

    @cached_property
    def _pages(self) -> KeyedLoader[PageKey, InvoicePage]:
        # No batch: there are seldom more than a few pages.
        return self._loader(lambda source: source.pages, batch=False)

    @cached_property
    def _invoices(self) -> KeyedLoader[str, Invoice | None]:
        return self._loader(lambda source: source.invoices)

    @cached_property
    def _line_items(self) -> KeyedLoader[str, LineItems]:
        return self._loader(lambda source: source.line_items)

    def _loader(
        self, resources: Callable[[CachedSource], AccountResources[K, V]], *, batch: bool = True
    ) -> KeyedLoader[K, V]:
        outcomes, registry = self.outcomes, self._registry
        loader: KeyedLoader[K, V] = KeyedLoader(
            self._call, lambda account_id: outcomes.begin(registry[account_id]), resources, batch=batch
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
        return await value_of(self._pages.get((account_id, (window, cursor)), self._list_call if listing else None))

    def invoice(self, account_id: str, provider_key: str, *, listing: bool = False) -> AwaitableOrValue[Invoice | None]:
        """Load an invoice. `listing` has the same meaning as in `page`."""
        return self._invoices.get((account_id, provider_key), self._list_call if listing else None)

    async def invoices(self, account_id: str, provider_keys: Sequence[str]) -> list[Invoice | Exception | None]:
        """Load the invoices that a list names, and return each invoice or error."""
        return await self._invoices.get_many([(account_id, key) for key in provider_keys], self._list_call)

    def line_items(self, invoice: Invoice) -> AwaitableOrValue[Sequence[LineItem]]:
        """Load the line items of an invoice that does not include them. The cache shares them with other requests."""
        self.known_invoices[str(invoice.id)] = invoice
        return self.line_items_of(invoice.account_id, ids.provider_key(invoice.id))

    def line_items_of(self, account_id: str, provider_key: str) -> AwaitableOrValue[Sequence[LineItem]]:
        return map_value(self._line_items.get((account_id, provider_key)), _items)

    def release(self) -> None:
        """Forget what was loaded, in a request that reads more than it should hold. No fetch may be pending."""
        for loader in self._loaders:
            loader.release()
        self.known_invoices.clear()

    def close(self) -> None:
        """Cancel every fetch, because the request is over."""
        for loader in self._loaders:
            loader.close()
        self.known_invoices.clear()


def _items(lines: LineItems) -> Sequence[LineItem]:
    return lines.items


def _list_deadline(deadline: float) -> float:
    """Return the deadline of lists in a request with this deadline: earlier.

    A silent account then leaves time for the fields of the other accounts' invoices.
    """
    now = loop_time()
    return now + (deadline - now) * LIST_DEADLINE_FRACTION
