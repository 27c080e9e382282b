"""Accounts of all providers whose invoices a test writes."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from providers.archera.sandbox import Sandbox as Archera
from providers.fastly.sandbox import Sandbox as Fastly
from providers.sandbox import Fault
from providers.sandbox.data import encode
from providers.spectrocloud.sandbox import Sandbox as Palette
from tests.harness import NO_CACHE_NO_RETRY, Service, create_sandbox, now, running_service
from tests.resolvers.fastly import invoice_payload, line_payload, list_fault

FASTLY, PALETTE, ARCHERA = "fastly/sandbox-fastly", "spectrocloud/sandbox-palette", "archera/sandbox-archera"
AMOUNTS = "billed charges credits adjustments taxes converted"
ROW = f"""fragment Row on SpendRow {{ month provider {{ id }} account {{ id }} project {{ id name }}
  product productGroup region category unattributed because currency invoices lines unpriced
  {" ".join(f"{name} {{ amount }}" for name in AMOUNTS.split())} }}"""
SPEND = f"{{ spend%s {{ rows {{ ...Row }} totals {{ ...Row }} breakdown }} }} {ROW}"


@dataclass
class World:
    """The running service, and what its providers send. Everything is empty at first."""

    service: Service

    def clear(self) -> None:
        """Empty all accounts."""
        for provider in self.service.sandbox.apis:
            self.service.control(provider).faults.clear()
        self.fastly()
        self.palette([None] * len(self.uids))
        self.archera({})

    @property
    def uids(self) -> list[str]:
        return self.service.sandbox.apis["spectrocloud"].uids  # type: ignore[attr-defined,no-any-return]

    def fastly(self, *payloads: dict[str, Any]) -> None:
        self._replace("fastly", list_fault(*payloads))

    def palette(self, payloads: Sequence[dict[str, Any] | None]) -> None:
        """Set the invoice of each uid. None stands for one without a status."""
        self.service.control("spectrocloud").faults.clear()
        for uid, payload in zip(self.uids, payloads, strict=True):
            body = encode(palette_payload(uid) if payload is None else payload | {"metadata": {"uid": uid}}).decode()
            self.service.control("spectrocloud").faults.append(Fault(kind="garbage", body=body, path=f"{uid}$"))

    def archera(self, lines: Mapping[str, list[dict[str, Any]]]) -> None:
        """Set the invoices: the lines of each month, such as `2026-09`."""
        months = [(int(month[:4]), int(month[5:])) for month in lines]
        rows = [{"id": f"inv_{year}_{month}", "year": year, "month": month} for year, month in months]
        faults = [Fault(kind="garbage", body=json.dumps(rows), path=r"/invoices(\?|$)")]
        for (year, month), payload in zip(months, lines.values(), strict=True):
            path = f"/{year}/{month}/line-items"
            faults.append(Fault(kind="garbage", body=encode(payload).decode(), path=path))
        self._replace("archera", *faults)

    def _replace(self, provider: str, *faults: Fault) -> None:
        self.service.control(provider).faults[:] = faults

    async def spend(self, arguments: str) -> Any:
        """Return the sums. A field that is null is left out of the rows."""
        spend = (await self.service.data(SPEND % _in_brackets(arguments)))["spend"]
        return {"breakdown": spend["breakdown"]} | {
            name: [_without_nulls(row) for row in spend[name]] for name in ("rows", "totals")
        }

    async def rows(self, arguments: str) -> Any:
        return (await self.spend(arguments))["rows"]

    async def error(self, arguments: str) -> Any:
        """Return the error of a `spend` that is refused."""
        [error] = (await self.service.query(SPEND % _in_brackets(arguments)))["errors"]
        return error


def _in_brackets(arguments: str) -> str:
    return f"({arguments})" if arguments else ""


def _without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    amounts = {name: row.pop(name)["amount"] for name in AMOUNTS.split() if row[name] is not None}
    ids = {name: row.pop(name)["id"] for name in ("provider", "account", "project") if row[name] is not None}
    return ids | amounts | {name: value for name, value in row.items() if value not in (None, [])}


@asynccontextmanager
async def running_world(
    palette_invoices: int = 1, account_settings: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[World]:
    """Run the service over one account of each provider, with this number of Palette invoices.

    By default nothing is cached.
    """
    palette = Palette(now=now, first=date(2026, 11 - palette_invoices, 1))
    sandbox = create_sandbox(Fastly(now=now), palette, Archera(now=now))
    async with running_service(sandbox, settings=account_settings or NO_CACHE_NO_RETRY, **settings) as service:
        world = World(service)
        world.clear()
        yield world


def fastly_invoice(key: str, month: str, *lines: dict[str, Any], **fields: object) -> dict[str, Any]:
    return invoice_payload(key, month, *lines, **fields)


def fastly_line(amount: object, product: str = "CDN", **fields: Any) -> dict[str, Any]:
    return line_payload(amount=amount, product_name=product, **fields)


def palette_payload(
    uid: str = "",
    month: str = "2026-10",
    products: dict[str, Any] | None = None,
    projects: list[dict[str, Any]] | None = None,
    currency: str | None = "usd",
) -> dict[str, Any]:
    """Return an invoice. `products` are the amounts of `pure` and `alloy`; without them it has no status."""
    spec = {"month": f"{month}-01T00:00:00.000Z", "paymentUnit": currency}
    status = None
    if products is not None:
        rows = {name: {"amount": amount} for name, amount in products.items()}
        status = {"productInvoice": rows, "projects": projects, "billableAmount": sum_of(products)}
    return {"metadata": {"uid": uid}, "spec": spec, "status": status}


def sum_of(products: dict[str, Any]) -> Any:
    return sum(products.values())


def palette_project(uid: str | None, **amounts: Any) -> dict[str, Any]:
    """Return a share, with amounts by product."""
    usage = {name: {"amount": amount} for name, amount in amounts.items()}
    return {"projectUid": uid, "projectName": f"Project {uid}", "amount": sum_of(amounts), "usage": usage}


def archera_line(key: str, premium: object) -> dict[str, Any]:
    return {"id": key, "commitment_id": "c"} | ({} if premium is None else {"archera_premiums": premium})
