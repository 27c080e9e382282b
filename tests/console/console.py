"""The console, built and opened in a browser from a running service."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page

from providers.sandbox import Sandbox
from server.config.access import NO_ACCESS_CONTROL, AccessSettings
from tests.browser import Visit, open_page
from tests.harness import NOW, Service, running_service
from tests.node import NODE
from tests.proxy import stripping_proxy

CONSOLE = Path(__file__).parents[2] / "console"
PAGES = {
    "": "Overview",
    "invoices": "Invoices",
    "spend": "Spend",
    "credits": "Credits",
    "projects": "Projects",
    "accounts": "Accounts",
}
INVOICE = "invoice?id=fastly/sandbox-fastly/invoice/INV-321156"
START = "readyz"  # an address without the page: a test can order faults before it opens a page
PREFIX = "/costs"  # of the proxy before the service
DEFAULT_CACHING: dict[str, Any] = {"attempts": 1, "rate_limit": None}  # with the default times to live


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `npm run check`, which generates the types, checks and builds the console."""
    node_folder = Path(NODE).parent
    path = f"{node_folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["npm", "run", "--silent", "check"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def format_amount(amount: Decimal) -> str:
    """Write an amount as the console does for a reader in the United States, in a currency of two digits."""
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{digits}f}"


@dataclass
class Console:
    """The console in a browser, and the service that it queries. `url` ends with a slash."""

    url: str
    visit: Visit
    service: Service

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def rows(self) -> Locator:
        """The rows of the page's tables, without those of headers."""
        return self.page.locator("tbody").get_by_role("row")

    @property
    def title(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def section(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title)

    def account(self, name: str) -> Locator:
        """The entry of an account in the strip of accounts."""
        strip = self.page.get_by_role("region", name="State of the accounts")
        return strip.get_by_role("listitem").filter(has_text=name)

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.url}{path}")

    async def choose(self, label: str, option: str) -> None:
        """Choose an option of a list of several, and close the list."""
        button = self.page.get_by_role("button", name=label)
        await button.click()
        await self.page.get_by_role("checkbox", name=option).check()
        await self.page.keyboard.press("Escape")


@asynccontextmanager
async def open_console(
    path: str = "",
    settings: dict[str, Any] | None = None,
    access: AccessSettings = NO_ACCESS_CONTROL,
    sandbox: Sandbox | None = None,
    **page_options: Any,
) -> AsyncIterator[Console]:
    """The page at a path, over a service with these settings of accounts and of access, at the sandbox's time.

    By default the sandbox has one account of each provider. A proxy serves both below a prefix.

    `page_options` are those of Playwright, such as the size.
    """
    async with (
        running_service(sandbox, settings=settings or DEFAULT_CACHING, access=access) as service,
        stripping_proxy(service.url, PREFIX) as url,
        open_page("about:blank", **page_options) as visit,
    ):
        await visit.page.clock.set_fixed_time(NOW)
        await visit.page.goto(f"{url}/{path}")
        yield Console(f"{url}/", visit, service)
