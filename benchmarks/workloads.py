"""The workloads: operations, and the accounts that they read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from . import wire

_DOCUMENTS = Path(__file__).with_name("documents")
Post = Callable[[bytes], Any]  # request body to response data


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a simulated provider, with `invoices` invoices of `lines` lines each."""

    provider: str
    invoices: int
    lines: int

    def settings(self) -> dict[str, Any]:
        """Return the configuration keys that only this provider has."""
        if self.provider == "archera":
            return {"org_id": "bench"}
        if self.provider == "spectrocloud":
            uids = [wire.PALETTE_UID.format(index) for index in range(self.invoices)]
            return {
                "tenant_uid": "bench",
                "invoice_uids": uids,
                "rate_limit": {
                    "per_second": 1e9,
                    "burst": 10**9,
                },  # never reached: Palette's rate limit is not measured
            }
        return {}


@dataclass(frozen=True, slots=True)
class Workload:
    """One operation. With `every_page` its client pages through the whole list."""

    name: str
    document: str
    accounts: tuple[Account, ...]
    variables: dict[str, Any] = field(default_factory=dict)
    every_page: bool = False
    peers: bool = False  # other gateways can execute it too
    states: tuple[str, ...] = ("uncached", "warm", "hot")  # of the service, measured by default

    def bodies(self, post: Post, account_ids: Sequence[str] = ()) -> list[bytes]:
        """Return the request bodies of one client; with `account_ids`, one body for each of these accounts.

        Paging calls `post`, because each page has the cursor of the next one.
        """
        if self.every_page:
            return list(self._pages(post))
        return [self._body(accounts=[account]) for account in account_ids] or [self._body()]

    def _pages(self, post: Post) -> Iterator[bytes]:
        page = {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            body = self._body(after=page["endCursor"])
            page = post(body)["invoices"]["pageInfo"]
            yield body

    def _body(self, **variables: Any) -> bytes:
        text = (_DOCUMENTS / f"{self.document}.graphql").read_text(encoding="utf-8")
        return orjson.dumps({"query": text, "variables": {**self.variables, **variables}})


_ARCHERA = Account("archera", 24, 20)
_ALL_PROVIDERS = (_ARCHERA, Account("fastly", 24, 20), Account("spectrocloud", 24, 4))
_THREE_YEARS = (Account("archera", 36, 8), Account("fastly", 36, 17), Account("spectrocloud", 36, 4))
_LONG, _SHORT = (Account("fastly", 2_400, 2),), (Account("fastly", 240, 2),)
_DASHBOARD_VARIABLES = {"from": f"{list(wire.months(10))[-1]}", "paid": ["PAID"]}
_ALL_STATES = ("uncached", "in flight", "warm", "hot", "stock")
_DATA_STATES = ("uncached", "warm")
WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("invoices", "invoices", (_ARCHERA,), {"accounts": None}, peers=True, states=_ALL_STATES),
        Workload("fastly", "fastly", (Account("fastly", 240, 5),)),
        Workload("palette", "palette", (Account("spectrocloud", 24, 4),)),
        Workload("dashboard", "dashboard", _ALL_PROVIDERS, _DASHBOARD_VARIABLES),
        Workload("spend", "spend", _THREE_YEARS, {"accounts": None}, states=_DATA_STATES),
        Workload("spend-lines", "lines", _THREE_YEARS, {"accounts": None}, states=_DATA_STATES),
        Workload("five", "five", _SHORT, states=("warm", "stock")),
        Workload("list-2400", "listing", _LONG, {"first": 120}, every_page=True, states=_DATA_STATES),
        Workload("list-240", "listing", _SHORT, {"first": 120}, every_page=True, states=_DATA_STATES),
        Workload("page-2400", "listing", _LONG, {"first": 20}, states=_DATA_STATES),
        Workload("page-240", "listing", _SHORT, {"first": 20}, states=_DATA_STATES),
    )
}
