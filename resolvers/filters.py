"""Filters of lists, checked and compiled into predicates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from providers.errors import ProviderError
from providers.registry import Capability
from providers.source import DateWindow
from schema.filters import CreditFilter, InvoiceFilter, LineItemFilter
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.values import Money, unset_to_none

from .accounts import ConnectedAccount
from .errors import BadUserInput
from .payment_terms import PaymentTerms

UNBOUNDED = DateWindow()
InvoiceTest = Callable[[Invoice], bool | None]  # None: the invoice does not state the tested fact


@dataclass(slots=True)
class InvoicePredicate:
    """A compiled invoice filter: its tests, and what it implies before any provider is called."""

    tests: list[InvoiceTest] = field(default_factory=list)
    required_capabilities: set[Capability] = field(default_factory=set)  # facts that a matching invoice must state
    window: DateWindow = UNBOUNDED
    required_of_account: Callable[[ConnectedAccount], bool] | None = None  # False: no invoice of it can match
    matches_nothing: bool = False  # True if a list in the filter is empty: no invoice can match

    @property
    def selects_by_period_only(self) -> bool:
        """Whether every invoice in the window matches."""
        return not self.matches_nothing and len(self.tests) == (self.window != UNBOUNDED)

    def can_match(self, account: ConnectedAccount) -> bool:
        """Return False if no invoice of the account states what the filter asks for."""
        has_facts = self.required_capabilities <= account.spec.capabilities
        return has_facts and (self.required_of_account is None or self.required_of_account(account))

    def __call__(self, invoice: Invoice) -> bool | None:
        """Return True or False. Returns None if only facts that the invoice does not state prevent a match."""
        outcome: bool | None = True
        for test in self.tests:
            result = test(invoice)
            if result is False:
                return False
            if result is None:
                outcome = None
        return outcome


def compile_filter(filter_by: InvoiceFilter | None, terms: PaymentTerms) -> InvoicePredicate:
    """Compile an invoice filter. Raises BadUserInput if the filter contradicts itself."""
    if filter_by is None:
        return InvoicePredicate()
    window = parse_window(filter_by)
    predicate = InvoicePredicate(window=window)
    if window != UNBOUNDED:
        predicate.tests.append(lambda invoice: starts_in_window(window, invoice))
    _add_payment_test(predicate, filter_by)
    _add_overdue_test(predicate, filter_by, terms)
    _add_failure_test(predicate, filter_by, terms)
    _add_project_test(predicate, filter_by)
    _add_currency_test(predicate, filter_by)
    search = unset_to_none(filter_by.search)
    if search:
        predicate.tests.append(lambda invoice: search.casefold() in _search_text(invoice))
    return predicate


def parse_window(filter_by: InvoiceFilter | CreditFilter) -> DateWindow:
    """Return the days that a filter allows. Raises BadUserInput if its first day is after its last day."""
    oldest, newest = unset_to_none(filter_by.period_from), unset_to_none(filter_by.period_to)
    if oldest and newest and oldest > newest:
        raise BadUserInput("periodFrom must be on or before periodTo.")
    return DateWindow(oldest, newest)


def starts_in_window(window: DateWindow, invoice: Invoice) -> bool:
    """Return True if the invoice's period starts in the window. A source may return more than the window asks for."""
    start = invoice.period.start.date()
    return (window.oldest is None or start >= window.oldest) and (window.newest is None or start <= window.newest)


def _add_payment_test(predicate: InvoicePredicate, filter_by: InvoiceFilter) -> None:
    statuses = unset_to_none(filter_by.payment_status)
    if statuses is None:
        return
    predicate.matches_nothing |= not statuses
    predicate.required_capabilities.add(Capability.PAYMENT)
    predicate.tests.append(
        lambda invoice: None if invoice.payment_status is None else invoice.payment_status in statuses
    )


def _add_overdue_test(predicate: InvoicePredicate, filter_by: InvoiceFilter, terms: PaymentTerms) -> None:
    wanted = unset_to_none(filter_by.overdue)
    if wanted is None:
        return
    predicate.required_capabilities.add(Capability.PAYMENT)
    predicate.required_of_account = terms.are_known

    def is_wanted(invoice: Invoice) -> bool | None:
        is_overdue = terms.is_overdue(invoice)
        return None if is_overdue is None else is_overdue is wanted

    predicate.tests.append(is_wanted)


def _add_failure_test(predicate: InvoicePredicate, filter_by: InvoiceFilter, terms: PaymentTerms) -> None:
    wanted = unset_to_none(filter_by.ever_failed)
    if wanted is None:
        return
    predicate.required_capabilities.add(Capability.PAYMENT_HISTORY)

    def is_wanted(invoice: Invoice) -> bool | None:
        failed_attempts = terms.failed_attempts(invoice)
        return None if failed_attempts is None else (failed_attempts > 0) is wanted

    predicate.tests.append(is_wanted)


def _add_project_test(predicate: InvoicePredicate, filter_by: InvoiceFilter) -> None:
    projects = unset_to_none(filter_by.projects)
    if projects is None:
        return
    project_ids = set(projects)
    predicate.matches_nothing |= not project_ids
    predicate.required_capabilities.add(Capability.PROJECTS)

    def charges_project(invoice: Invoice) -> bool | None:
        charges = invoice.projects()
        if charges is None:
            return None
        return any(charge.project is not None and charge.project.id in project_ids for charge in charges)

    predicate.tests.append(charges_project)


def _add_currency_test(predicate: InvoicePredicate, filter_by: InvoiceFilter) -> None:
    currencies, minimum, maximum = (
        unset_to_none(filter_by.currency),
        unset_to_none(filter_by.total_min),
        unset_to_none(filter_by.total_max),
    )
    if (minimum is not None or maximum is not None) and len(set(currencies or ())) != 1:
        raise BadUserInput("totalMin and totalMax require exactly one currency.")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise BadUserInput("totalMin must be at most totalMax.")
    if currencies is None:
        return
    predicate.matches_nothing |= not currencies
    predicate.required_capabilities.add(Capability.TOTAL)

    def is_total_in_range(invoice: Invoice) -> bool | None:
        total = stated_total(invoice)
        if total is None:
            return None
        is_enough = minimum is None or total.amount >= minimum
        return total.currency in currencies and is_enough and (maximum is None or total.amount <= maximum)

    predicate.tests.append(is_total_in_range)


def stated_total(invoice: Invoice) -> Money | None:
    """Return the total. Returns None if it cannot be read: a filter cannot tell if it matches."""
    try:
        return invoice.total_without_lookup
    except ProviderError:
        return None


def _search_text(invoice: Invoice) -> str:
    """Return all text that a search covers, case-folded. Makes no further call."""
    lines = (invoice.line_part.get(invoice) if invoice.line_part else None) or []
    texts = [invoice.number, invoice.details.reference]
    texts += [text for line in lines for text in (line.product, line.description)]
    return "\n".join(text for text in texts if text).casefold()


def filter_lines(lines: Sequence[LineItem], filter_by: LineItemFilter | None) -> Sequence[LineItem]:
    """Return the lines that match the filter, in their original order."""
    if filter_by is None:
        return lines
    categories, products, regions = (
        unset_to_none(filter_by.categories),
        unset_to_none(filter_by.products),
        unset_to_none(filter_by.regions),
    )
    search = (unset_to_none(filter_by.search) or "").casefold()
    return [
        line
        for line in lines
        if (categories is None or line.category in categories)
        and (products is None or line.product in products)
        and (regions is None or line.region in regions)
        and search in f"{line.product or ''}\n{line.description or ''}".casefold()
    ]
