"""What a caller may see: accounts and scopes."""

from dataclasses import dataclass

from schema.scopes import Scope

EVERY_ACCOUNT = "*"


@dataclass(frozen=True, slots=True)
class Grants:
    """The accounts and the scopes of a caller.

    `accounts` holds account ids (`fastly/cdn`), providers (`fastly/*`), or EVERY_ACCOUNT. An account that is not
    granted does not exist for the caller.
    """

    accounts: frozenset[str]
    scopes: frozenset[Scope]

    def include(self, provider_id: str, account_id: str) -> bool:
        """Return whether an account is granted."""
        return not self.accounts.isdisjoint({EVERY_ACCOUNT, f"{provider_id}/*", account_id})


EVERYTHING = Grants(frozenset({EVERY_ACCOUNT}), frozenset(Scope))  # if callers are not authenticated
