"""One provider's real client over its real sandbox, on a loopback port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from providers import PROVIDERS
from providers.sandbox import Fault, SandboxApi, serve
from providers.settings import AccountSettings
from providers.source import DateWindow, InvoiceSource
from providers.transport.client import ApiClient
from providers.transport.wreq import Transport
from tests.harness import now

EVER = DateWindow()
ONCE = {"attempts": 1} if "attempts" in AccountSettings.model_fields else {}  # each call is made once


@dataclass(frozen=True)
class Connected:
    """A client, and the sandbox that it speaks to."""

    source: InvoiceSource
    sandbox: SandboxApi

    @property
    def calls(self) -> list[str]:
        """The paths, with their queries, in order."""
        return [asked.path for asked in self.sandbox.control.requests]

    def fails(self, kind: Any, **more: Any) -> None:
        """From now on, every request or those to the path given."""
        self.sandbox.control.faults.append(Fault(kind=kind, **more))

    def says(self, body: str, **more: Any) -> None:
        """The text instead of every body, or of those of the path given."""
        self.fails("garbage", body=body, **more)

    async def native(self) -> str:
        """The key of the newest invoice."""
        return (await self.natives())[0]

    async def natives(self) -> list[str]:
        """Every invoice's key on the first page."""
        page = await self.source.page(EVER, None)
        listed = [str(invoice.id).rpartition("/")[2] for invoice in page.invoices]
        return listed or list(page.keys)[::-1]


@asynccontextmanager
async def connected_to(provider: str, sandbox: SandboxApi | None = None, **settings: Any) -> AsyncIterator[Connected]:
    """A client whose account is the sandbox's own, but for the settings given."""
    kind = PROVIDERS[provider]
    sandbox = sandbox or kind.sandbox(now=now)
    async with serve(sandbox) as url:
        account = kind.settings.model_validate({**sandbox.account(url), **ONCE, **settings})
        async with Transport(direct=True) as transport:
            yield Connected(kind.source(account, ApiClient(account, transport)), sandbox)
