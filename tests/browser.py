"""Chromium for tests: cut off from every other host, with its console messages recorded."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import ConsoleMessage, Page, Route, async_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(BROWSERS)} is on the PATH")

# Without these flags Chromium itself calls Google's hosts. The last one resolves no name; only 127.0.0.1 remains.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass
class Visit:
    """A page, its requests to other hosts, and the browser's errors and warnings, such as CSP violations."""

    page: Page
    external_requests: list[str] = field(default_factory=list)
    console_messages: list[str] = field(default_factory=list)

    async def route(self, route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            await route.continue_()
        else:
            self.external_requests.append(route.request.url)
            await route.abort()

    def record_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.console_messages.append(message.text)

    def assert_clean(self) -> None:
        assert self.external_requests == []
        assert self.console_messages == []


@asynccontextmanager
async def open_page(url: str, **page_options: Any) -> AsyncIterator[Visit]:
    """Open `url` in a new browser. `page_options` are Playwright's options of a new page, such as its size."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        page = await browser.new_page(**page_options)
        visit = Visit(page)
        await page.route("**/*", visit.route)
        page.on("console", visit.record_message)
        page.on("pageerror", lambda error: visit.console_messages.append(str(error)))
        await page.goto(url)
        yield visit
        await browser.close()
