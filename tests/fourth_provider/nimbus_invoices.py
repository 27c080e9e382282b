"""A provider in a package of its own: Nimbus, a cloud that does not exist. docs/adding-a-provider.md explains it."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Literal

import strawberry
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from execution.columns import ColumnSet
from execution.lazy import LazyObject, LazyValue, lazy_fields
from providers import fields
from providers.account import AccountRef
from providers.call import CallContext
from providers.errors import NotFound, ProviderError, Unintelligible, require_invoice
from providers.registry import Capability, ProviderSpec
from providers.sandbox.api import JsonResponse, SandboxApi
from providers.sandbox.data import JsonObject
from providers.settings import AccountSettings, BaseUrl
from providers.source import DateWindow, InvoicePage, LineItems
from providers.transport.client import ApiClient
from schema.credit import Credit
from schema.filters import ChargeCategory, CreditKind
from schema.invoice import Invoice, InvoiceDetails, InvoiceStatus
from schema.line_item import LineItem, LineItemDetails
from schema.scalars import CurrencyCode
from schema.values import Money, money_or_none

_EUR = CurrencyCode("EUR")


class NimbusSettings(AccountSettings):
    """The keys of an account in the configuration."""

    provider_name: ClassVar[str] = "Nimbus"
    key_header: ClassVar[str] = "X-Api-Key"
    provider: Literal["nimbus"]
    base_url: BaseUrl = "https://api.nimbus.example"


class Nimbus:
    """The source of one account's invoices. An invoice's key is its id."""

    reference = None
    volatile_keys: frozenset[str] = frozenset()
    list_is_local = list_is_static = False

    def __init__(self, settings: NimbusSettings, api: ApiClient) -> None:
        self.settings, self._api = settings, api

    async def page(self, _window: DateWindow, _cursor: str | None, call: CallContext, /) -> InvoicePage:
        """Return every invoice: the list has neither pages nor dates."""
        response = await self._api.get("invoices", call=call)
        page = InvoicePage(response.observed_at, body=response.received)
        if not isinstance(response.body, list):
            raise Unintelligible(self.settings.account_ref, "a list was expected")
        for row in response.body:
            try:
                page.invoices.append(_invoice(row, self.settings.account_ref, response.observed_at))
            except ProviderError as failure:
                page.failures.append(failure)
        return page

    async def invoice(self, provider_key: str, call: CallContext, /) -> Invoice | None:
        """Return an invoice. Returns None if there is no such invoice."""
        try:
            response = await self._api.get("invoices", provider_key, call=call)
        except NotFound:
            return None
        invoice = _invoice(response.body, self.settings.account_ref, response.observed_at)
        require_invoice(invoice.id, self.settings.account_ref, provider_key)
        invoice.body = response.received
        return invoice

    def period_end(self, _provider_key: str) -> None:
        """Return None: a key does not tell when the period ends."""

    async def line_items(self, _provider_key: str, _call: CallContext, /) -> LineItems:
        """Return no line items: they are part of the invoice."""
        return LineItems(observed_at=None)


@lazy_fields
@strawberry.type(description="Facts that only Nimbus states about an invoice.")
class NimbusInvoiceDetails(LazyObject, InvoiceDetails):
    """Facts from Nimbus only."""

    contact: str | None = strawberry.field(description="Contact at Nimbus. Null if the provider does not state it.")


@lazy_fields
@strawberry.type(description="Facts that only Nimbus states about a line item.")
class NimbusLineItemDetails(LazyObject, LineItemDetails):
    """Facts from Nimbus only."""


def _invoice(row: Any, account_ref: AccountRef, observed_at: datetime) -> Invoice:
    """Translate an invoice. Raises Unintelligible if it lacks its id or its month."""
    if not isinstance(row, dict):
        raise Unintelligible(account_ref, "an invoice was expected")
    key, start = fields.text(row, "id"), fields.day(row, "month")
    period = fields.month(start.year, start.month) if start else None
    if key is None or period is None:
        raise Unintelligible(account_ref, "an invoice lacks its id or its month")
    invoice = _INVOICE(row, account_ref, key)
    invoice.id, invoice.account_id = strawberry.ID(account_ref.invoice_id(key)), account_ref.id
    invoice.period, invoice.observed_at = period, observed_at
    invoice.status, invoice.payload = InvoiceStatus.ISSUED, row
    return invoice


def _money(row: Any, key: str) -> Money | None:
    return money_or_none(fields.number(row, key), _EUR)


def _line_items(row: Any, account_ref: AccountRef, key: str, parent: Invoice) -> list[LineItem] | None:
    rows = fields.objects(row, "lines")
    return None if rows is None else [_LINE_ITEM(row, account_ref, key, n, parent) for n, row in enumerate(rows)]


def _credits(row: Any, account_ref: AccountRef, key: str, parent: Invoice) -> list[Credit] | None:
    rows = fields.objects(row, "credits")
    return None if rows is None else [_credit(row, account_ref, key, n, parent) for n, row in enumerate(rows)]


def _credit(row: Any, account_ref: AccountRef, key: str, number: int, parent: Invoice) -> Credit:
    return Credit(
        id=strawberry.ID(account_ref.credit_id(key, fields.text(row, "code") or "none", number)),
        account_id=account_ref.id,
        invoice_id=parent.id,
        parent=parent,
        kind=CreditKind.COUPON,
        product=None,
        description=None,
        reference=fields.text(row, "code"),
        value=_money(row, "amount"),
        used=None,
        remaining=None,
        starts_at=None,
        expires_at=None,
    )


def _never(*attributes: str) -> dict[str, Any]:
    """Return columns for what Nimbus never states."""
    return dict.fromkeys(attributes, lambda *_: None)


_INVOICE = ColumnSet(
    Invoice,
    {
        **_never("number", "issued_at", "payment_states", "payment_status", "charge_part"),
        "total_without_lookup": lambda row, *_: _money(row, "total"),
        "line_part": lambda row, account_ref, key: LazyValue(partial(_line_items, row, account_ref, key)),
        "credit_part": lambda row, account_ref, key: LazyValue(partial(_credits, row, account_ref, key)),
        "details": ColumnSet(
            NimbusInvoiceDetails,
            {
                "reference": lambda _row, _account_ref, key: key,
                "contact": lambda row, *_: fields.text(row, "contact"),
            },
        ),
    },
)
_LINE_ITEM = ColumnSet(
    LineItem,
    {
        **_never("quantity", "unit_price", "product_group", "product_line", "region", "credit"),
        "id": lambda _row, account_ref, key, number, _parent: account_ref.line_item_id(key, str(number)),
        "invoice_id": lambda _row, _account_ref, _key, _number, parent: parent.id,
        "parent": lambda _row, _account_ref, _key, _number, parent: parent,
        "description": lambda row, *_: fields.text(row, "text"),
        "product": lambda row, *_: fields.text(row, "product"),
        "category": lambda *_: ChargeCategory.USAGE,
        "cost": lambda row, *_: _money(row, "amount"),
        "payload": lambda row, *_: row,
        "details": ColumnSet(NimbusLineItemDetails, _never("reference")),
    },
)


class Sandbox(SandboxApi):
    """Nimbus's API with one invoice for each month that is over."""

    id, name, key_header, key = "nimbus", "Nimbus", "X-Api-Key", "sandbox-nimbus-key"

    def routes(self) -> list[Route]:
        return [Route("/invoices", self._list), Route("/invoices/{id}", self._detail)]

    def error_response(self, request: Request, status: int, reason: str | None = None) -> Response:
        return JsonResponse({"error": reason or status}, status)

    def post_invoice(self, month: date | None = None) -> str:
        return f"N-{self.require_finished(month or self.newest_month()):%Y%m}"

    def advance_payment(self, provider_key: str) -> str:
        raise LookupError(f"Nimbus states no payment, so the payment of {provider_key!r} cannot advance.")

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
    id="nimbus",
    name="Nimbus",
    settings=NimbusSettings,
    source=Nimbus,
    details=(NimbusInvoiceDetails, NimbusLineItemDetails),
    sandbox=Sandbox,
    capabilities=frozenset({Capability.TOTAL}),
    credit_kinds=frozenset({CreditKind.COUPON}),
    list_filters_dates=False,
)
