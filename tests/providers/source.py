"""A provider's client connected to its sandbox on a loopback port."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from nimbus_invoices import PROVIDER as NIMBUS

from providers import PROVIDERS
from providers.call import CallContext
from providers.sandbox import Fault, SandboxApi, serve
from providers.settings import AccountSettings
from providers.source import DateWindow, InvoiceSource
from providers.transport.carriers import open_carrier
from providers.transport.client import ApiClient
from tests.harness import now

ALL_PROVIDERS = {**PROVIDERS, NIMBUS.id: NIMBUS}  # the registry, and a provider of another package
UNBOUNDED = DateWindow()
ONCE = {"attempts": 1} if "attempts" in AccountSettings.model_fields else {}  # no retries


@dataclass(frozen=True)
class Connected:
    """A source and the sandbox that it calls."""

    source: InvoiceSource
    sandbox: SandboxApi

    @property
    def calls(self) -> list[str]:
        """The paths of the calls, with their queries, in order."""
        return [request.path for request in self.sandbox.control.requests]

    def inject_fault(self, kind: Any, **more: Any) -> None:
        """Inject a fault into the following requests. `more` are further fields of Fault, such as `path`."""
        self.sandbox.control.faults.append(Fault(kind=kind, **more))

    def respond_with(self, body: str, **more: Any) -> None:
        """Send a 200 response with this body to the following requests. `more` are further fields of Fault."""
        self.inject_fault("garbage", body=body, **more)

    async def newest_key(self) -> str:
        """Return the key of the newest invoice."""
        return (await self.page_keys())[0]

    async def page_keys(self) -> list[str]:
        """Return the keys of the invoices on the first page, newest first."""
        page = await self.source.page(UNBOUNDED, None, CallContext())
        keys = [str(invoice.id).rpartition("/")[2] for invoice in page.invoices]
        return keys or list(page.keys)[::-1]


@asynccontextmanager
async def connected_to(provider: str, sandbox: SandboxApi | None = None, **settings: Any) -> AsyncIterator[Connected]:
    """Connect the sandbox's demo account, with `settings` in place of its own."""
    spec = ALL_PROVIDERS[provider]
    sandbox = sandbox or spec.sandbox(now=now)
    async with serve(sandbox) as url:
        account = spec.settings.model_validate({**sandbox.account(url), **ONCE, **settings})
        async with aclosing(open_carrier()) as carrier:
            yield Connected(spec.source(account, ApiClient(account, carrier)), sandbox)
