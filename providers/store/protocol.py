"""The contract of a store, which keeps values for longer than the process that wrote them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

MAX_TTL_SECONDS = 10 * 366 * 24 * 60 * 60.0  # seconds; longer ones, such as infinity, are reduced to this


@dataclass(slots=True)
class Lease:
    """A lease of one key. `is_held` is False if another instance holds it.

    The holder may set `payload`, a value and its TTL in seconds. It is stored as an entry when the lease ends.
    """

    is_held: bool
    payload: tuple[bytes, float] | None = None


class Store(Protocol):
    """A store of named values. A store that fails acts like an empty one, and never raises.

    Names are arbitrary text. What the store returns may be written by another program, so callers verify it.
    """

    @property
    def name(self) -> str:
        """The name for operators, such as "shared cache"."""

    @property
    def status(self) -> str:
        """How `/readyz` calls a store that can be used."""

    @property
    def is_reachable(self) -> bool:
        """Whether the last command succeeded."""

    async def get(self, name: str) -> bytes | None:
        """Return a value. Returns None if there is none, it has expired, or the store cannot be used."""

    async def get_many(self, names: Sequence[str]) -> list[bytes | None]:
        """Return several values, like `get`."""

    def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        """Write values, which expire after so many seconds. Runs in the background."""

    def lease(self, name: str) -> AbstractAsyncContextManager[Lease]:
        """Lease a name. A store that only the processes of one host use may grant every lease."""

    async def ping(self) -> bool:
        """Probe the store and return whether it can be used."""

    async def close(self) -> None:
        """Wait for the background writes and release the store."""
