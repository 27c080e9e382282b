"""One loader for each edge that costs a request. They live as long as the request that they are made for."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import copy_context
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

import structlog
from aiodataloader import DataLoader

from providers import ids
from providers.deadline import deadline
from providers.errors import ProviderError, Unintelligible
from providers.source import DateWindow, InvoicePage, InvoiceSource, LineItems
from schema.invoice import Invoice
from schema.line_item import LineItem

from .accounts import AccountRegistry
from .outcomes import AccountOutcome, RequestOutcomes

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
LIST_DEADLINE_FRACTION = 0.75  # of a request's time: the rest is for what is asked of the things listed
_log = structlog.get_logger()


class KeyedLoader(DataLoader[K, V], Generic[K, V]):
    """Asks once for each key, all keys of one level at once, and lets each answer as soon as it can.

    Each key of a batch is fetched apart, so that the slowest holds up nobody; what is remembered needs no task.
    Each who waits has a place of his own, so that one field that is cancelled does not cancel what others wait for.
    It is a DataLoader, and has none: the two would hold each other, and be left to the search for cycles.
    """

    def __init__(
        self,
        asked: Callable[[K], AccountOutcome],
        fetch: Callable[[InvoiceSource, K], Awaitable[V]],
        *,
        batch: bool = True,
    ) -> None:
        """Without `batch` a key does not wait for others of its level."""
        self._outcome, self._fetch = asked, fetch
        self._deadlines: dict[K, float] = {}
        self._fetches: list[asyncio.Future[V]] = []
        self._results: dict[K, asyncio.Future[V]] = {}
        super().__init__(batch=batch, cache_map=self._results)

    async def load_one(self, key: K, until: float | None = None) -> V:
        """`until`: when to give up, where that is before the request's deadline."""
        if until is not None:
            self._deadlines.setdefault(key, until)
        answer = self.load(key)
        return answer.result() if answer.done() else await shield(answer)

    async def load_many_or_errors(self, keys: Sequence[K], until: float | None = None) -> list[V | Exception]:
        """What each key came to, all of them at once: cheaper than a load of each."""
        if until is not None:
            for key in keys:
                self._deadlines.setdefault(key, until)
        answers = [self.load(key) for key in keys]
        if answers:
            await asyncio.wait(answers)
        return [answer.exception() or answer.result() for answer in answers]  # type: ignore[misc]

    def close(self) -> None:
        """What was loaded is let go as well."""
        for under_way in (*self._fetches, *self._results.values()):
            under_way.cancel()
        self._fetches.clear()
        self.clear_all()

    async def batch_load_fn(self, keys: list[K]) -> list[V]:
        answers = [self._results[key] for key in keys]  # KeyError: closed before it begins, it asks nobody
        for key, answer in zip(keys, answers, strict=True):
            self._start_fetch(key, answer)
        if waiting := [answer for answer in answers if not answer.done()]:
            await asyncio.wait(waiting)
        return [answer.exception() or answer.result() for answer in answers]  # type: ignore[misc]

    def _start_fetch(self, key: K, answer: asyncio.Future[V]) -> None:
        asked = self._outcome(key)
        source, until = asked.account.source, self._deadlines.get(key)
        fetch: asyncio.Future[V]
        if until is None:
            fetch = asyncio.ensure_future(self._fetch(source, key))
        else:
            fetch = copy_context().run(self._begin, source, key, until)
        self._fetches.append(fetch)
        if fetch.done():
            settle(answer, asked, fetch)
        else:
            fetch.add_done_callback(partial(settle, answer, asked))

    def _begin(self, source: InvoiceSource, key: K, until: float) -> asyncio.Future[V]:
        """In a context of its own, for the time that the key has."""
        deadline.set(until)
        return asyncio.ensure_future(self._fetch(source, key))


def shield(answer: asyncio.Future[V]) -> asyncio.Future[V]:
    """As asyncio.shield, which does more for each."""
    place: asyncio.Future[V] = asyncio.get_running_loop().create_future()
    answer.add_done_callback(partial(copy_result, place))
    return place


def copy_result(place: asyncio.Future[V], answer: asyncio.Future[V]) -> None:
    if place.done():  # who waited has left
        return
    if answer.cancelled():
        place.cancel()
    elif failure := answer.exception():
        place.set_exception(failure)
    else:
        place.set_result(answer.result())


def settle(answer: asyncio.Future[V], asked: AccountOutcome, fetch: asyncio.Future[V]) -> None:
    """Those who wait for a key, and the ledger, what it came to."""
    if fetch.cancelled():
        answer.cancel()
        return
    failure = fetch.exception()
    if answer.done():  # closed: nobody waits
        return
    if failure is None:
        asked.record_response(fetch.result())
        answer.set_result(fetch.result())
        return
    if not isinstance(failure, ProviderError):
        _log.error("a provider's answer broke its translation", account=asked.account.id, exc_info=failure)
        failure = Unintelligible(asked.account.owner)
    asked.record_failure(failure)
    answer.set_exception(failure)
    answer.exception()  # where nobody waits any more it is no news


PageKey = tuple[str, DateWindow, str | None]  # account, window, the provider's cursor
PartKey = tuple[str, str]  # account, the invoice's native key
A = TypeVar("A", PageKey, PartKey)


class Loaders:
    """Every loader of one request."""

    def __init__(self, roster: AccountRegistry) -> None:
        self._roster = roster
        self._list_deadline = _list_deadline()
        self.outcomes = RequestOutcomes()
        self.known_invoices: dict[str, Invoice] = {}  # invoices that are known, by id, for parts that name theirs
        self._loaders: list[KeyedLoader[Any, Any]] = []

    @cached_property
    def _pages(self) -> KeyedLoader[PageKey, InvoicePage]:
        return self._loader(lambda source, key: source.page(key[1], key[2]), batch=False)  # seldom more than a few

    @cached_property
    def _invoices(self) -> KeyedLoader[PartKey, Invoice | None]:
        return self._loader(lambda source, key: source.invoice(key[1]))

    @cached_property
    def _lines(self) -> KeyedLoader[PartKey, LineItems]:
        return self._loader(lambda source, key: source.line_items(key[1]))

    def _loader(self, fetch: Callable[[InvoiceSource, A], Awaitable[V]], *, batch: bool = True) -> KeyedLoader[A, V]:
        ledger, roster = self.outcomes, self._roster
        made: KeyedLoader[A, V] = KeyedLoader(lambda key: ledger.begin(roster[key[0]]), fetch, batch=batch)
        self._loaders.append(made)
        return made

    async def page(
        self, account_id: str, window: DateWindow, cursor: str | None, *, listing: bool = False
    ) -> InvoicePage:
        """`listing`: a list of several accounts waits for it, here and in `invoice`."""
        window = window if self._roster[account_id].spec.list_filters_dates else DateWindow()
        return await self._pages.load_one((account_id, window, cursor), self._list_deadline if listing else None)

    async def invoice(self, account_id: str, native: str, *, listing: bool = False) -> Invoice | None:
        return await self._invoices.load_one((account_id, native), self._list_deadline if listing else None)

    async def invoices(self, account_id: str, provider_keys: Sequence[str]) -> list[Invoice | Exception | None]:
        """Those that a list names, and what failed in place of others."""
        return await self._invoices.load_many_or_errors(
            [(account_id, native) for native in provider_keys], self._list_deadline
        )

    def line_items(self, invoice: Invoice) -> Awaitable[Sequence[LineItem]]:
        """The lines of an invoice that did not bring them along; other requests read the same ones."""
        self.known_invoices[str(invoice.id)] = invoice
        return self.lines_of(invoice.account_id, ids.provider_key(invoice.id))

    async def lines_of(self, account_id: str, native: str) -> Sequence[LineItem]:
        return (await self._lines.load_one((account_id, native))).items

    def close(self) -> None:
        """Ends what is still under way: nobody waits for it any more."""
        for loader in self._loaders:
            loader.close()
        self.known_invoices.clear()


def _list_deadline() -> float | None:
    """When lists give up on an account, so that a silent one leaves time for the parts of the others' invoices."""
    end, now = deadline.get(), asyncio.get_running_loop().time()
    return None if end is None else now + (end - now) * LIST_DEADLINE_FRACTION
