"""The questions that are asked, and the accounts that they are asked of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from . import wire

_DOCUMENTS = Path(__file__).with_name("documents")
Ask = Callable[[bytes], Any]  # the data of the answer to a body


@dataclass(frozen=True, slots=True)
class Account:
    """One at a simulated provider, with so many invoices of so many lines."""

    provider: str
    invoices: int
    lines: int

    def keys(self) -> dict[str, Any]:
        """What the provider's own table of the configuration needs."""
        if self.provider == "archera":
            return {"org_id": "bench"}
        if self.provider == "spectrocloud":
            uids = [wire.PALETTE_UID.format(place) for place in range(self.invoices)]
            return {
                "tenant_uid": "bench",
                "invoice_uids": uids,
                "rate_limit": {"per_second": 1e9, "burst": 10**9},  # what is measured is not Palette's limit
            }
        return {}


@dataclass(frozen=True, slots=True)
class Workload:
    """One operation; with `every_page` its client reads the whole list, page after page."""

    name: str
    document: str
    accounts: tuple[Account, ...]
    variables: dict[str, Any] = field(default_factory=dict)
    every_page: bool = False
    peers: bool = False  # others can answer it too
    states: tuple[str, ...] = ("uncached", "warm", "hot")  # of the service, in which it is usually measured

    def bodies(self, ask: Ask, of: Sequence[str] = ()) -> list[bytes]:
        """The requests of one client; `of`: ids of accounts, each asked in a request of its own."""
        if self.every_page:
            return list(self._pages(ask))
        return [self._body(accounts=[account]) for account in of] or [self._body()]

    def _pages(self, ask: Ask) -> Iterator[bytes]:
        page = {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            body = self._body(after=page["endCursor"])
            page = ask(body)["invoices"]["pageInfo"]
            yield body

    def _body(self, **variables: Any) -> bytes:
        text = (_DOCUMENTS / f"{self.document}.graphql").read_text(encoding="utf-8")
        return orjson.dumps({"query": text, "variables": {**self.variables, **variables}})


_ARCHERA = Account("archera", 24, 20)
_ALL = (_ARCHERA, Account("fastly", 24, 20), Account("spectrocloud", 24, 4))
_LONG, _SHORT = (Account("fastly", 2_400, 2),), (Account("fastly", 240, 2),)
_MONTHS = {"from": f"{list(wire.months(10))[-1]}", "paid": ["PAID"]}
_EVERY = ("uncached", "in flight", "warm", "hot", "stock")
_DATA = ("uncached", "warm")
WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("invoices", "invoices", (_ARCHERA,), {"accounts": None}, peers=True, states=_EVERY),
        Workload("fastly", "fastly", (Account("fastly", 240, 5),)),
        Workload("palette", "palette", (Account("spectrocloud", 24, 4),)),
        Workload("dashboard", "dashboard", _ALL, _MONTHS),
        Workload("five", "five", _SHORT, states=("warm", "stock")),
        Workload("list-2400", "listing", _LONG, {"first": 120}, every_page=True, states=_DATA),
        Workload("list-240", "listing", _SHORT, {"first": 120}, every_page=True, states=_DATA),
        Workload("page-2400", "listing", _LONG, {"first": 20}, states=_DATA),
        Workload("page-240", "listing", _SHORT, {"first": 20}, states=_DATA),
    )
}
