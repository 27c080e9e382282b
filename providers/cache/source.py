"""A source whose answers are remembered: below the loaders, above the clients, the same for every provider."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from providers.deadline import call_deadline
from providers.errors import NotFound, ProviderError
from providers.settings import AccountSettings
from providers.source import MONTH_TO_DATE, InvoicePage, InvoiceSource, Lines, Window
from providers.ttl import Kind
from schema.invoice import Invoice

from . import policy
from .dependencies import uses
from .memory import Memory, Recall, Seen
from .restatements import Statements
from .shared import Question, Shared, is_posted

# Whether the request that is being answered wants every answer from its provider, however fresh the one remembered is.
read_through: ContextVar[bool] = ContextVar("read_through", default=False)

T = TypeVar("T")
_RECALLS = 240  # that are kept, of an account's invoices and of their lines: each is made once for all who ask
_OBJECT = 1_000  # bytes that a translated invoice or line takes besides its wire, roughly
_encoder = msgspec.json.Encoder()
_PARTS = 2  # times what an invoice's wire takes, which it takes with all that is translated of it


class Remembered:
    """Answers like the source that it wraps, and asks it only for what the memory does not hold."""

    def __init__(self, source: InvoiceSource, memory: Memory, shared: Shared | None = None) -> None:
        self._source, self._memory, self._shared = source, memory, shared
        self._whose, self._owner = fingerprint(source.settings), source.settings.owner
        self._freshness = source.settings.freshness
        self.statements = Statements(self._owner, self._whose, memory, source.moves)
        self._whole, self._lines = lru_cache(_RECALLS)(self._whole_of), lru_cache(_RECALLS)(self._lines_of)

    @property
    def settings(self) -> AccountSettings:
        return self._source.settings

    @property
    def reference(self) -> str | None:
        return self._source.reference

    @property
    def moves(self) -> frozenset[str]:
        return self._source.moves

    @property
    def lists_itself(self) -> bool:
        return self._source.lists_itself

    @property
    def constant(self) -> bool:
        return self._source.constant

    async def page(self, window: Window, cursor: str | None, /) -> InvoicePage:
        if self.lists_itself:
            if not self.constant and (noted := uses.get()):
                noted.whole = False
            return await self._source.page(window, cursor)

        def ask() -> Awaitable[InvoicePage]:
            return self._source.page(window, cursor)

        name = f"page {window.oldest} {window.newest} {cursor}"
        page = await self._answer(self._recall(name, ask, _kind_of_page, _aged_page, self.statements.page))
        if page.failures:
            return _completed(page, self._known(name))
        return page

    def invoice(self, native: str, /) -> Awaitable[Invoice | None]:
        return self._answer(self._whole(native))

    def _whole_of(self, native: str) -> Recall[Invoice | None]:
        name = f"invoice {native}"

        def kind(invoice: Invoice | None) -> Kind:
            running = invoice is not None and native == MONTH_TO_DATE
            return Kind.MONTH_TO_DATE if running else policy.of_invoice(invoice)

        async def ask() -> Invoice | None:
            found = await self._source.invoice(native)
            if found is None and is_posted(self._known(name)):
                raise NotFound(self._owner)
            return found

        return self._recall(name, ask, kind, _aged_invoice, self.statements.invoice)

    def period_end(self, native: str, /) -> datetime | None:
        return self._source.period_end(native)

    def line_items(self, native: str, /) -> Awaitable[Lines]:
        return self._answer(self._lines(native))

    def _lines_of(self, native: str) -> Recall[Lines]:
        def kind(_: Lines) -> Kind:
            end = self._source.period_end(native)
            return Kind.INVOICE if end is None else policy.of_unfollowed(end)

        def ask() -> Awaitable[Lines]:
            return self._source.line_items(native)

        def note(lines: Lines) -> None:
            self.statements.lines(native, lines)
            lines.items.serialize_eagerly()

        return self._recall(f"lines {native}", ask, kind, _aged_lines, note)

    def _known(self, name: str) -> Any:
        """What may still be given of it."""
        return self._memory.known(f"{self._whose} {name}", self._freshness.stale_for)

    def _recall(
        self,
        name: str,
        ask: Callable[[], Awaitable[T]],
        kind: Callable[[T], Kind | None],
        aged: Callable[[T, ProviderError], T],
        note: Callable[[T], None],
    ) -> Recall[T]:
        key, stale_for = f"{self._whose} {name}", self._freshness.stale_for

        def seconds(value: T) -> float | None:
            found = kind(value)
            return None if found is None else self._freshness.of(found)

        async def fetch(within: float) -> Seen[T]:
            if self._shared is None:
                value, age = await ask(), 0.0
            else:
                had = await self._shared.ask(Question(key, self._owner, ask, seconds, stale_for), within)
                if had.stale_because is not None:
                    return Seen(aged(had.value, had.stale_because), None)
                value, age = had.value, had.age
            note(value)
            return Seen(value, seconds(value), age)

        return Recall(key, self._owner, fetch, stale_for, aged, _weight)

    def _answer(self, wanted: Recall[T]) -> Awaitable[T]:
        return self._memory.recall(wanted, call_deadline(), through=read_through.get())


def fingerprint(settings: AccountSettings) -> str:
    """Whose answers these are: provider, address, account and, one way, the key that they were read with.

    The configured currency is part of what is translated.
    """
    whose = f"{settings.provider} {settings.base_url} {settings.tenant} {settings.id} {settings.currency}"
    key = blake2b(whose.encode(), digest_size=32).digest()
    return f"{whose} {blake2b(settings.api_key.get_secret_value().encode(), key=key, digest_size=16).hexdigest()}"


def _kind_of_page(page: InvoicePage) -> Kind | None:
    """Not remembered: a page that asked nobody, or holds what could not be read."""
    return None if page.observed_at is None or page.failures else Kind.LIST


def _aged_page(page: InvoicePage, why: ProviderError) -> InvoicePage:
    return replace(page, invoices=[_aged(invoice, why) for invoice in page.invoices], stale_because=why)


def _completed(page: InvoicePage, before: InvoicePage | None) -> InvoicePage:
    """With the invoices that stood there before: one of them may be what could not be read."""
    read = {invoice.id for invoice in page.invoices}
    missed = [
        _aged(invoice, page.failures[0]) for invoice in (before.invoices if before else ()) if invoice.id not in read
    ]
    invoices = sorted(page.invoices + missed, key=lambda invoice: invoice.period.start, reverse=True)
    return replace(page, invoices=invoices) if missed else page


def _aged_invoice(invoice: Invoice | None, why: ProviderError) -> Invoice | None:
    """That there was none an hour ago is no answer."""
    if invoice is None:
        raise why
    return _aged(invoice, why)


def _aged(invoice: Invoice, why: ProviderError) -> Invoice:
    """A copy that says so; the remembered one may be fresh again tomorrow."""
    aged = copy(invoice)
    aged.stale, aged.stale_reason = True, why
    return aged


def _aged_lines(lines: Lines, why: ProviderError) -> Lines:
    return replace(lines, stale_because=why)


def _weight(value: object) -> int:
    """About how many bytes of memory an answer takes, with what will be translated of it."""
    match value:
        case InvoicePage():
            return _OBJECT + sum(map(_weight, value.invoices))
        case Invoice():
            return _OBJECT + _PARTS * _weight_of_json(_encoder.encode(value.payload))
        case Lines():
            return _OBJECT * (1 + len(value.items)) + _weight_of_json(value.items.body or b"")
        case _:
            return _OBJECT


def _weight_of_json(text: bytes) -> int:
    """Rather too much: each value follows a comma, or opens its list or object."""
    return len(text) + 60 * text.count(b",") + 240 * text.count(b"{") + 120 * text.count(b"[")
