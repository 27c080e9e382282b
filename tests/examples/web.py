"""The page of examples/web, built and open_example over a running service."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from providers.sandbox import serve
from server.config.access import NO_ACCESS_CONTROL, AccessSettings
from tests.browser import Visit, open_page
from tests.harness import Service, running_service
from tests.node import NODE

WEB = Path(__file__).parents[2] / "examples/web"
FORWARDED = "content-type", "authorization", "x-api-key"
DEFAULT_CACHING: dict[str, Any] = {"attempts": 1, "rate_limit": None}  # with the default times to live


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `npm run check`, which generates the types, checks and builds the page."""
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


@dataclass
class Example:
    """The page in a browser, and the service that it queries."""

    url: str
    visit: Visit
    service: Service

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def rows(self) -> Locator:
        return self.page.locator("button.row")

    @property
    def details(self) -> Locator:
        return self.page.get_by_role("dialog")

    def account(self, name: str) -> Locator:
        """The entry of an account in the list of accounts, with its coverage."""
        return self.page.get_by_role("region", name="Accounts").get_by_role("listitem").filter(has_text=name)


@asynccontextmanager
async def open_example(
    path: str = "/",
    settings: dict[str, Any] | None = None,
    access: AccessSettings = NO_ACCESS_CONTROL,
    **page_options: Any,
) -> AsyncIterator[Example]:
    """The page at a path, over a service with these settings of accounts and of access.

    `page_options` are those of Playwright, such as the size.
    """
    async with (
        running_service(settings=settings or DEFAULT_CACHING, access=access) as service,
        serve_page(service) as url,
        open_page(f"{url}{path}", **page_options) as visit,
    ):
        yield Example(url, visit, service)


@asynccontextmanager
async def serve_page(service: Service) -> AsyncIterator[str]:
    """The URL of the built page and the service at one origin, as behind a reverse proxy."""

    async def forward(request: Request) -> Response:
        headers = {name: request.headers[name] for name in FORWARDED if name in request.headers}
        response = await service.client.post("/graphql", content=await request.body(), headers=headers)
        return Response(response.content, response.status_code, media_type=response.headers["content-type"])

    page = Mount("/", StaticFiles(directory=WEB / "dist", html=True))
    async with serve(Starlette(routes=[Route("/graphql", forward, methods=["POST"]), page])) as url:
        yield url
