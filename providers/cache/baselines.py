"""Baselines in a store: what each issued invoice contained when it was last read, and when it was restated."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from providers.store.protocol import Store

from .signature import EntrySigner


class Baseline(msgspec.Struct, frozen=True, array_like=True):
    """Digests of one invoice's latest content, by endpoint, and the time of its last restatement."""

    key: str
    digests: dict[str, bytes]
    restated_at: datetime | None


class BaselineStore:
    """The baselines of one account. They do not expire: they last for as long as the store has space."""

    def __init__(self, store: Store, signer: EntrySigner, namespace: str) -> None:
        self._store, self._signer, self._namespace = store, signer, namespace

    async def load(self, provider_keys: Iterable[str]) -> dict[str, Baseline]:
        """Return the stored baselines of these invoices."""
        names = {key: self._name(key) for key in provider_keys}
        values = await self._store.get_many([*names.values()])
        decoded = (
            (key, self._signer.decode(data, name, Baseline))
            for (key, name), data in zip(names.items(), values, strict=True)
        )
        return {key: baseline for key, baseline in decoded if baseline is not None}

    def save(self, baselines: Mapping[str, tuple[dict[str, bytes], datetime | None]]) -> None:
        """Store the digests and restatement times of invoices, by provider key. Runs in the background."""
        if not baselines:
            return
        entries = [Baseline(self._name(key), *content) for key, content in baselines.items()]
        self._store.put_many({entry.key: self._signer.encode(entry) for entry in entries}, math.inf)

    def _name(self, provider_key: str) -> str:
        text = provider_key.encode("utf-8", "backslashreplace").decode()  # a lone surrogate cannot be stored
        return f"{self._namespace} baseline {text}"
