"""Checks that need all invoices of an account: nothing is missing, doubled, or overlaps."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from providers.checks import Comparison, InvoiceFigures, compare_count, unknown
from providers.errors import ProviderError
from resolvers.coverage import AccountResult
from resolvers.scan import AccountScan
from schema.invoice import Invoice
from schema.reconciliation import Check, CheckCode, CheckReason

from .checks import judge

Outcome = tuple[Invoice | None, Check]  # the invoice is None if the account as a whole is meant
_INVOICES, _SECONDS = "invoices", "seconds in both periods"


class ReadInvoice(NamedTuple):
    """An invoice of the account, and a hash of what it charges. None: it states nothing, or nothing readable."""

    invoice: Invoice
    content: int | None

    @classmethod
    def of(cls, figures: InvoiceFigures) -> "ReadInvoice":
        return cls(figures.invoice, _content(figures))


def _content(figures: InvoiceFigures) -> int | None:
    try:
        total = figures.invoice.total_without_lookup
        if total is None and not figures.lines:
            return None
        charges = tuple(
            (line.description, line.product, line.region, line.cost and (line.cost.amount, line.cost.currency))
            for line in figures.lines or ()
        )
    except ProviderError:
        return None
    return hash((total and (total.amount, total.currency), charges))


def account_checks(result: AccountResult, read: Sequence[ReadInvoice], *, is_filtered: bool) -> Iterator[Outcome]:
    """Yield the outcomes for the invoices that were read from an account.

    `is_filtered`: there may be more invoices in their months.
    """
    account, scan = result.account, result.scan
    if scan is None:
        return
    oldest_first = sorted(read, key=lambda each: (each.invoice.period.start, str(each.invoice.id)))
    yield from _repetitions(oldest_first)
    yield from _overlaps(each.invoice for each in oldest_first)
    reason = _unread(scan, is_filtered=is_filtered)
    if account.spec.has_list_endpoint:
        yield None, judge(CheckCode.LIST_COUNT, _list_count(scan, _unread(scan, is_filtered=False)))
    if account.is_unlisted:
        reason = CheckReason.UNLISTED
    if reason is not None:
        yield None, judge(CheckCode.MONTH_GAP, unknown(account.id, reason, _INVOICES))
    else:
        for gap in _month_gaps(account.id, (each.invoice for each in oldest_first)):
            yield None, judge(CheckCode.MONTH_GAP, gap)


def _unread(scan: AccountScan, *, is_filtered: bool) -> CheckReason | None:
    """Return why invoices may be there that were not read."""
    is_whole = scan.is_finished and not scan.failures and not is_filtered
    return None if is_whole else CheckReason.NOT_READ


def _list_count(scan: AccountScan, reason: CheckReason | None) -> Comparison:
    if reason is None and scan.stated_total is None:
        reason = CheckReason.NOT_STATED
    if reason is not None or scan.stated_total is None:
        return unknown(scan.account.id, reason or CheckReason.NOT_STATED, _INVOICES)
    return compare_count(scan.account.id, scan.stated_total, scan.invoices, _INVOICES)


def _repetitions(oldest_first: Iterable[ReadInvoice]) -> Iterator[Outcome]:
    """Yield each invoice that repeats one before it, or that has the same period as one before it."""
    by_number, by_content = dict[str, Invoice](), dict[object, Invoice]()
    by_period = dict[tuple[datetime, datetime], Invoice]()
    for invoice, content in oldest_first:
        period = invoice.period.start, invoice.period.end
        first = by_number.setdefault(invoice.number, invoice) if invoice.number else invoice
        if first is invoice and content is not None:
            first = by_content.setdefault((period, content), invoice)
        code = CheckCode.DUPLICATE
        if first is invoice:
            first, code = by_period.setdefault(period, invoice), CheckCode.SECOND_INVOICE
        if first is not invoice:
            yield invoice, judge(code, compare_count(str(first.id), 1, 2, _INVOICES))


def _overlaps(oldest_first: Iterable[Invoice]) -> Iterator[Outcome]:
    """Yield each invoice whose period overlaps an earlier one that differs. The unit is a second."""
    latest: Invoice | None = None  # the invoice whose period ends last, so far
    for invoice in oldest_first:
        if latest is not None and invoice.period != latest.period:
            shared = min(invoice.period.end, latest.period.end) - invoice.period.start
            seconds = max(shared // timedelta(seconds=1), 0)
            yield invoice, judge(CheckCode.OVERLAP, compare_count(str(latest.id), 0, seconds, _SECONDS))
        if latest is None or invoice.period.end > latest.period.end:
            latest = invoice


def _month_gaps(account_id: str, oldest_first: Iterable[Invoice]) -> Iterator[Comparison]:
    """Yield each run of months that no period covers, between the first and the last invoice."""
    next_month: int | None = None  # the first month that no period covers, so far
    for invoice in oldest_first:
        start = _month(invoice.period.start)
        if next_month is not None and start > next_month:
            names = dict.fromkeys((_name(next_month), _name(start - 1)))
            yield compare_count(account_id, start - next_month, 0, f"{_INVOICES} of {' to '.join(names)}")
        last = max(invoice.period.start, invoice.period.end - timedelta(microseconds=1))
        next_month = max(next_month or 0, _month(last) + 1)


def _month(moment: datetime) -> int:
    """Return the number of a month in UTC, counted from year 0."""
    day = moment.astimezone(UTC)
    return day.year * 12 + day.month - 1


def _name(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"
