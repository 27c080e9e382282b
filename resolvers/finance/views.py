"""Which view of the money a `spend` adds, and which keys each view has."""

from resolvers.errors import BadUserInput
from schema.filters import InvoiceFilter
from schema.spend import SpendArgs, SpendBreakdown, SpendKey
from schema.values import unset_to_none

_INVOICE_KEYS = frozenset({SpendKey.MONTH, SpendKey.PROVIDER, SpendKey.ACCOUNT})
_KEYS_OF = {
    SpendBreakdown.TOTALS: _INVOICE_KEYS,
    SpendBreakdown.LINES: frozenset(SpendKey) - {SpendKey.PROJECT},
    SpendBreakdown.PROJECTS: _INVOICE_KEYS | {SpendKey.PROJECT, SpendKey.PRODUCT},
}


def choose_view(args: SpendArgs) -> SpendBreakdown:
    """Return the view to add. Raises BadUserInput if it lacks a key, or if the filter needs another one."""
    has_projects = filtered_projects(args.filter_by) is not None
    default = SpendBreakdown.PROJECTS if has_projects or SpendKey.PROJECT in args.group_by else SpendBreakdown.LINES
    view = args.breakdown or default
    if has_projects and view is not SpendBreakdown.PROJECTS:
        raise BadUserInput(f"filterBy.projects adds shares of projects, which the breakdown {view.name} does not have.")
    missing = [key.name for key in args.group_by if key not in _KEYS_OF[view]]
    if missing:
        raise BadUserInput(f"groupBy has {missing[0]}, which the breakdown {view.name} does not have.")
    return view


def filtered_projects(filter_by: InvoiceFilter | None) -> frozenset[str] | None:
    """Return the ids of the projects whose shares to add. Returns None if the filter names none."""
    projects = unset_to_none(filter_by.projects) if filter_by else None
    return None if projects is None else frozenset(projects)
