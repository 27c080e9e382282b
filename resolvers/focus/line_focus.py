"""`LineItem.focus`: one line item as a record of Invoice Detail."""

from collections.abc import Mapping
from typing import Any

from schema.focus import FocusInvoiceDetail
from schema.invoice import Invoice
from schema.line_item import LineItem

from .invoice_detail import SOURCES
from .record import BillingAccount, Charge, read_record


def focus_of(line: LineItem, invoice: Invoice, billing: BillingAccount) -> FocusInvoiceDetail:
    record = read_record(SOURCES, Charge(invoice, billing, line))
    fields: Mapping[str, Any] = {column.attribute: value for column, value in record.values.items()}
    return FocusInvoiceDetail(gaps=record.gaps, **fields)
