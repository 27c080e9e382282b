"""The identity of an account, from which translation builds ids and errors build messages."""

from dataclasses import dataclass
from functools import cached_property

from schema.scalars import CurrencyCode

from . import ids


@dataclass(frozen=True)
class AccountRef:
    """An account at a provider: its names, its currency, and the ids of its objects."""

    provider: str
    provider_name: str
    account: str
    currency: CurrencyCode | None = None  # from the configuration, for payloads that name no currency

    @cached_property
    def id(self) -> str:
        return ids.account_id(self.provider, self.account)

    def invoice_id(self, provider_key: str) -> str:
        return ids.build(self.id, ids.INVOICE, provider_key)

    def project_id(self, provider_key: str) -> str:
        return ids.build(self.id, ids.PROJECT, provider_key)

    def line_item_id(self, invoice_key: str, provider_key: str) -> str:
        return ids.build(self.id, ids.LINE_ITEM, invoice_key, provider_key)

    def credit_id(self, invoice_key: str, reference: str, number: int) -> str:
        """Return the id of a credit. `number` tells credits with the same reference apart."""
        return ids.build(self.id, ids.CREDIT, invoice_key, reference, str(number))
