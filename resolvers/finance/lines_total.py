"""The sum of the line items of one invoice."""

from execution.awaitable import value_of
from resolvers.invoice_fields import InvoiceFields
from resolvers.pacer import Pacer
from resolvers.sums import CurrencySums
from schema.invoice import Invoice
from schema.totals import LinesTotal


async def lines_total(invoice_fields: InvoiceFields, invoice: Invoice) -> LinesTotal | None:
    """Return the sum of the lines. Returns None if the provider states no lines.

    Raises ProviderError if the lines could not be fetched, or if an amount cannot be read.
    """
    lines = await value_of(invoice_fields.lines(invoice))
    if lines is None:
        return None
    sums, pacer = CurrencySums(), Pacer()
    for line in lines:
        sums.add(line.cost)
        await pacer.step()
    moneys = sums.moneys
    return LinesTotal(sum=moneys[0] if len(moneys) == 1 else None, lines=sums.added, unpriced=sums.unpriced)
