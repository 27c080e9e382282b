"""Filters, checked and turned into tests. A test of a fact that an invoice does not state is null."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from providers.registry import Capability
from providers.source import DateWindow
from schema.filters import CreditFilter, InvoiceFilter, LineItemFilter
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.values import unset_to_none

from .errors import BadUserInput

UNBOUNDED = DateWindow()
Test = Callable[[Invoice], bool | None]


@dataclass(slots=True)
class InvoicePredicate:
    """An invoice filter as tests, with what is known of it before anybody is asked."""

    tests: list[Test] = field(default_factory=list)
    required_capabilities: set[Capability] = field(default_factory=set)  # what an invoice has to state to match
    window: DateWindow = UNBOUNDED
    matches_nothing: bool = False  # some list is empty: no invoice can match

    def __call__(self, invoice: Invoice) -> bool | None:
        """True, false, or null where everything but an unstated fact matches."""
        outcome: bool | None = True
        for test in self.tests:
            found = test(invoice)
            if found is False:
                return False
            if found is None:
                outcome = None
        return outcome


def compile_filter(wanted: InvoiceFilter | None) -> InvoicePredicate:
    """Refuses a filter that contradicts itself."""
    if wanted is None:
        return InvoicePredicate()
    days = window_of(wanted)
    found = InvoicePredicate(window=days)
    if days != UNBOUNDED:
        found.tests.append(lambda invoice: starts_within(days, invoice))
    _add_payment_test(found, wanted)
    _add_project_test(found, wanted)
    _add_currency_test(found, wanted)
    search = unset_to_none(wanted.search)
    if search:
        found.tests.append(lambda invoice: search.casefold() in _search_text(invoice))
    return found


def window_of(wanted: InvoiceFilter | CreditFilter) -> DateWindow:
    """The days that a filter names; refuses those that contradict each other."""
    oldest, newest = unset_to_none(wanted.period_from), unset_to_none(wanted.period_to)
    if oldest and newest and oldest > newest:
        raise BadUserInput("periodFrom has to be on or before periodTo.")
    return DateWindow(oldest, newest)


def starts_within(days: DateWindow, invoice: Invoice) -> bool:
    """Whether an invoice's period starts on one of these days; a source may have given more."""
    start = invoice.period.start.date()
    return (days.oldest is None or start >= days.oldest) and (days.newest is None or start <= days.newest)


def _add_payment_test(found: InvoicePredicate, wanted: InvoiceFilter) -> None:
    statuses = unset_to_none(wanted.payment_status)
    if statuses is None:
        return
    found.matches_nothing |= not statuses
    found.required_capabilities.add(Capability.PAYMENT)
    found.tests.append(lambda invoice: None if invoice.payment_status is None else invoice.payment_status in statuses)


def _add_project_test(found: InvoicePredicate, wanted: InvoiceFilter) -> None:
    projects = unset_to_none(wanted.projects)
    if projects is None:
        return
    wanted_ids = set(projects)
    found.matches_nothing |= not wanted_ids
    found.required_capabilities.add(Capability.PROJECTS)

    def charges_one(invoice: Invoice) -> bool | None:
        charges = invoice.projects()
        if charges is None:
            return None
        return any(charge.project is not None and charge.project.id in wanted_ids for charge in charges)

    found.tests.append(charges_one)


def _add_currency_test(found: InvoicePredicate, wanted: InvoiceFilter) -> None:
    currencies, least, most = (
        unset_to_none(wanted.currency),
        unset_to_none(wanted.total_min),
        unset_to_none(wanted.total_max),
    )
    if (least is not None or most is not None) and len(set(currencies or ())) != 1:
        raise BadUserInput("totalMin and totalMax need exactly one currency.")
    if least is not None and most is not None and least > most:
        raise BadUserInput("totalMin has to be at most totalMax.")
    if currencies is None:
        return
    found.matches_nothing |= not currencies
    found.required_capabilities.add(Capability.TOTAL)

    def fits(invoice: Invoice) -> bool | None:
        total = invoice.total_without_lookup
        if total is None:
            return None
        enough = least is None or total.amount >= least
        return total.currency in currencies and enough and (most is None or total.amount <= most)

    found.tests.append(fits)


def _search_text(invoice: Invoice) -> str:
    """Everything that a search looks at, without a further call."""
    lines = (invoice.line_part.get(invoice) if invoice.line_part else None) or []
    texts = [invoice.number, invoice.details.reference]
    texts += [text for line in lines for text in (line.product, line.description)]
    return "\n".join(text for text in texts if text).casefold()


def matching_lines(lines: Sequence[LineItem], wanted: LineItemFilter | None) -> Sequence[LineItem]:
    """The lines that a filter lets pass, in their order."""
    if wanted is None:
        return lines
    categories, products, regions = (
        unset_to_none(wanted.categories),
        unset_to_none(wanted.products),
        unset_to_none(wanted.regions),
    )
    search = (unset_to_none(wanted.search) or "").casefold()
    return [
        line
        for line in lines
        if (categories is None or line.category in categories)
        and (products is None or line.product in products)
        and (regions is None or line.region in regions)
        and search in f"{line.product or ''}\n{line.description or ''}".casefold()
    ]
