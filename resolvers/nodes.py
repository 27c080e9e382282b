"""Lookup of one object by its global id."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from providers import ids
from providers.errors import NotFound
from providers.source import DateWindow
from schema.account import Account
from schema.credit import Credit
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.node import Node

from .accounts import AccountRegistry
from .invoice_fields import InvoiceFields
from .loaders import Loaders

N = TypeVar("N", bound=Node)


class NodeLookup:
    """Fetches one object by its id. Returns None if it does not exist or its account is not configured."""

    def __init__(self, registry: AccountRegistry, loaders: Loaders, invoice_fields: InvoiceFields) -> None:
        self._registry, self._loaders, self._invoice_fields = registry, loaders, invoice_fields

    async def invoice(self, invoice_id: str) -> Invoice | None:
        ref = self._parse_id(invoice_id, ids.INVOICE)
        return await self._loaders.invoice(ref.account, ref.provider_keys[0]) if ref else None

    async def parent_invoice(self, invoice_id: str) -> Invoice:
        """Return the invoice that a line item or a credit names. Raises NotFound if it no longer exists."""
        invoice = self._loaders.known_invoices.get(invoice_id) or await self.invoice(invoice_id)
        if invoice is None:
            raise NotFound(self._registry["/".join(invoice_id.split("/")[:2])].account_ref)
        return invoice

    async def line_item(self, line_item_id: str) -> LineItem | None:
        ref = self._parse_id(line_item_id, ids.LINE_ITEM)
        return _find(await self._lines(ref), line_item_id) if ref else None

    async def credit(self, credit_id: str) -> Credit | None:
        ref = self._parse_id(credit_id, ids.CREDIT)
        if ref is None:
            return None
        if self._registry[ref.account].spec.line_items_need_call:
            return _find((line.credit for line in await self._lines(ref) if line.credit), credit_id)
        invoice = await self._loaders.invoice(ref.account, ref.provider_keys[0])
        return _find(await self._invoice_fields.credits(invoice) or (), credit_id) if invoice else None

    async def reference(self, account: Account) -> str | None:
        """Return the account's id at its provider, from the configuration or else from its newest invoices."""
        source = self._registry[str(account.id)].source
        return source.reference or (await self._loaders.page(str(account.id), DateWindow(), None)).reference

    async def _lines(self, ref: ids.GlobalId) -> Sequence[LineItem]:
        """Return the lines of the invoice that the id of a part names. Costs one call."""
        provider_key = ref.provider_keys[0]
        if self._registry[ref.account].spec.line_items_need_call:
            try:
                return await self._loaders.line_items_of(ref.account, provider_key)
            except NotFound:
                return []
        invoice = await self._loaders.invoice(ref.account, provider_key)
        return (await self._invoice_fields.lines(invoice) if invoice else None) or []

    def _parse_id(self, text: str, kind: str) -> ids.GlobalId | None:
        """Return the parsed id. Returns None if it has another kind or its account is not configured."""
        ref = ids.parse(text)
        return ref if ref and ref.kind == kind and ref.account in self._registry else None


def _find(nodes: Iterable[N], node_id: str) -> N | None:
    return next((node for node in nodes if node.id == node_id), None)
