"""Warnings about ids in filters that name nothing: such a filter returns nothing, which may look like an answer."""

import json
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import cached_property

from schema.filters import CreditFilter, InvoiceFilter
from schema.values import unset_to_none

from .accounts import AccountRegistry
from .outcomes import RequestOutcomes

MAX_COMPARED_IDS = 200  # known ids that are compared letter by letter; with more, only case and the part after "/"
Spellings = dict[str, str]
MAX_ID_LENGTH = 100  # characters of an id that a warning repeats


class UnknownIds:
    """Adds warnings to the outcomes of one request. Suggestions are ids of the request's own registry.

    Each check takes the name of the field whose argument has the ids.
    """

    def __init__(
        self, registry: AccountRegistry, outcomes: RequestOutcomes, is_project_id: Callable[[str], bool]
    ) -> None:
        """`is_project_id` returns False for an id that cannot name a project."""
        self._registry, self._outcomes, self._is_project_id = registry, outcomes, is_project_id

    @cached_property
    def _spellings(self) -> dict[str, Spellings]:
        """The ids that a warning can suggest, by the kind of the object."""
        return {
            "account": spellings(account.id for account in self._registry),
            "provider": spellings(str(provider.id) for provider in self._registry.providers),
            "project": {},
        }

    def check_invoice_filter(self, field: str, filter_by: InvoiceFilter | None) -> None:
        if filter_by is None:
            return
        self.check_accounts(field, unset_to_none(filter_by.accounts), "filterBy.accounts")
        self.check_providers(field, unset_to_none(filter_by.providers), "filterBy.providers")
        for project_id in unset_to_none(filter_by.projects) or ():
            if not self._is_project_id(project_id):
                self._warn(field, "filterBy.projects", "project", project_id)

    def check_credit_filter(self, field: str, filter_by: CreditFilter | None) -> None:
        if filter_by is not None:
            self.check_accounts(field, unset_to_none(filter_by.accounts), "filterBy.accounts")

    def check_accounts(self, field: str, account_ids: Sequence[str] | None, argument: str = "accounts") -> None:
        for account_id in account_ids or ():
            if account_id not in self._registry:
                self._warn(field, argument, "account", account_id)

    def check_providers(self, field: str, provider_ids: Sequence[str] | None, argument: str = "providers") -> None:
        for provider_id in provider_ids or ():
            if self._registry.provider(provider_id) is None:
                self._warn(field, argument, "provider", provider_id)

    def _warn(self, field: str, argument: str, kind: str, unknown_id: str) -> None:
        key = field, argument, unknown_id
        if self._outcomes.can_warn(key):
            nearest = nearest_id(unknown_id, self._spellings[kind])
            hint = "" if nearest is None else f" Did you mean {json.dumps(nearest)}?"
            shown_id = unknown_id if len(unknown_id) <= MAX_ID_LENGTH else f"{unknown_id[:MAX_ID_LENGTH]}…"
            message = f"No {kind} has the id {json.dumps(shown_id, ensure_ascii=False)}.{hint}"
            warning = {"message": message, "field": field, "argument": argument, "nearestId": nearest}
            self._outcomes.warn(key, warning)


def spellings(known_ids: Iterable[str]) -> Spellings:
    """Return ids by their spellings in lower case: the whole id, and its last part, `cdn` of `fastly/cdn`."""
    by_spelling: Spellings = {}
    for known_id in known_ids:
        by_spelling.setdefault(known_id.rpartition("/")[2].casefold(), known_id)
        by_spelling[known_id.casefold()] = known_id
    return by_spelling


def nearest_id(unknown_id: str, by_spelling: Spellings) -> str | None:
    """Return the known id that is most like an unknown one, ignoring case. Returns None if none is similar."""
    spelling = unknown_id.casefold()
    if spelling in by_spelling:
        return by_spelling[spelling]
    if len(unknown_id) > MAX_ID_LENGTH or len(by_spelling) > 2 * MAX_COMPARED_IDS:
        return None
    matches = get_close_matches(spelling, by_spelling, 1)
    return by_spelling[matches[0]] if matches else None
