"""A provider in a package of its own: Nimbus, a cloud that does not exist. docs/adding-a-provider.md builds it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.registry import Capability, ProviderSpec
from providers.rest import RestSource
from providers.rows import columns
from providers.rows.details import details_type, fact
from providers.rows.invoice import InvoiceRow, rows
from providers.rows.parts import CreditRow, LineItemRow
from providers.sandbox.api import JsonResponse, SandboxApi
from providers.sandbox.data import JsonObject
from providers.settings import AccountSettings, BaseUrl
from schema.filters import CreditKind
from schema.invoice import InvoiceDetails
from schema.line_item import LineItemDetails
from schema.scalars import CurrencyCode


class NimbusSettings(AccountSettings):
    """The keys of an account in the configuration."""

    provider_name: ClassVar[str] = "Nimbus"  # for users, in messages
    key_header: ClassVar[str] = "X-Api-Key"  # the request header that carries the key
    provider: Literal["nimbus"]
    base_url: BaseUrl = "https://api.nimbus.example"


@details_type("Facts that only Nimbus states about an invoice.")
class NimbusInvoiceDetails(InvoiceDetails):
    """Facts from Nimbus only."""

    contact: str | None = fact(columns.text("contact"), "Contact at Nimbus. Null if the provider does not state it.")


@details_type("Facts that only Nimbus states about a line item.")
class NimbusLineItemDetails(LineItemDetails):
    """Facts from Nimbus only."""


class NimbusLineItem(LineItemRow):
    """A line item. It has no id at Nimbus."""

    digest = ("description", "product", "cost")
    description = columns.text("text")
    product = columns.text("product")
    cost = columns.money("amount")
    details = NimbusLineItemDetails


class NimbusCredit(CreditRow):
    """A credit, which its code identifies."""

    reference = columns.text("code")
    kind = columns.constant(CreditKind.COUPON)
    value = columns.money("amount")


class NimbusInvoice(InvoiceRow):
    """An invoice of one calendar month."""

    key = columns.text("id")
    period = columns.month("month")
    currency = columns.constant(CurrencyCode("EUR"))
    total = columns.money("total")
    details = NimbusInvoiceDetails
    line_items = rows("lines", NimbusLineItem)
    credits = rows("credits", NimbusCredit)


class Nimbus(RestSource[NimbusSettings]):
    """The source of one account's invoices: `GET /invoices` and `GET /invoices/{id}`."""

    invoice_row = NimbusInvoice
    path = ("invoices",)


class Sandbox(SandboxApi):
    """Nimbus's API with one invoice for each month that is over."""

    id, name, key_header, key = "nimbus", "Nimbus", "X-Api-Key", "sandbox-nimbus-key"

    def routes(self) -> list[Route]:
        return [Route("/invoices", self._list), Route("/invoices/{id}", self._detail)]

    def post_invoice(self, month: date | None = None) -> str:
        return f"N-{self.require_finished(month or self.newest_month()):%Y%m}"

    def _invoices(self) -> Iterator[JsonObject]:
        for month in reversed(self.finished_months()):
            costs = [Decimal(month.month), Decimal("1.50")]
            lines = [{"text": f"Shelf {n}", "product": "Storage", "amount": cost} for n, cost in enumerate(costs)]
            credits = [{"code": "HELLO", "amount": Decimal("0.50")}]
            invoice = {"id": f"N-{month:%Y%m}", "month": f"{month}", "total": sum(costs), "contact": "Ada"}
            yield {**invoice, "lines": lines, "credits": credits}

    async def _list(self, _: Request) -> Response:
        return JsonResponse(list(self._invoices()))

    async def _detail(self, request: Request) -> Response:
        for invoice in self._invoices():
            if invoice["id"] == request.path_params["id"]:
                return JsonResponse(invoice)
        raise HTTPException(404)


PROVIDER = ProviderSpec(
    id="nimbus",  # 1 to 32 characters from a-z, 0-9 and -
    settings=NimbusSettings,
    source=Nimbus,
    details=(NimbusInvoiceDetails, NimbusLineItemDetails),
    sandbox=Sandbox,
    capabilities=frozenset({Capability.TOTAL}),
    credit_kinds=frozenset({CreditKind.COUPON}),
    list_filters_dates=False,
)
