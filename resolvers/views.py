"""What callers see of the accounts: one registry for each set of grants, so that other accounts do not exist."""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from execution.lru import ByteBoundedLRU
from schema.scopes import Scope

from .accounts import AccountRegistry
from .grants import Grants

MAX_ACCOUNTS = 100_000  # accounts in all views that are kept for the next request
CurrentAccounts = Callable[[], AccountRegistry]  # every account, as they are configured now
_Contents = tuple[frozenset[str], frozenset[Scope]]  # account ids and scopes


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class View:
    """The accounts that a caller sees, and its scopes. Equal views are one object, so its identity is a key."""

    accounts: AccountRegistry
    scopes: frozenset[Scope]


class Views:
    """The views of the current accounts, by grants. A change of the accounts replaces all of them."""

    def __init__(self, current_accounts: CurrentAccounts) -> None:
        self._current_accounts = current_accounts
        self._use(current_accounts())

    def _use(self, accounts: AccountRegistry) -> None:
        self._accounts = accounts
        self._by_grants: ByteBoundedLRU[Grants, View] = ByteBoundedLRU(MAX_ACCOUNTS)
        self._by_contents: WeakValueDictionary[_Contents, View] = WeakValueDictionary()

    @property
    def current(self) -> AccountRegistry:
        """every account as configured now."""
        return self._current_accounts()

    def of(self, grants: Grants) -> View:
        """Return the view of these grants on the current accounts. Without INVOICES_READ it has no account."""
        accounts = self._current_accounts()
        if accounts is not self._accounts:
            self._use(accounts)
        return self._by_grants.get(grants) or self._add(grants)

    def _add(self, grants: Grants) -> View:
        accounts = [account for account in self._accounts if grants.include(account.spec.id, account.id)]
        if Scope.INVOICES_READ not in grants.scopes:
            accounts = []
        contents = frozenset(account.id for account in accounts), grants.scopes
        view = self._by_contents.get(contents)
        if view is None:
            view = self._by_contents[contents] = View(self._accounts.restricted_to(accounts), grants.scopes)
        size = min(1 + len(accounts), MAX_ACCOUNTS)  # also a view of very many accounts is kept
        self._by_grants.put(grants, view, size)
        return view
