"""What the sandboxes' providers state, read from their APIs and added by hand: without the service."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from providers.archera.sandbox import ORG
from providers.sandbox import SandboxApi
from providers.spectrocloud.sandbox import TENANT
from providers.spectrocloud.sandbox import Sandbox as PaletteSandbox
from tests.harness import NOW, Service

ZERO = Decimal(0)
EXPIRING = timedelta(days=90)


@dataclass(frozen=True)
class Bill:
    """One invoice, in the words of its provider."""

    provider: str  # its display name
    month: str  # YYYY-MM
    currency: str
    lines: list[Decimal | None]  # None: the line states no amount
    total: Decimal | None = None
    is_settled: bool | None = None  # None: the provider does not say


@dataclass
class World:
    """All bills, the running one, and what is left of the credits."""

    bills: list[Bill]
    month_to_date: Decimal
    left: dict[str, list[tuple[Decimal, datetime | None]]] = field(
        default_factory=dict
    )  # by product: amount and expiry

    def spend(self) -> dict[tuple[str, str, str], Decimal]:
        """The sum of the lines by currency, month and provider."""
        sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for bill in self.bills:
            sums[bill.currency, bill.month, bill.provider] += sum(
                (line for line in bill.lines if line is not None), ZERO
            )
        return dict(sums)

    def unsettled(self) -> tuple[int, Decimal]:
        """How many bills are not settled, and the sum of their totals, which are all in USD."""
        bills = [bill for bill in self.bills if bill.is_settled is False]
        assert {bill.currency for bill in bills} == {"USD"}
        return len(bills), sum((bill.total for bill in bills if bill.total is not None), ZERO)

    def credits(self, product: str) -> tuple[int, Decimal, Decimal]:
        """How many active credits a product has, what is left of them, and what of that expires within 90 days."""
        active = [(left, end) for left, end in self.left[product] if left > 0 and (end is None or end > NOW)]
        expiring = [left for left, end in active if end is not None and end <= NOW.replace(hour=0) + EXPIRING]
        return len(active), sum((left for left, _ in active), ZERO), sum(expiring, ZERO)


async def read_world(service: Service) -> World:
    """Ask the provider of each sandbox for all that it states."""
    running = (await _get(service.api("fastly"), "/billing/v3/invoices/month-to-date"))["monthly_transaction_amount"]
    palette = [invoice async for invoice in _palette_invoices(service)]
    bills = [*await _fastly(service), *await _archera(service), *map(_palette, palette)]
    return World(bills, Decimal(running), _palette_credits(palette))


async def _get(api: SandboxApi, path: str) -> Any:
    """Return the body of an API's response, with every number as a Decimal."""
    transport, headers = httpx.ASGITransport(app=api), {api.key_header: api.key}
    async with httpx.AsyncClient(transport=transport, base_url="http://provider", headers=headers) as client:
        response = await client.get(path)
    assert response.status_code == 200, response.text
    return json.loads(response.text, parse_float=Decimal, parse_int=Decimal)


async def _fastly(service: Service) -> list[Bill]:
    found = (await _get(service.api("fastly"), "/billing/v3/invoices?limit=100"))["data"]
    return [
        Bill(
            "Fastly",
            invoice["billing_start_date"][:7],
            invoice["currency_code"],
            [line["amount"] for line in invoice["transaction_line_items"]],
            invoice["monthly_transaction_amount"],
            invoice["payment_status"] == "paid" if "payment_status" in invoice else None,
        )
        for invoice in found
    ]


async def _archera(service: Service) -> list[Bill]:
    if "archera" not in service.sandbox.apis:
        return []
    api, path = service.api("archera"), f"/beta/v1/org/{ORG}/invoices"
    bills = []
    for invoice in await _get(api, path):
        lines = await _get(api, f"{path}/{invoice['year']}/{invoice['month']}/line-items")
        bills.append(Bill("Archera", invoice["invoice_date"][:7], "USD", [_premium(line) for line in lines]))
    return bills


def _premium(line: dict[str, Any]) -> Decimal | None:
    if "commitment_financials" in line:
        premium: Decimal = line["commitment_financials"]["commitment_cost"]["breakdown"]["archera_premium"]
        return premium
    return line.get("archera_premiums")


async def _palette_invoices(service: Service) -> Any:
    api = service.api("spectrocloud")
    assert isinstance(api, PaletteSandbox)
    for uid in api.uids:
        yield await _get(api, f"/v1/tenants/{TENANT}/invoices/{uid}")


def _palette(invoice: dict[str, Any]) -> Bill:
    """Read a bill of Palette, which leaves zeros out. A bill without products has no lines."""
    status = invoice.get("status", {})
    products = status.get("productInvoice", {})
    words = [state["state"] for state in sorted(status.get("states") or [], key=lambda state: state["timestamp"])]
    return Bill(
        "Spectro Cloud Palette",
        invoice["spec"]["billingPeriod"]["start"][:7],
        invoice["spec"]["paymentUnit"].upper(),
        [product["amount"] for product in products.values() if "amount" in product],
        status.get("billableAmount", ZERO),
        words[-1] == "Paid" if words else None,
    )


def _palette_credits(invoices: list[dict[str, Any]]) -> dict[str, list[tuple[Decimal, datetime | None]]]:
    """What is left of each credit on the newest invoice that shows it."""
    newest: dict[str, tuple[str, Decimal, datetime | None]] = {}
    for invoice in sorted(invoices, key=lambda one: one["spec"]["billingPeriod"]["start"]):
        for credit in _credits_on(invoice):
            plan = credit["planCredit"]
            left = plan["cpuCoreHours"] - credit.get("totalCpuCoreHours", ZERO)
            newest[plan["creditUid"]] = plan["type"], left, _instant(plan["expiry"])
    by_product: dict[str, list[tuple[Decimal, datetime | None]]] = defaultdict(list)
    for product, left, expiry in newest.values():
        by_product[product].append((left, expiry))
    return dict(by_product)


def _credits_on(invoice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    plan = invoice["spec"]["plan"]
    yield from plan["freeCredits"] or []
    yield from plan["slaCredits"] or []


def _instant(text: str) -> datetime | None:
    """An instant of Palette. Year 1 means that there is none."""
    return None if text.startswith("0001") else datetime.fromisoformat(text).astimezone(UTC)
