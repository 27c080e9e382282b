"""More Fastly accounts than the sandbox's one, and handwritten responses."""

from decimal import Decimal
from typing import Any

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from providers.sandbox.data import JsonObject, encode

LIST = r"/invoices(\?|$)"
ACCOUNT_ID = "fastly/sandbox-fastly"


class SecondSandbox(Sandbox):
    """A second Fastly account."""

    id = "beside"

    def account(self, base_url: str) -> JsonObject:
        return super().account(base_url) | {"id": self.id, "provider": "fastly"}


class ThirdSandbox(SecondSandbox):
    """A third Fastly account."""

    id = "further"


def line_payload(description: str = "Requests", amount: object = Decimal("1.50"), **fields: object) -> dict[str, Any]:
    return {"description": description, "amount": amount, "rate": amount, "units": 1, "product_name": "CDN"} | fields


def invoice_payload(
    provider_key: str, month: str = "2026-09", *lines: dict[str, Any], **fields: object
) -> dict[str, Any]:
    """Return an invoice's payload. A field that is None is left out."""
    payload = {
        "customer_id": "C1",
        "invoice_id": provider_key,
        "statement_number": provider_key,
        "billing_start_date": f"{month}-01T00:00:00Z",
        "billing_end_date": f"{month}-28T00:00:00Z",
        "currency_code": "USD",
        "monthly_transaction_amount": Decimal("1.50"),
        "payment_status": "paid",
        "transaction_line_items": list(lines),
    }
    return {key: value for key, value in (payload | fields).items() if value is not None}


def list_fault(
    *payloads: dict[str, Any], next_cursor: str = "", total: int | None = None, times: int | None = None
) -> Fault:
    """Return a fault that replaces a page of the sandbox's list."""
    meta = {"next_cursor": next_cursor, "limit": 100, "total": len(payloads) if total is None else total}
    return Fault(kind="garbage", body=encode({"data": payloads, "meta": meta}).decode(), path=LIST, times=times)


def invoice(provider_key: str, account_id: str = ACCOUNT_ID) -> str:
    """Return an invoice's id in the graph."""
    return f"{account_id}/invoice/{provider_key}"


def invoice_fault(provider_key: str, payload: dict[str, Any]) -> Fault:
    """Return a fault that replaces the response for one invoice."""
    return Fault(kind="garbage", body=encode(payload).decode(), path=f"/{provider_key}$")
