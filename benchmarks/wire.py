"""What the simulated providers answer: any number of monthly invoices, made from their place alone.

Numbers have no zero at their end, so that every language writes them with the same digits.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qs

NEWEST = date(2026, 9, 1)
PALETTE_UID = "65bb0c1de4b0{:012d}"
_PAGE = 100
_REGIONS = ("Asia", "Europe", "North America", "South America")
_TERMS = ("one_year", "three_year", "one_year_gris", "thirty_day_gris")
Object = dict[str, Any]


def answer(provider: str, invoices: int, lines: int, path: list[str], query: str) -> tuple[str, bytes]:
    """The resource that a path names, and its body; raises LookupError where there is none."""
    resource, body = _PROVIDERS[provider](invoices, lines, path, parse_qs(query))
    return f"{provider} {resource}", json.dumps(body, separators=(",", ":")).encode()


def _archera(invoices: int, lines: int, path: list[str], _: Object) -> tuple[str, Any]:
    match path:
        case ["beta", "v1", "org", _, "invoices"]:
            return "list", [_archera_invoice(place) for place in range(invoices)]
        case ["beta", "v1", "org", _, "invoices", year, month, "line-items"]:
            place = (NEWEST.year - int(year)) * 12 + NEWEST.month - int(month)
            return "lines", [_archera_line(place, number) for number in range(lines)]
    raise LookupError(path)


def _archera_invoice(place: int) -> Object:
    month, dice = _month(place), Random(place)
    return {
        "id": f"inv_{month:%Y_%m}",
        "year": month.year,
        "month": month.month,
        "invoice_date": f"{month}",
        "total_cloud_bill": _decimal(dice, 9_000_000),
    }


def _archera_line(place: int, number: int) -> Object:
    dice = Random(place * 1_000 + number)
    savings = {"gross": _decimal(dice, 90_000), "net": _decimal(dice, 80_000), "rebate": _decimal(dice, 900)}
    commitment = f"{dice.getrandbits(128):032x}"
    return {
        "id": f"li_{_month(place):%Y%m}_{number:04d}",
        "commitment_id": "-".join((commitment[:8], commitment[8:12], commitment[12:16], commitment[16:])),
        "utilization": _decimal(dice, 90),
        "contract_term": dice.choice(_TERMS),
        "commitment_financials": {
            "commitment_cost": {"breakdown": {"archera_premium": _decimal(dice, 90_000)}},
            "commitment_savings": savings,
        },
    }


def _fastly(invoices: int, lines: int, path: list[str], query: Object) -> tuple[str, Any]:
    if path != ["billing", "v3", "invoices"]:
        raise LookupError(path)
    oldest = date.fromisoformat(query.get("billing_start_date", [f"{date.min}"])[0])
    newest = date.fromisoformat(query.get("billing_end_date", [f"{date.max}"])[0])
    limit, start = int(query.get("limit", [_PAGE])[0]), int(query.get("cursor", [0])[0])
    places = [place for place in range(invoices) if oldest <= _month(place) <= newest]
    page = places[start : start + limit]
    after = start + limit
    meta = {
        "next_cursor": str(after) if after < len(places) else "",
        "limit": len(page),
        "sort": "-billing_start_date",
        "total": len(places),
    }
    return "page", {"data": [_fastly_invoice(place, lines) for place in page], "meta": meta}


def _fastly_invoice(place: int, lines: int) -> Object:
    month, dice = _month(place), Random(place)
    return {
        "customer_id": "51MumwLiSJyFTWhtbByYgR",
        "invoice_id": f"INV-{400_000 - place}",
        "invoice_posted_on": f"{month}T00:00:00Z",
        "billing_start_date": f"{month}T00:00:00Z",
        "billing_end_date": f"{_last_day(month)}T00:00:00Z",
        "statement_number": f"INV-{400_000 - place}",
        "currency_code": "USD",
        "monthly_transaction_amount": _decimal(dice, 900_000),
        "payment_status": "paid" if place else "outstanding",
        "transaction_line_items": [_fastly_line(place, number) for number in range(lines)],
    }


def _fastly_line(place: int, number: int) -> Object:
    dice = Random(place * 1_000 + number)
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


def _spectrocloud(invoices: int, lines: int, path: list[str], _: Object) -> tuple[str, Any]:
    """`lines`: the projects among which an invoice is divided, for it has a line a product and no more."""
    match path:
        case ["v1", "tenants", _, "invoices", uid] if int(uid[-12:]) < invoices:
            return "invoice", _palette_invoice(int(uid[-12:]), lines)
    raise LookupError(path)


def _palette_invoice(place: int, projects: int) -> Object:
    month, dice = _month(place), Random(place)
    steps = ("PaymentPending", "PaymentInProgress", "Paid")
    return {
        "metadata": {"uid": PALETTE_UID.format(place), "name": f"{month:%Y-%m}"},
        "spec": {
            "billingPeriod": {"start": f"{month}T00:00:00.000Z", "end": f"{_last_day(month)}T23:59:59.000Z"},
            "envType": "MonthlyOnDemand",
            "month": f"{month}T00:00:00.000Z",
            "paymentUnit": "usd",
            "plan": {"plantype": "MonthlyOnDemand", "freeCredits": [_grant(month)], "slaCredits": None},
        },
        "status": {
            "billableAmount": _decimal(dice, 900_000),
            "productInvoice": {"pure": _product(dice), "alloy": _product(dice)},
            "projects": [_project(dice, number) for number in range(projects)],
            "states": [
                {"state": word, "timestamp": f"{_after(month)}T0{hour}:00:00.000Z"} for hour, word in enumerate(steps)
            ],
        },
    }


def _grant(month: date) -> Object:
    granted = {"cpuCoreHours": 25_000, "creditUid": f"65a1{month:%Y%m}", "name": "welcome", "type": "Pure"}
    return {"planCredit": {**granted, "start": f"{month}T00:00:00.000Z"}, "totalCpuCoreHours": 21_000}


def _product(dice: Random) -> Object:
    keys = ("amount", "billableCredits", "tierPrice", "totalUsedCredits", "usedCredits")
    return {"tierName": "Tier 2", **{key: _decimal(dice, 90_000) for key in keys}}


def _project(dice: Random, number: int) -> Object:
    return {
        "amount": _decimal(dice, 90_000),
        "projectName": f"project-{number}",
        "projectUid": f"5fbbf0a1{number:04d}",
        "usage": {"pure": {key: _decimal(dice, 9_000) for key in ("amount", "tierPrice", "usedCredits")}},
    }


def _decimal(dice: Random, most: int) -> float:
    """A number with two places, the last of which is no zero."""
    return (dice.randrange(most // 10) * 10 + dice.randint(1, 9)) / 100


def months(invoices: int) -> Iterator[date]:
    """The months billed, newest first."""
    return map(_month, range(invoices))


def _month(place: int) -> date:
    count = NEWEST.year * 12 + NEWEST.month - 1 - place
    return date(count // 12, count % 12 + 1, 1)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _last_day(month: date) -> date:
    return _after(month) - timedelta(days=1)


_PROVIDERS = {"archera": _archera, "fastly": _fastly, "spectrocloud": _spectrocloud}
