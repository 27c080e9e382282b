"""The shares of projects as charges: a second view of the same money as the line items."""

from collections.abc import Iterator

import strawberry

from resolvers.finance.addends import AmountReader, Share, shares_with_residual
from resolvers.invoice_stream import StreamedInvoice
from schema.filters import ChargeCategory
from schema.line_item import LineItem, LineItemDetails

from .record import Charge


def charges_by_project(streamed: StreamedInvoice) -> Iterator[Charge]:
    """Yield the shares, then what they leave of each product. Yields the lines if nothing is split by project."""
    invoice, billing = streamed.invoice, streamed.billing
    charges = invoice.projects()
    if charges is None:
        for line in streamed.scan_lines():
            yield Charge(invoice, billing, line)
        return
    lines = None if streamed.lines is None else [*streamed.scan_lines()]
    # An amount that cannot be read is None, and such a row is left out and counted.
    for share in shares_with_residual(charges, lines, AmountReader(lambda _: None)):
        yield Charge(invoice, billing, _line_of(share, str(invoice.id)), share.project)


def _line_of(share: Share, invoice_id: str) -> LineItem:
    """Return the share in the form of a line. It has no id, because it is none of the invoice's lines."""
    return LineItem(
        id=strawberry.ID(""),
        description=None,
        category=share.category or ChargeCategory.USAGE,
        quantity=share.used,
        unit_price=None,
        cost=share.cost,
        product=share.product,
        product_group=share.product_group,
        product_line=None,
        region=share.region,
        details=LineItemDetails(reference=None),
        invoice_id=invoice_id,
        position=0,
        credit=None,
        is_credit_stated=False,
        payload=None,
        unread_money=(),
        parent=None,
    )
