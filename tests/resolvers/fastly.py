"""More of Fastly than its one sandbox account: further accounts, and answers written by hand."""

from decimal import Decimal
from typing import Any

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from providers.sandbox.data import JsonObject, encode

LIST = r"/invoices(\?|$)"
OWN = "fastly/sandbox-fastly"


class Beside(Sandbox):
    """A second account at Fastly."""

    id = "beside"

    def account(self, base_url: str) -> JsonObject:
        return super().account(base_url) | {"id": self.id, "provider": "fastly"}


class Further(Beside):
    """A third account at Fastly."""

    id = "further"


def line(description: str = "Requests", amount: object = Decimal("1.50"), **fields: object) -> dict[str, Any]:
    return {"description": description, "amount": amount, "rate": amount, "units": 1, "product_name": "CDN"} | fields


def bill(native: str, month: str = "2026-09", *lines: dict[str, Any], **fields: object) -> dict[str, Any]:
    """One invoice; a field that is None is left out."""
    wire = {
        "customer_id": "C1",
        "invoice_id": native,
        "statement_number": native,
        "billing_start_date": f"{month}-01T00:00:00Z",
        "billing_end_date": f"{month}-28T00:00:00Z",
        "currency_code": "USD",
        "monthly_transaction_amount": Decimal("1.50"),
        "payment_status": "paid",
        "transaction_line_items": list(lines),
    }
    return {key: value for key, value in (wire | fields).items() if value is not None}


def listed(*bills: dict[str, Any], next_cursor: str = "", total: int | None = None, times: int | None = None) -> Fault:
    """A page of the list, instead of the sandbox's own."""
    meta = {"next_cursor": next_cursor, "limit": 100, "total": len(bills) if total is None else total}
    return Fault(kind="garbage", body=encode({"data": bills, "meta": meta}).decode(), path=LIST, times=times)


def invoice(native: str, account: str = OWN) -> str:
    """An invoice's id in the graph."""
    return f"{account}/invoice/{native}"


def got(native: str, answer: dict[str, Any]) -> Fault:
    """The answer to whoever asks for that invoice alone."""
    return Fault(kind="garbage", body=encode(answer).decode(), path=f"/{native}$")
