"""Detection of restatements: changes of an issued invoice."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
import structlog

from providers import ids
from providers.account import AccountRef
from providers.observer import UNOBSERVED, CallObserver
from providers.source import InvoicePage, LineItems
from schema.invoice import Invoice, InvoiceStatus

from .baselines import Baseline, BaselineStore
from .memory import ResourceCache

_log = structlog.get_logger()
_encoder = msgspec.json.Encoder(order="sorted")
INVOICE_OVERHEAD = 600  # bytes that the digests of one invoice take, estimated
MAX_PAGES, MAX_INVOICES = 100, 10_000  # per account


class Observation(NamedTuple):
    """The content of an invoice in one response."""

    endpoint: str
    body: int | None  # digest of the whole response body, valid in this process only
    digest: bytes
    observed_at: datetime


@dataclass(slots=True)
class InvoiceDigests:
    """Digests of one invoice's latest content, by endpoint, and the time of its last restatement."""

    digests: dict[str, bytes] = field(default_factory=dict)
    bodies: dict[str, int | None] = field(default_factory=dict)  # digests of the response bodies, if known
    restated_at: datetime | None = None

    def is_new(self, observation: Observation) -> bool:
        return self.digests.get(observation.endpoint) != observation.digest

    def merge(self, baseline: Baseline, observation: Observation) -> None:
        """Take what an earlier process knew. Another process may have noticed the same restatement before."""
        for endpoint, digest in baseline.digests.items():
            if endpoint not in self.digests or (endpoint, digest) == (observation.endpoint, observation.digest):
                self.digests[endpoint] = digest
        if baseline.restated_at and (self.restated_at is None or self.restated_at < baseline.restated_at):
            self.restated_at = baseline.restated_at

    def update(self, observation: Observation) -> bool:
        """Replace the content. Returns whether that is a restatement: it was known, and is another one now."""
        is_restated = self.digests.get(observation.endpoint, observation.digest) != observation.digest
        self.digests[observation.endpoint] = observation.digest
        self.bodies[observation.endpoint] = observation.body
        if is_restated:
            self.restated_at = observation.observed_at
        return is_restated


@dataclass(slots=True)
class AccountDigests:
    """Digests of one account's invoices and pages."""

    invoices: dict[str, InvoiceDigests] = field(default_factory=dict)  # by provider key
    # By digest of a page's body: the restated invoices of the page, by id, with the time of their last restatement.
    pages: dict[int, dict[str, datetime]] = field(default_factory=dict)

    def has_seen(self, provider_key: str, endpoint: str, body: int | None) -> bool:
        """Whether the latest response with this invoice had the same body."""
        digests = self.invoices.get(provider_key)
        return body is not None and digests is not None and digests.bodies.get(endpoint) == body


class RestatementTracker:
    """Compares an account's issued invoices with what the provider returned before.

    Digests are in the cache, and in a store if there is one: they then survive a restart. `volatile_keys` are keys of
    the payload, at its top or one level below. Their values may change without a restatement, as a payment does.
    """

    def __init__(
        self,
        account_ref: AccountRef,
        namespace: str,
        cache: ResourceCache,
        volatile_keys: Set[str],
        baselines: BaselineStore | None = None,
        observer: CallObserver = UNOBSERVED,
    ) -> None:
        self._account_ref, self._cache, self._volatile_keys = account_ref, cache, volatile_keys
        self._key, self._baselines, self._observer = f"{namespace} digests", baselines, observer

    async def page(self, page: InvoicePage) -> None:
        """Compare every invoice of a page, and set its `restated_at`. An unchanged body skips the comparison."""
        account = self._account_digests()
        body = page.body.digest if page.body else None
        restated = None if body is None else account.pages.get(body)
        if restated is not None:
            for invoice in page.invoices if restated else ():
                invoice.restated_at = restated.get(invoice.id)
            return
        await self._invoices(account, page.invoices, body)
        if body is not None:
            if len(account.pages) >= MAX_PAGES:
                account.pages.clear()
            account.pages[body] = {each.id: each.restated_at for each in page.invoices if each.restated_at}

    async def invoice(self, invoice: Invoice | None) -> None:
        """Compare an invoice, and set its `restated_at`. An unchanged body skips the comparison."""
        if invoice is not None:
            await self._invoices(self._account_digests(), [invoice], invoice.body.digest if invoice.body else None)

    async def line_items(self, provider_key: str, lines: LineItems) -> None:
        """Compare the line items of an invoice that does not include them."""
        account, body = self._account_digests(), lines.items.digest
        if lines.observed_at is not None and not account.has_seen(provider_key, "lines", body):
            digest = content_digest(list(lines.items.rows))
            await self._compare(account, {provider_key: Observation("lines", body, digest, lines.observed_at)})

    async def _invoices(self, account: AccountDigests, invoices: Sequence[Invoice], body: int | None) -> None:
        issued = [
            (ids.provider_key(each.id), each) for each in reversed(invoices) if each.status is InvoiceStatus.ISSUED
        ]
        observations = {}  # of the first row if a page has several of one invoice
        for provider_key, invoice in issued:
            endpoint = "detail" if isinstance(invoice.payload, dict) else "list"
            if not account.has_seen(provider_key, endpoint, body):
                content = self._stable_content(invoice.payload) if endpoint == "detail" else invoice.list_payload
                observations[provider_key] = Observation(endpoint, body, content_digest(content), invoice.observed_at)
        await self._compare(account, observations)
        for provider_key, invoice in issued:
            digests = account.invoices.get(provider_key)
            invoice.restated_at = digests.restated_at if digests else None

    async def _compare(self, account: AccountDigests, observations: Mapping[str, Observation]) -> None:
        """Compare invoices with their baselines, by provider key, and replace those that are new."""
        digests = {key: self._digests_of(account, key) for key in observations}
        new = [key for key, observation in observations.items() if digests[key].is_new(observation)]
        stored = await self._baselines.load(new) if self._baselines and new else {}
        for key, baseline in stored.items():
            digests[key].merge(baseline, observations[key])
        for key, observation in observations.items():
            if digests[key].update(observation):
                account.pages.clear()
                account_ref = self._account_ref
                self._observer.invoice_restated(account_ref)
                _log.warning(
                    "A posted invoice has changed.", account=account_ref.id, invoice=account_ref.invoice_id(key)
                )
        if self._baselines is not None:
            states = {key: (digests[key].digests, digests[key].restated_at) for key in new}
            self._baselines.save(
                {key: state for key, state in states.items() if not _is_stored(state, stored.get(key))}
            )

    def _digests_of(self, account: AccountDigests, provider_key: str) -> InvoiceDigests:
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


def _is_stored(state: tuple[dict[str, bytes], datetime | None], baseline: Baseline | None) -> bool:
    return baseline is not None and state == (baseline.digests, baseline.restated_at)


def content_digest(content: object) -> bytes:
    """Return a digest that is the same in every process."""
    return blake2b(canonical_json(content), digest_size=16).digest()


def canonical_json(content: object) -> bytes:
    """Return JSON with sorted keys: the same bytes for any order of keys."""
    try:
        return _encoder.encode(content)
    except (ValueError, RecursionError):  # such as a lone surrogate, which JSON can contain
        return json.dumps(content, sort_keys=True).encode()
