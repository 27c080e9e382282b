"""Cache in a store: a response that one process fetched serves the others, and those after a restart."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Generic, Protocol, TypeVar

import msgspec

from providers.call import CallContext
from providers.deadline import loop_time
from providers.errors import NotFound, ProviderError, TimedOut
from providers.recording import NotRecorded, RecordedResponse, Recording
from providers.store.protocol import Lease, Store
from schema.invoice import Invoice, InvoiceStatus

from .resource import CachedResource, Fetched, stale_or_raise
from .signature import EntrySigner

T = TypeVar("T")
POLL_INTERVAL, MAX_POLL_INTERVAL = 0.05, 0.4  # seconds between two looks at the leader's progress: first, and at most
MAX_CLOCK_SKEW = 5.0  # seconds between the instances' clocks; an entry from further in the future is ignored


class StoredEntry(msgspec.Struct, frozen=True, array_like=True):
    """The recorded provider responses of one resource."""

    key: str
    read_at: float  # seconds since 1970, on the clock of the instance that fetched them
    responses: list[RecordedResponse]


class Stored(msgspec.Struct, Generic[T], frozen=True):
    """A stored value, translated from the responses in `data`."""

    data: bytes
    fetched: Fetched[T]


class SharedResource(CachedResource[T], Protocol[T]):
    """A resource that instances share."""

    def call_source(self, call: CallContext) -> Awaitable[T]:
        """Read the value from the provider, or from the recording of the call."""

    def ttl(self, value: T) -> float | None:
        """Return the seconds for which a value is fresh, or None if it must not be cached."""


class SharedCache:
    """Fetches each resource of an account once for all instances, and keeps it over restarts.

    One instance, the leader, holds a lease and fetches. The others wait, or take over if it dies.
    Entries hold provider responses, never credentials. An entry that is not signed, cannot be decoded, has another
    format, or belongs to another key counts as missing.
    """

    def __init__(self, store: Store, signer: EntrySigner) -> None:
        self._store, self._signer = store, signer

    async def get(self, resource: SharedResource[T], call: CallContext, max_age_fraction: float = 1.0) -> Fetched[T]:
        """Return the shared value if its age is below that fraction of its TTL. Otherwise fetch it.

        If the fetch fails, the stale value is returned, without a TTL. Raises the failure if there is none.
        Each instance applies its own TTL.
        """
        pause = POLL_INTERVAL
        while True:
            stored = await self._replay_stored(resource, call)
            if stored is not None and _is_fresh(stored, max_age_fraction):
                return stored.fetched
            async with self._store.lease(resource.key) as lease:
                if lease.is_held:
                    return await self._fetch_as_leader(resource, call, max_age_fraction, lease, stored)
            remaining = call.deadline - loop_time()
            if remaining <= 0:  # the leader still waits for the provider
                return _stale_or_raise(resource, stored, TimedOut(resource.account_ref))
            await asyncio.sleep(min(pause, remaining))
            pause = min(1.5 * pause, MAX_POLL_INTERVAL)

    async def _fetch_as_leader(
        self,
        resource: SharedResource[T],
        call: CallContext,
        max_age_fraction: float,
        lease: Lease,
        stored: Stored[T] | None,
    ) -> Fetched[T]:
        # Another instance may have stored it before this one got the lease.
        stored = await self._replay_stored(resource, call, stored)
        if stored is not None and _is_fresh(stored, max_age_fraction):
            return stored.fetched
        recording = Recording()
        try:
            value = await resource.call_source(msgspec.structs.replace(call, recording=recording))
            if value is None and stored is not None and is_posted(stored.fetched.value):
                raise NotFound(resource.account_ref)
        except ProviderError as failure:
            return _stale_or_raise(resource, stored, failure)
        ttl = resource.ttl(value)
        if ttl is not None and recording.responses:
            entry = StoredEntry(resource.key, time.time(), recording.responses)
            lease.payload = self._signer.encode(entry), ttl + resource.stale_for
        return Fetched(value, ttl)

    async def _replay_stored(
        self, resource: SharedResource[T], call: CallContext, previous: Stored[T] | None = None
    ) -> Stored[T] | None:
        """Let the source translate the stored responses, without a call. Returns None if there is no usable entry.

        Returns `previous` if that is still what the store has.
        """
        data = await self._store.get(resource.key)
        if previous is not None and data == previous.data:
            return previous
        entry = self._signer.decode(data, resource.key, StoredEntry)
        if data is None or entry is None:
            return None
        age = time.time() - entry.read_at
        if not age > -MAX_CLOCK_SKEW:
            return None
        recording = Recording(entry.responses, replay_only=True)
        try:
            value = await resource.call_source(msgspec.structs.replace(call, recording=recording))
        except (ProviderError, NotRecorded):  # an entry that cannot be replayed counts as missing
            return None
        return Stored(data, Fetched(value, resource.ttl(value) or 0.0, max(0.0, age)))


def _is_fresh(stored: Stored[T], max_age_fraction: float) -> bool:
    return stored.fetched.age < max_age_fraction * (stored.fetched.ttl or 0.0)


def is_posted(value: object) -> bool:
    """Return whether the value is an issued invoice.

    An issued invoice does not disappear: a provider that reports it as absent has failed.
    """
    return isinstance(value, Invoice) and value.status is InvoiceStatus.ISSUED


def _stale_or_raise(resource: SharedResource[T], stored: Stored[T] | None, failure: ProviderError) -> Fetched[T]:
    """Return the stored value, marked as stale. Raises the failure if the value is missing or too old."""
    if stored is None:
        raise failure
    old = stored.fetched
    return Fetched(stale_or_raise(resource, old.value, old.age, old.ttl or 0.0, failure), None)
