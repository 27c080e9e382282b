"""One object by its id alone; null when there is none, or none that the caller may see."""

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
    """Every question for one object."""

    def __init__(self, roster: AccountRegistry, loaders: Loaders, parts: InvoiceFields) -> None:
        self._roster, self._loaders, self._parts = roster, loaders, parts

    async def invoice(self, invoice_id: str) -> Invoice | None:
        ref = self._parse_id(invoice_id, ids.INVOICE)
        return await self._loaders.invoice(ref.account, ref.provider_keys[0]) if ref else None

    async def parent_invoice(self, invoice_id: str) -> Invoice:
        """The invoice that a part names; raises where it is gone."""
        invoice = self._loaders.known_invoices.get(invoice_id) or await self.invoice(invoice_id)
        if invoice is None:
            raise NotFound(self._roster["/".join(invoice_id.split("/")[:2])].owner)
        return invoice

    async def line_item(self, line_item_id: str) -> LineItem | None:
        ref = self._parse_id(line_item_id, ids.LINE_ITEM)
        return _by_id(await self._lines(ref), line_item_id) if ref else None

    async def credit(self, credit_id: str) -> Credit | None:
        ref = self._parse_id(credit_id, ids.CREDIT)
        if ref is None:
            return None
        if self._roster[ref.account].spec.line_items_need_call:
            return _by_id((line.credit for line in await self._lines(ref) if line.credit), credit_id)
        invoice = await self._loaders.invoice(ref.account, ref.provider_keys[0])
        return _by_id(await self._parts.credits(invoice) or (), credit_id) if invoice else None

    async def reference(self, account: Account) -> str | None:
        """The account's id at its provider, from the configuration or else from its newest invoices."""
        source = self._roster[str(account.id)].source
        return source.reference or (await self._loaders.page(str(account.id), DateWindow(), None)).reference

    async def _lines(self, ref: ids.GlobalId) -> Sequence[LineItem]:
        """The lines of the invoice that a part's id names, at the cost of one call."""
        native = ref.provider_keys[0]
        if self._roster[ref.account].spec.line_items_need_call:
            try:
                return await self._loaders.lines_of(ref.account, native)
            except NotFound:
                return []
        invoice = await self._loaders.invoice(ref.account, native)
        return (await self._parts.lines(invoice) if invoice else None) or []

    def _parse_id(self, text: str, kind: str) -> ids.GlobalId | None:
        ref = ids.parse(text)
        return ref if ref and ref.kind == kind and ref.account in self._roster else None


def _by_id(things: Iterable[N], wanted: str) -> N | None:
    return next((thing for thing in things if thing.id == wanted), None)
