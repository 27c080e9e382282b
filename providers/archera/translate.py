"""Translation of Archera's payloads to schema types. Pure: no I/O."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import strawberry

from execution.columns import ColumnSet, InlineColumn, ListTextColumn, TextColumn
from providers import fields, ids
from providers.account import AccountRef
from providers.errors import Unintelligible
from schema.credit import Credit
from schema.filters import ChargeCategory, CreditKind
from schema.invoice import Invoice, InvoiceStatus
from schema.line_item import LineItem
from schema.scalars import EXACT, CurrencyCode, format_decimal
from schema.values import Money, money_or_none

from . import wire
from .details import ArcheraInvoiceDetails, ArcheraLineItemDetails

_USD = CurrencyCode("USD")  # no payload names a currency; the vendor's pages say dollars


def invoice(
    payload: wire.Invoice, account_ref: AccountRef, observed_at: datetime, *, is_detail: bool = False
) -> Invoice:
    """Translate an invoice. Raises Unintelligible if it lacks its year or its month.

    `is_detail` says that the payload is the detail, which holds the complete invoice; a row of the list does not.
    """
    year, month = fields.integer(payload, "year"), fields.integer(payload, "month")
    if year is None or month is None or (period := fields.month(year, month)) is None:
        raise Unintelligible(account_ref, "an invoice lacks its month")
    provider_key = f"{year:04}-{month:02}"
    invoice = _INVOICE(payload, account_ref, provider_key)
    invoice.id, invoice.account_id = strawberry.ID(account_ref.invoice_id(provider_key)), account_ref.id
    invoice.period, invoice.observed_at = period, observed_at
    invoice.status, invoice.line_part = InvoiceStatus.ISSUED, None
    invoice.payload, invoice.list_payload = (payload, None) if is_detail else (None, payload)
    return invoice


class LineContext:
    """What all line items of one invoice share: the second argument of every line item column."""

    def __init__(self, rows: Sequence[wire.LineItem], account_ref: AccountRef, provider_key: str) -> None:
        self.rows, self.account_ref, self.provider_key = rows, account_ref, provider_key
        self.currency = account_ref.currency or _USD
        self._id_prefix = account_ref.line_item_id(provider_key, "")

    def id_of(self, key: str) -> str:
        return self._id_prefix + ids.encode_part(key)

    @cached_property
    def keys(self) -> dict[int, str]:
        """The key of each line item by the identity of its row.

        The key is the line item's own id. If that is missing, or if several rows share it, the key is a digest of the
        row and a number that counts the rows with the same digest.
        """
        references = [fields.text(row, "id") for row in self.rows]
        reference_counts, digest_counts = Counter(references), Counter[str]()
        keys = {}
        for row, key in zip(self.rows, references, strict=True):
            if key is None or reference_counts[key] > 1:
                digest = _digest(row, self)
                digest_counts[digest] += 1
                key = f"{digest}-{digest_counts[digest]}"  # noqa: PLW2901
            keys[id(row)] = key
        return keys


def _ids_of(references: Sequence[str], context: LineContext) -> list[str] | None:
    """Return the ids of line items with these ids of their own. Returns None if two of them are equal."""
    return None if len(set(references)) < len(references) else [*map(context.id_of, references)]


def _money(row: wire.LineItem, context: LineContext, flat_key: str, *nested_path: str) -> Money | None:
    """Return an amount from the nested shape, or else from the flat one."""
    *parents, key = nested_path
    container: fields.Payload = fields.mapping(row, "commitment_financials") or row
    for parent in parents:
        container = fields.mapping(container, parent)
    nested_amount = fields.number(container, key)
    return money_or_none(fields.number(row, flat_key) if nested_amount is None else nested_amount, context.currency)


_PREMIUM = InlineColumn(
    lambda row: row["commitment_financials"]["commitment_cost"]["breakdown"]["archera_premium"],
    lambda row, context: _money(row, context, "archera_premiums", "commitment_cost", "breakdown", "archera_premium"),
)


def _rebate(row: wire.LineItem, context: LineContext) -> Money | None:
    return _money(row, context, "rebates", "commitment_savings", "rebate")


def _credit(row: wire.LineItem, context: LineContext) -> Credit | None:
    """Return the credit of a line item that gives money back. Returns None if its rebate is missing or 0.

    The credit's key contains the month. Each rebate is a separate credit, but line item ids may start again in each
    invoice.
    """
    value = _rebate(row, context)
    if value is None or not value.amount:
        return None
    account_ref, provider_key = context.account_ref, context.provider_key
    return Credit(
        id=strawberry.ID(account_ref.credit_id(provider_key, f"{provider_key}-{context.keys[id(row)]}", 1)),
        account_id=account_ref.id,
        invoice_id=account_ref.invoice_id(provider_key),
        kind=CreditKind.REBATE,
        product=None,
        description=None,
        reference=fields.text(row, "id"),
        value=value,
        used=None,
        remaining=None,
        starts_at=None,
        expires_at=None,
    )


def _digest(row: wire.LineItem, context: LineContext) -> str:
    """Return a short digest of a row. It depends neither on the row's shape nor on how its numbers are padded."""
    details = _DETAILS(row, context)
    amounts = (details.premium, details.rebate, details.gross_savings, details.net_savings)
    numbers = [details.utilization, *(value.amount if value else None for value in amounts)]
    facts: list[Any] = [details.reference, details.commitment, details.contract_term]
    facts += [None if number is None else format_decimal(number.normalize(EXACT)) for number in numbers]
    return ids.digest_id(facts)


_INVOICE_DETAILS = ColumnSet(
    ArcheraInvoiceDetails,
    {
        "reference": lambda payload, _account_ref, provider_key: fields.text(payload, "id") or provider_key,
        "total_cloud_bill": lambda payload, account_ref, _provider_key: money_or_none(
            fields.number(payload, "total_cloud_bill"), account_ref.currency or _USD
        ),
        "invoice_date": lambda payload, *_: fields.day(payload, "invoice_date"),
    },
)
_INVOICE = ColumnSet(
    Invoice,
    {
        **dict.fromkeys(
            ("number", "issued_at", "payment_states", "payment_status", "total_without_lookup"), lambda *_: None
        ),
        **dict.fromkeys(("credit_part", "charge_part"), lambda *_: None),
        "details": _INVOICE_DETAILS,
    },
)
_DETAILS = ColumnSet(
    ArcheraLineItemDetails,
    {
        "reference": TextColumn("id", fields.text),
        "commitment": TextColumn("commitment_id", fields.text),
        "contract_term": TextColumn("contract_term", fields.text),
        "utilization": lambda row, _context: fields.number(row, "utilization"),
        "premium": _PREMIUM,
        "rebate": _rebate,
        "gross_savings": lambda row, context: _money(row, context, "total_savings", "commitment_savings", "gross"),
        "net_savings": lambda row, context: _money(row, context, "net_savings", "commitment_savings", "net"),
    },
)
_NEVER_STATED = (
    "description",
    "quantity",
    "unit_price",
    "product",
    "product_group",
    "product_line",
    "region",
    "parent",
)
LINE_ITEM = ColumnSet(
    LineItem,
    {
        **dict.fromkeys(_NEVER_STATED, lambda *_: None),
        "id": ListTextColumn("id", lambda row, context: context.id_of(context.keys[id(row)]), _ids_of),
        "invoice_id": lambda _row, context: context.account_ref.invoice_id(context.provider_key),
        "category": lambda *_: ChargeCategory.PURCHASE,
        "cost": _PREMIUM,
        "details": _DETAILS,
        "credit": _credit,
        "payload": lambda row, _context: row,
    },
)
