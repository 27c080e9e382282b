"""Payloads of the simulated providers: any number of monthly invoices, each derived from its index alone.

Numbers never end in zero, so that every language writes them with the same digits.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qs

NEWEST = date(2026, 9, 1)
PALETTE_UID = "65bb0c1de4b0{:012d}"
_PAGE_SIZE = 100
_REGIONS = ("Asia", "Europe", "North America", "South America")
_TERMS = ("one_year", "three_year", "one_year_gris", "thirty_day_gris")
JsonObject = dict[str, Any]


def respond(provider: str, invoices: int, lines: int, path: list[str], query: str) -> tuple[str, bytes]:
    """Return the name of the resource at a path, and its body. Raises LookupError if there is none."""
    resource, body = _PROVIDERS[provider](invoices, lines, path, parse_qs(query))
    return f"{provider} {resource}", json.dumps(body, separators=(",", ":")).encode()


def _archera(invoices: int, lines: int, path: list[str], _: JsonObject) -> tuple[str, Any]:
    match path:
        case ["beta", "v1", "org", _, "invoices"]:
            return "list", [_archera_invoice(index) for index in range(invoices)]
        case ["beta", "v1", "org", _, "invoices", year, month, "line-items"]:
            index = (NEWEST.year - int(year)) * 12 + NEWEST.month - int(month)
            return "lines", [_archera_line(index, number) for number in range(lines)]
    raise LookupError(path)


def _archera_invoice(index: int) -> JsonObject:
    month, dice = _month(index), Random(index)
    return {
        "id": f"inv_{month:%Y_%m}",
        "year": month.year,
        "month": month.month,
        "invoice_date": f"{month}",
        "total_cloud_bill": _decimal(dice, 9_000_000),
    }


def _archera_line(index: int, number: int) -> JsonObject:
    dice = Random(index * 1_000 + number)
    savings = {"gross": _decimal(dice, 90_000), "net": _decimal(dice, 80_000), "rebate": _decimal(dice, 900)}
    commitment = f"{dice.getrandbits(128):032x}"
    return {
        "id": f"li_{_month(index):%Y%m}_{number:04d}",
        "commitment_id": "-".join((commitment[:8], commitment[8:12], commitment[12:16], commitment[16:])),
        "utilization": _decimal(dice, 90),
        "contract_term": dice.choice(_TERMS),
        "commitment_financials": {
            "commitment_cost": {"breakdown": {"archera_premium": _decimal(dice, 90_000)}},
            "commitment_savings": savings,
        },
    }


def _fastly(invoices: int, lines: int, path: list[str], query: JsonObject) -> tuple[str, Any]:
    if path != ["billing", "v3", "invoices"]:
        raise LookupError(path)
    oldest = date.fromisoformat(query.get("billing_start_date", [f"{date.min}"])[0])
    newest = date.fromisoformat(query.get("billing_end_date", [f"{date.max}"])[0])
    limit, start = int(query.get("limit", [_PAGE_SIZE])[0]), int(query.get("cursor", [0])[0])
    indexes = [index for index in range(invoices) if oldest <= _month(index) <= newest]
    page = indexes[start : start + limit]
    next_start = start + limit
    meta = {
        "next_cursor": str(next_start) if next_start < len(indexes) else "",
        "limit": len(page),
        "sort": "-billing_start_date",
        "total": len(indexes),
    }
    return "page", {"data": [_fastly_invoice(index, lines) for index in page], "meta": meta}


def _fastly_invoice(index: int, lines: int) -> JsonObject:
    month, dice = _month(index), Random(index)
    return {
        "customer_id": "51MumwLiSJyFTWhtbByYgR",
        "invoice_id": f"INV-{400_000 - index}",
        "invoice_posted_on": f"{month}T00:00:00Z",
        "billing_start_date": f"{month}T00:00:00Z",
        "billing_end_date": f"{_last_day(month)}T00:00:00Z",
        "statement_number": f"INV-{400_000 - index}",
        "currency_code": "USD",
        "monthly_transaction_amount": _decimal(dice, 900_000),
        "payment_status": "paid" if index else "outstanding",
        "transaction_line_items": [_fastly_line(index, number) for number in range(lines)],
    }


def _fastly_line(index: int, number: int) -> JsonObject:
    dice = Random(index * 1_000 + number)
    region = dice.choice(_REGIONS)
    return {
        "description": f"{region} Requests",
        "amount": _decimal(dice, 90_000),
        "credit_coupon_code": "",
        "rate": 0.002,
        "units": _decimal(dice, 9_000_000),
        "product_name": f"{region} Requests {number}",
        "product_group": "Full Site Delivery",
        "product_line": "Network Services",
        "region": region,
        "usage_type": "Requests",
    }


def _spectrocloud(invoices: int, lines: int, path: list[str], _: JsonObject) -> tuple[str, Any]:
    """`lines` is the number of projects: a Palette invoice has exactly one line for each product."""
    match path:
        case ["v1", "tenants", _, "invoices", uid] if int(uid[-12:]) < invoices:
            return "invoice", _palette_invoice(int(uid[-12:]), lines)
    raise LookupError(path)


def _palette_invoice(index: int, projects: int) -> JsonObject:
    month, dice = _month(index), Random(index)
    steps = ("PaymentPending", "PaymentInProgress", "Paid")
    return {
        "metadata": {"uid": PALETTE_UID.format(index), "name": f"{month:%Y-%m}"},
        "spec": {
            "billingPeriod": {"start": f"{month}T00:00:00.000Z", "end": f"{_last_day(month)}T23:59:59.000Z"},
            "envType": "MonthlyOnDemand",
            "month": f"{month}T00:00:00.000Z",
            "paymentUnit": "usd",
            "plan": {"plantype": "MonthlyOnDemand", "freeCredits": [_free_credit(month)], "slaCredits": None},
        },
        "status": {
            "billableAmount": _decimal(dice, 900_000),
            "productInvoice": {"pure": _product(dice), "alloy": _product(dice)},
            "projects": [_project(dice, number) for number in range(projects)],
            "states": [
                {"state": state, "timestamp": f"{_next_month(month)}T0{hour}:00:00.000Z"}
                for hour, state in enumerate(steps)
            ],
        },
    }


def _free_credit(month: date) -> JsonObject:
    plan_credit = {"cpuCoreHours": 25_000, "creditUid": f"65a1{month:%Y%m}", "name": "welcome", "type": "Pure"}
    return {"planCredit": {**plan_credit, "start": f"{month}T00:00:00.000Z"}, "totalCpuCoreHours": 21_000}


def _product(dice: Random) -> JsonObject:
    keys = ("amount", "billableCredits", "tierPrice", "totalUsedCredits", "usedCredits")
    return {"tierName": "Tier 2", **{key: _decimal(dice, 90_000) for key in keys}}


def _project(dice: Random, number: int) -> JsonObject:
    return {
        "amount": _decimal(dice, 90_000),
        "projectName": f"project-{number}",
        "projectUid": f"5fbbf0a1{number:04d}",
        "usage": {"pure": {key: _decimal(dice, 9_000) for key in ("amount", "tierPrice", "usedCredits")}},
    }


def _decimal(dice: Random, limit: int) -> float:
    """Return a number below `limit` / 100 with two decimal places, of which the last is not zero."""
    return (dice.randrange(limit // 10) * 10 + dice.randint(1, 9)) / 100


def months(invoices: int) -> Iterator[date]:
    """Yield the first day of each billed month, newest first."""
    return map(_month, range(invoices))


def _month(index: int) -> date:
    count = NEWEST.year * 12 + NEWEST.month - 1 - index
    return date(count // 12, count % 12 + 1, 1)


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _last_day(month: date) -> date:
    return _next_month(month) - timedelta(days=1)


_PROVIDERS = {"archera": _archera, "fastly": _fastly, "spectrocloud": _spectrocloud}
