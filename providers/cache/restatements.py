"""Detection of restatements: changes of an issued invoice."""

import json
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import structlog

from providers import ids
from providers.account import AccountRef
from providers.observer import UNOBSERVED, CallObserver
from providers.source import InvoicePage, LineItems
from schema.invoice import Invoice, InvoiceStatus

from .memory import ResourceCache

_log = structlog.get_logger()
_encoder = msgspec.json.Encoder(order="sorted")
INVOICE_OVERHEAD = 600  # bytes that the digests of one invoice take, estimated
MAX_PAGES, MAX_INVOICES = 100, 10_000  # per account


@dataclass(slots=True)
class InvoiceDigests:
    """Digests of one invoice's latest content, by endpoint, and the time of its last restatement."""

    digests: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, int | None] = field(default_factory=dict)  # digests of the response bodies, if known
    restated_at: datetime | None = None


@dataclass(slots=True)
class AccountDigests:
    """Digests of one account's invoices and pages."""

    invoices: dict[str, InvoiceDigests] = field(default_factory=dict)  # by provider key
    # By digest of a page's body: the restated invoices of the page, by id, with the time of their last restatement.
    pages: dict[int, dict[str, datetime]] = field(default_factory=dict)


class RestatementTracker:
    """Compares an account's issued invoices with what the provider returned before. Keeps digests in the cache.

    `volatile_keys` are keys of the payload, at its top or one level below. Their values may change without a
    restatement, as a payment does.
    """

    def __init__(
        self,
        account_ref: AccountRef,
        namespace: str,
        cache: ResourceCache,
        volatile_keys: Set[str],
        observer: CallObserver = UNOBSERVED,
    ) -> None:
        self._account_ref, self._cache, self._volatile_keys = account_ref, cache, volatile_keys
        self._key, self._observer = f"{namespace} digests", observer

    def page(self, page: InvoicePage) -> None:
        """Compare every invoice of a page, and set its `restated_at`. An unchanged body skips the comparison."""
        pages = self._account_digests().pages
        body = page.body.digest if page.body else None
        restated = None if body is None else pages.get(body)
        if restated is not None:
            for invoice in page.invoices if restated else ():
                invoice.restated_at = restated.get(invoice.id)
            return
        for invoice in page.invoices:
            self._invoice(invoice, body)
        if body is not None:
            if len(pages) >= MAX_PAGES:
                pages.clear()
            pages[body] = {each.id: each.restated_at for each in page.invoices if each.restated_at}

    def invoice(self, invoice: Invoice | None) -> None:
        """Compare an invoice, and set its `restated_at`. An unchanged body skips the comparison."""
        if invoice is not None:
            self._invoice(invoice, invoice.body.digest if invoice.body else None)

    def _invoice(self, invoice: Invoice, body: int | None) -> None:
        if invoice.status is not InvoiceStatus.ISSUED:
            return
        provider_key = ids.provider_key(invoice.id)
        endpoint = "detail" if isinstance(invoice.payload, dict) else "list"
        digests = self._digests_of(provider_key)
        if body is None or digests.bodies.get(endpoint) != body:
            content = self._stable_content(invoice.payload) if endpoint == "detail" else invoice.list_payload
            self._compare(digests, provider_key, endpoint, content, invoice.observed_at)
            digests.bodies[endpoint] = body
        invoice.restated_at = digests.restated_at

    def line_items(self, provider_key: str, lines: LineItems) -> None:
        """Compare the line items of an invoice that does not include them."""
        if lines.observed_at is not None:
            digests, body = self._digests_of(provider_key), lines.items.digest
            if body is None or digests.bodies.get("lines") != body:
                self._compare(digests, provider_key, "lines", list(lines.items.rows), lines.observed_at)
                digests.bodies["lines"] = body

    def _compare(
        self, digests: InvoiceDigests, provider_key: str, endpoint: str, content: object, observed_at: datetime
    ) -> None:
        digest = hash(canonical_json(content))
        if digests.digests.setdefault(endpoint, digest) != digest:
            digests.digests[endpoint], digests.restated_at = digest, observed_at
            self._account_digests().pages.clear()
            account_ref = self._account_ref
            self._observer.invoice_restated(account_ref)
            _log.warning(
                "A posted invoice has changed.", account=account_ref.id, invoice=account_ref.invoice_id(provider_key)
            )

    def _digests_of(self, provider_key: str) -> InvoiceDigests:
        account = self._account_digests()
        digests = account.invoices.get(provider_key)
        if digests is None:
            if len(account.invoices) >= MAX_INVOICES:  # the first one is the oldest
                del account.invoices[next(iter(account.invoices))]
            digests = account.invoices[provider_key] = InvoiceDigests()
            self._cache.put(self._key, account, INVOICE_OVERHEAD * len(account.invoices))
        return digests

    def _account_digests(self) -> AccountDigests:
        account: AccountDigests | None = self._cache.peek(self._key)
        if account is None:
            self._cache.put(self._key, account := AccountDigests(), 0)
        return account

    def _stable_content(self, payload: Any) -> Any:
        return {
            key: {inner: part for inner, part in value.items() if inner not in self._volatile_keys}
            if isinstance(value, dict)
            else value
            for key, value in payload.items()
            if key not in self._volatile_keys
        }


def canonical_json(content: object) -> bytes:
    """Return JSON with sorted keys: the same bytes for any order of keys."""
    try:
        return _encoder.encode(content)
    except (ValueError, RecursionError):  # such as a lone surrogate, which JSON can contain
        return json.dumps(content, sort_keys=True).encode()
