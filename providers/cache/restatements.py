"""Notices that a posted invoice says something else than it said before."""

import json
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import structlog

from providers import ids
from providers.account import AccountRef
from providers.source import InvoicePage, LineItems
from schema.invoice import Invoice, InvoiceStatus

from .memory import ResourceCache

_log = structlog.get_logger()
_encoder = msgspec.json.Encoder(order="sorted")
INVOICE_OVERHEAD = 600  # bytes that what is known of one invoice takes, roughly
MAX_PAGES, MAX_INVOICES = 100, 10_000  # of one account that are remembered


@dataclass(slots=True)
class InvoiceDigests:
    """What one invoice said last, by the way on which it was read, and when it was seen to have changed."""

    digests: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, int | None] = field(default_factory=dict)  # of the same, to the byte, where that is known
    restated_at: datetime | None = None


@dataclass(slots=True)
class AccountDigests:
    """What is known of one account."""

    invoices: dict[str, InvoiceDigests] = field(default_factory=dict)  # by invoice
    # By the digest of each page that says the same, to the byte, as is known: which of its invoices have changed, when.
    pages: dict[int, dict[str, datetime]] = field(default_factory=dict)


class RestatementTracker:
    """What one account's posted invoices said when they were last read: a digest of each, kept in the memory.

    `moves` are the keys of the wire, at its top or one level below, that go on changing without a change of the
    bill, as payment does.
    """

    def __init__(self, owner: AccountRef, whose: str, memory: ResourceCache, moves: Set[str]) -> None:
        self._owner, self._key, self._memory, self._volatile_keys = owner, f"{whose} said", memory, moves
        self.restatements = 0  # how many times an invoice was seen to have changed

    def page(self, page: InvoicePage) -> None:
        """The same of all its invoices; of a page that is known to say nothing new, at once."""
        pages = self._account_digests().pages
        changed = None if page.digest is None else pages.get(page.digest)
        if changed is not None:
            for invoice in page.invoices if changed else ():
                invoice.restated_at = changed.get(invoice.id)
            return
        for invoice in page.invoices:
            self.invoice(invoice, page.digest)
        if page.digest is not None:
            if len(pages) >= MAX_PAGES:
                pages.clear()
            pages[page.digest] = {each.id: each.restated_at for each in page.invoices if each.restated_at}

    def invoice(self, invoice: Invoice | None, body: int | None = None) -> None:
        """Compares what was just read; the invoice says of itself when it was last seen to have changed.

        `body`: the digest of what it was read from, where that is known; what came from the same one is the same.
        """
        if invoice is None or invoice.status is not InvoiceStatus.ISSUED:
            return
        native, way = ids.provider_key(invoice.id), "whole" if isinstance(invoice.payload, dict) else "listed"
        said = self._digests_of(native)
        if body is None or said.bodies.get(way) != body:
            content = self._stable_content(invoice.payload) if way == "whole" else invoice.list_payload
            self._compare(said, native, way, content, invoice.observed_at)
            said.bodies[way] = body
        invoice.restated_at = said.restated_at

    def line_items(self, native: str, lines: LineItems) -> None:
        """Compares the lines of an invoice that does not bring them along."""
        if lines.observed_at is not None:
            said, body = self._digests_of(native), lines.items.digest
            if body is None or said.bodies.get("lines") != body:
                self._compare(said, native, "lines", list(lines.items.rows), lines.observed_at)
                said.bodies["lines"] = body

    def _compare(self, said: InvoiceDigests, native: str, way: str, content: object, at: datetime) -> None:
        digest = hash(canonical_json(content))
        if said.digests.setdefault(way, digest) != digest:
            said.digests[way], said.restated_at = digest, at
            self._account_digests().pages.clear()
            self.restatements += 1
            _log.warning("a posted invoice has changed", account=self._owner.id, invoice=self._owner.invoice(native))

    def _digests_of(self, native: str) -> InvoiceDigests:
        known = self._account_digests()
        said = known.invoices.get(native)
        if said is None:
            if len(known.invoices) >= MAX_INVOICES:  # the first one is the oldest
                del known.invoices[next(iter(known.invoices))]
            said = known.invoices[native] = InvoiceDigests()
            self._memory.put(self._key, known, INVOICE_OVERHEAD * len(known.invoices))
        return said

    def _account_digests(self) -> AccountDigests:
        known: AccountDigests | None = self._memory.peek(self._key)
        if known is None:
            self._memory.put(self._key, known := AccountDigests(), 0)
        return known

    def _stable_content(self, wire: Any) -> Any:
        return {
            key: {inner: part for inner, part in value.items() if inner not in self._volatile_keys}
            if isinstance(value, dict)
            else value
            for key, value in wire.items()
            if key not in self._volatile_keys
        }


def canonical_json(content: object) -> bytes:
    """The same whatever the order of its keys."""
    try:
        return _encoder.encode(content)
    except (ValueError, RecursionError):  # a lone surrogate, such as JSON can hold
        return json.dumps(content, sort_keys=True).encode()
