"""Rows of invoices, and the lists that an invoice holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from typing import Any, Generic, TypeVar

import strawberry

from execution.columns import ColumnSet
from execution.lazy import LazyValue
from providers import fields
from providers.account import AccountRef
from providers.errors import Unintelligible
from schema.credit import Credit
from schema.invoice import Invoice, InvoiceDetails, InvoiceStatus
from schema.line_item import LineItem
from schema.payment import PaymentState, current_status
from schema.project import ProjectCharge
from schema.scalars import CurrencyCode
from schema.values import BillingPeriod, Money

from .base import ListRow, Row
from .columns import NOT_READ, ColumnOf, InvoiceContext, never
from .details import DeclarationError, columns_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowsOf(Generic[T]):
    """A list in the row of an invoice, or an object whose values are rows. None if the provider states none."""

    find: Callable[[Any], Sequence[Any] | dict[str, Any] | None]
    row_class: type[ListRow[T]]

    def read(self, row: Any, context: InvoiceContext, invoice: Invoice) -> Sequence[T] | None:
        entries = self.find(row)
        if entries is None:
            return None
        rows, labels = (list(entries.values()), list(entries)) if isinstance(entries, dict) else (entries, ())
        return self.row_class.read(self.row_class.context(rows, context, invoice, labels))


def rows(path: str, row_class: type[ListRow[T]]) -> RowsOf[T]:
    """Declare a list of rows. `path` holds the keys of the objects around it and its own, with dots between them."""
    *parents, key = path.split(".")
    return RowsOf(lambda row: fields.objects(reduce(fields.mapping, parents, row), key), row_class)


class InvoiceRow(Row, is_base=True):
    """The row of an invoice, in the list of invoices or by itself."""

    key: ColumnOf[str | None]  # the invoice's id at the provider, in the paths of calls
    period: ColumnOf[BillingPeriod | None]
    missing_message: str = "an invoice lacks its id or its period"  # the message if there is no key or no period
    currency: ColumnOf[CurrencyCode | None] = lambda _row, context: context.account_ref.currency
    status: InvoiceStatus = InvoiceStatus.ISSUED
    is_partial_in_list: bool = False  # True if the list has less of an invoice than the invoice by itself
    reference: ColumnOf[str] = lambda _row, context: context.provider_key
    number: ColumnOf[str | None] = never
    issued_at: ColumnOf[datetime | None] = never
    total: ColumnOf[Money | None] = never
    payment_states: ColumnOf[list[PaymentState] | None] = never
    details: type[InvoiceDetails]
    line_items: RowsOf[LineItem] | None = None  # None: they need another call
    credits: RowsOf[Credit] | None = None  # None: they are among the line items
    projects: RowsOf[ProjectCharge] | None = None

    @classmethod
    def _compile(cls) -> None:
        cls._named("key", "period", "currency", "reference", "total", "payment_states")
        columns: dict[str, Any] = {
            **cls._named("number", "issued_at"),
            "payment_states": cls._payment_states,
            "payment_status": lambda row, context: current_status(cls._payment_states(row, context)),
            "total_without_lookup": cls.total,
            "details": columns_of(cls.details, reference=cls.reference),
            "line_part": cls._part("line_items"),
            "credit_part": cls._part("credits"),
            "charge_part": cls._part("projects"),
        }
        cls.columns = ColumnSet(Invoice, columns)

    @classmethod
    def _payment_states(cls, row: Any, context: InvoiceContext) -> list[PaymentState] | None:
        """Return the payment states, which are read once."""
        if context.payment_states is NOT_READ:
            context.payment_states = cls.payment_states(row, context)
        states: list[PaymentState] | None = context.payment_states
        return states

    @classmethod
    def _part(cls, name: str) -> ColumnOf[LazyValue[Any] | None]:
        part = getattr(cls, name)
        if not isinstance(part, RowsOf | None):
            raise DeclarationError(cls, f"declares {name!r}, but not by `rows` or `RowsOf`")
        return (lambda row, context: LazyValue(partial(part.read, row, context))) if part else never

    @classmethod
    def translate(
        cls,
        row: Any,
        account_ref: AccountRef,
        observed_at: datetime,
        *,
        in_list: bool = False,
        currency: CurrencyCode | None = None,
    ) -> Invoice:
        """Translate an invoice. Raises Unintelligible if it lacks its key or its period.

        `currency` replaces that of the row.
        """
        if not isinstance(row, dict):
            raise Unintelligible(account_ref, "an invoice was expected")
        context = InvoiceContext(account_ref)
        period = cls.period(row, context)
        if period is None:
            raise Unintelligible(account_ref, cls.missing_message)
        context.period = period
        key = cls.key(row, context)
        if key is None:
            raise Unintelligible(account_ref, cls.missing_message)
        context.provider_key, context.currency = key, currency or cls.currency(row, context)
        invoice: Invoice = cls.columns(row, context)
        invoice.id, invoice.account_id = strawberry.ID(account_ref.invoice_id(key)), account_ref.id
        invoice.period, invoice.observed_at, invoice.status = period, observed_at, cls.status
        invoice.currency = context.currency
        if cls.line_items is None:
            invoice.line_part = None
        invoice.payload, invoice.list_payload = (None, row) if in_list and cls.is_partial_in_list else (row, None)
        if cls.status is InvoiceStatus.OPEN and context.currency is None:
            invoice.with_currency = lambda currency: cls.translate(row, account_ref, observed_at, currency=currency)
        return invoice
