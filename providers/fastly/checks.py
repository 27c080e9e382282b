"""What figures of a Fastly invoice can be compared."""

from providers.checks import CURRENCY, LINE_PRODUCT, LINES_TOTAL, PAYMENT_HISTORY, list_detail

CHECKS = (
    LINES_TOTAL,
    LINE_PRODUCT,
    CURRENCY,
    PAYMENT_HISTORY,
    list_detail(lambda invoice: invoice.total_without_lookup),
)
