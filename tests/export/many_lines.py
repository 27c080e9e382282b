"""A Fastly account with as many lines as a test wants, page by page."""

from collections.abc import Callable
from decimal import Decimal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.sandbox.data import encode
from tests.resolvers.fastly import invoice_payload, line_payload

INVOICES_OF_PAGE, LINES_OF_INVOICE = 2, 100


def provider_of(lines: int, on_page: Callable[[], None] = lambda: None) -> Starlette:
    """Return Fastly's API with an account of so many lines, of 1.50 USD each. Each page has 200 of them.

    `on_page` is called before each page.
    """
    pages = lines // (INVOICES_OF_PAGE * LINES_OF_INVOICE)

    async def invoices(request: Request) -> Response:
        on_page()
        page = int(request.query_params.get("cursor") or 0)
        invoices = [_invoice(page * INVOICES_OF_PAGE + number) for number in range(INVOICES_OF_PAGE)]
        next_cursor = str(page + 1) if page + 1 < pages else ""
        meta = {"next_cursor": next_cursor, "limit": 100, "total": pages * INVOICES_OF_PAGE}
        return Response(encode({"data": invoices, "meta": meta}), media_type="application/json")

    return Starlette(routes=[Route("/fastly/billing/v3/invoices", invoices)])


def _invoice(number: int) -> dict[str, object]:
    month = 2026 * 12 + 10 - number
    name = f"{(month - 1) // 12}-{(month - 1) % 12 + 1:02}"
    rows = [line_payload(f"Requests {row}", usage_type="Requests", region="Asia") for row in range(LINES_OF_INVOICE)]
    total = Decimal("1.50") * LINES_OF_INVOICE
    return invoice_payload(f"INV-{number}", name, *rows, monthly_transaction_amount=total)
