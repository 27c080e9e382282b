"""Lengths of the graph's lists of accounts: they are known before the execution, so the limits count them exactly."""

from collections.abc import Sequence

from execution.list_sizes import SCANNED, KnownSizes

_LISTS_OF_ALL_ACCOUNTS = {  # with the argument that names accounts
    "Query.invoices": ("filterBy", "accounts"),
    "Query.credits": ("filterBy", "accounts"),
    "Query.projects": ("accounts",),
    "Query.monthToDate": ("accounts",),
}
_LISTS_OF_ONE_ACCOUNT = ("Account.invoices", "Account.projects", "Project.charges")


def account_list_sizes(accounts_of_providers: Sequence[int]) -> KnownSizes:
    """Return the lengths of all lists of accounts, from the number of accounts of each provider.

    A filter on accounts makes coverage shorter. Any provider counts with the accounts of the largest one. Where each
    provider is listed once, their mean counts.
    """
    accounts, providers = sum(accounts_of_providers), len(accounts_of_providers)
    return KnownSizes(
        {
            "Query": {"accounts": accounts, "providers": providers},
            "Provider": {"accounts": max(accounts_of_providers, default=0)},
            "Query.providers": {"accounts": -(-accounts // max(1, providers))},
            **{field: {"coverage": accounts, SCANNED: accounts} for field in _LISTS_OF_ALL_ACCOUNTS},
            **{field: {"coverage": 1} for field in _LISTS_OF_ONE_ACCOUNT},
        },
        _LISTS_OF_ALL_ACCOUNTS,
    )
