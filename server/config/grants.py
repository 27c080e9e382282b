"""Grants in the configuration: the accounts and the scopes of a caller."""

import re
from collections.abc import Collection
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from providers import PROVIDERS
from resolvers.grants import EVERY_ACCOUNT, Grants
from schema.scopes import Scope

T = TypeVar("T", bound=Collection[object])
_ACCOUNT_ID = re.compile(r"[a-z0-9-]{1,32}")


def account_pattern(text: str) -> str:
    """Return the name of granted accounts. Raises ValueError if it is neither `*`, nor `fastly/*`, nor `fastly/cdn`."""
    provider, _, account = text.partition("/")
    if text == EVERY_ACCOUNT or (provider in PROVIDERS and (account == "*" or _ACCOUNT_ID.fullmatch(account))):
        return text
    raise ValueError(f'write "*", "PROVIDER/*" or "PROVIDER/ID", with a PROVIDER of {", ".join(PROVIDERS)}')


def not_empty(values: T) -> T:
    """Return a list or a table. Raises ValueError if it is empty."""
    if not values:
        raise ValueError("write at least one")
    return values


class GrantSettings(BaseModel):
    """Accounts by their ids or providers, and what the caller may do with them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    accounts: tuple[Annotated[str, AfterValidator(account_pattern)], ...]
    scopes: Annotated[tuple[Scope, ...], AfterValidator(not_empty)] = (Scope.INVOICES_READ,)

    @property
    def grants(self) -> Grants:
        return Grants(frozenset(self.accounts), frozenset(self.scopes))
