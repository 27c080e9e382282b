"""Notices that a posted invoice says something else than it said before."""

import json
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
import structlog

from schema.invoice import Invoice, InvoiceStatus

from . import ids
from .base import InvoicePage, Lines
from .memory import Memory
from .owner import Owner

_log = structlog.get_logger()
_encoder = msgspec.json.Encoder(order="sorted")
_SIZE = 600  # bytes that what is known of one invoice takes, roughly


@dataclass(slots=True)
class _Said:
    """What one invoice said last, by the way on which it was read, and when it was seen to have changed."""

    digests: dict[str, bytes] = field(default_factory=dict)
    bodies: dict[str, int | None] = field(default_factory=dict)  # of the same, to the byte, where that is known
    restated_at: datetime | None = None


class Statements:
    """What one account's posted invoices said when they were last read: a digest of each, kept in the memory.

    `moves` are the keys of the wire, at its top or one level below, that go on changing without a change of the
    bill, as payment does.
    """

    def __init__(self, owner: Owner, whose: str, memory: Memory, moves: Set[str]) -> None:
        self._owner, self._whose, self._memory, self._moves = owner, whose, memory, moves
        self.restated = 0  # how many times an invoice was seen to have changed

    def page(self, page: InvoicePage) -> None:
        for invoice in page.invoices:
            self.invoice(invoice, page.digest)

    def invoice(self, invoice: Invoice | None, body: int | None = None) -> None:
        """Compares what was just read; the invoice says of itself when it was last seen to have changed.

        `body`: the digest of what it was read from, where that is known; what came from the same one is the same.
        """
        if invoice is None or invoice.status is not InvoiceStatus.ISSUED:
            return
        native, way = ids.native(invoice.id), "whole" if isinstance(invoice.wire, dict) else "listed"
        said = self._said(native)
        if body is None or said.bodies.get(way) != body:
            content = self._bill(invoice.wire) if way == "whole" else invoice.listed
            self._compare(said, native, way, content, invoice.observed_at)
            said.bodies[way] = body
        invoice.restated_at = said.restated_at

    def lines(self, native: str, lines: Lines) -> None:
        """Compares the lines of an invoice that does not bring them along."""
        if lines.observed_at is not None:
            said, body = self._said(native), lines.items.digest
            if body is None or said.bodies.get("lines") != body:
                self._compare(said, native, "lines", list(lines.items.rows), lines.observed_at)
                said.bodies["lines"] = body

    def _compare(self, said: _Said, native: str, way: str, content: object, at: datetime) -> None:
        digest = _digest(content)
        if said.digests.setdefault(way, digest) != digest:
            said.digests[way], said.restated_at = digest, at
            self.restated += 1
            _log.warning("a posted invoice has changed", account=self._owner.id, invoice=self._owner.invoice(native))

    def _said(self, native: str) -> _Said:
        key = f"{self._whose} said {native}"
        said: _Said | None = self._memory.known(key)
        if said is None:
            self._memory.know(key, said := _Said(), _SIZE)
        return said

    def _bill(self, wire: Any) -> Any:
        return {
            key: {inner: part for inner, part in value.items() if inner not in self._moves}
            if isinstance(value, dict)
            else value
            for key, value in wire.items()
            if key not in self._moves
        }


def _digest(content: object) -> bytes:
    return blake2b(_written(content), digest_size=16).digest()


def _written(content: object) -> bytes:
    """The same whatever the order of its keys."""
    try:
        return _encoder.encode(content)
    except (ValueError, RecursionError):  # a lone surrogate, such as JSON can hold
        return json.dumps(content, sort_keys=True).encode()
