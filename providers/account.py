"""Whose a thing is: the account that every translated object and every failure belongs to."""

from dataclasses import dataclass
from functools import cached_property

from schema.scalars import CurrencyCode

from . import ids


@dataclass(frozen=True)
class AccountRef:
    """One account, as far as translation and errors need to know it."""

    provider: str
    provider_name: str
    account: str
    currency: CurrencyCode | None = None  # what the configuration says where the wire names none

    @cached_property
    def id(self) -> str:
        return ids.account(self.provider, self.account)

    def invoice(self, native: str) -> str:
        return ids.build(self.id, ids.INVOICE, native)

    def project(self, native: str) -> str:
        return ids.build(self.id, ids.PROJECT, native)

    def line_item(self, invoice: str, native: str) -> str:
        return ids.build(self.id, ids.LINE_ITEM, invoice, native)

    def credit(self, invoice: str, reference: str, number: int) -> str:
        return ids.build(self.id, ids.CREDIT, invoice, reference, str(number))
