"""Lookup of one object by its global id."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from execution.awaitable import AwaitableOrValue, LazyAwaitable, map_value, value_of
from providers import ids
from providers.errors import NotFound
from providers.source import DateWindow
from schema.account import Account
from schema.credit import Credit
from schema.invoice import Invoice
from schema.line_item import LineItem
from schema.node import Node
from schema.project import Project

from .accounts import AccountRegistry
from .invoice_fields import InvoiceFields
from .loaders import Loaders
from .projects import Projects

N = TypeVar("N", bound=Node)


class NodeLookup:
    """Fetches one object by its id. Returns None if it does not exist or its account is not configured."""

    def __init__(
        self, registry: AccountRegistry, loaders: Loaders, invoice_fields: InvoiceFields, projects: Projects
    ) -> None:
        self._registry, self._loaders = registry, loaders
        self._invoice_fields, self._projects = invoice_fields, projects

    def node(self, node_id: str, is_id_enough: Callable[[], bool]) -> AwaitableOrValue[Node | None]:
        """Return an object of any kind. `is_id_enough`: whether a project needs no name, and so no provider call."""
        ref = ids.parse(node_id)
        if ref is None:
            return self._registry[node_id].account if node_id in self._registry else None
        if ref.account not in self._registry:
            return None
        match ref.kind:
            case ids.INVOICE:
                return self._loaders.invoice(ref.account, ref.provider_keys[0])
            case ids.LINE_ITEM:
                return LazyAwaitable(lambda: self._line_item(ref, node_id))
            case ids.CREDIT:
                return LazyAwaitable(lambda: self._credit(ref, node_id))
            case _:
                return self._projects.find(ref, node_id, is_id_enough)

    def invoice(self, invoice_id: str) -> AwaitableOrValue[Invoice | None]:
        ref = self._parse_id(invoice_id, ids.INVOICE)
        return self._loaders.invoice(ref.account, ref.provider_keys[0]) if ref else None

    def parent_invoice(self, invoice_id: str) -> AwaitableOrValue[Invoice]:
        """Return the invoice that a line item or a credit names. Raises NotFound if it no longer exists."""
        return self._loaders.known_invoices.get(invoice_id) or map_value(
            self.invoice(invoice_id), partial(self._require, invoice_id)
        )

    def _require(self, invoice_id: str, invoice: Invoice | None) -> Invoice:
        if invoice is None:
            raise NotFound(self._registry["/".join(invoice_id.split("/")[:2])].account_ref)
        return invoice

    async def line_item(self, line_item_id: str) -> LineItem | None:
        ref = self._parse_id(line_item_id, ids.LINE_ITEM)
        return await self._line_item(ref, line_item_id) if ref else None

    async def credit(self, credit_id: str) -> Credit | None:
        ref = self._parse_id(credit_id, ids.CREDIT)
        return await self._credit(ref, credit_id) if ref else None

    def project(self, project_id: str, is_id_enough: Callable[[], bool]) -> AwaitableOrValue[Project | None]:
        ref = self._parse_id(project_id, ids.PROJECT)
        return self._projects.find(ref, project_id, is_id_enough) if ref else None

    async def _line_item(self, ref: ids.GlobalId, line_item_id: str) -> LineItem | None:
        return _find(await self._lines(ref), line_item_id)

    async def _credit(self, ref: ids.GlobalId, credit_id: str) -> Credit | None:
        if self._registry[ref.account].spec.line_items_need_call:
            return _find((line.credit for line in await self._lines(ref) if line.credit), credit_id)
        invoice = await value_of(self._loaders.invoice(ref.account, ref.provider_keys[0]))
        credits = await value_of(self._invoice_fields.credits(invoice)) if invoice else None
        return _find(credits or (), credit_id)

    async def reference(self, account: Account) -> str | None:
        """Return the account's id at its provider, from the configuration or else from its newest invoices."""
        source = self._registry[str(account.id)].source
        return source.reference or (await self._loaders.page(str(account.id), DateWindow(), None)).reference

    async def _lines(self, ref: ids.GlobalId) -> Sequence[LineItem]:
        """Return the lines of the invoice that the id of a part names. Costs one call."""
        provider_key = ref.provider_keys[0]
        if self._registry[ref.account].spec.line_items_need_call:
            try:
                return await value_of(self._loaders.line_items_of(ref.account, provider_key))
            except NotFound:
                if not self._registry[ref.account].source.is_absence_certain(provider_key):
                    raise
                return []
        invoice = await value_of(self._loaders.invoice(ref.account, provider_key))
        return (await value_of(self._invoice_fields.lines(invoice)) if invoice else None) or []

    def _parse_id(self, text: str, kind: str) -> ids.GlobalId | None:
        """Return the parsed id. Returns None if it has another kind or its account is not configured."""
        ref = ids.parse(text)
        return ref if ref and ref.kind == kind and ref.account in self._registry else None


def _find(nodes: Iterable[N], node_id: str) -> N | None:
    return next((node for node in nodes if node.id == node_id), None)
