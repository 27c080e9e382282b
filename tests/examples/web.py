"""The page of examples/web, built and opened over a running service."""

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
from tests.browser import Visit, visiting
from tests.harness import Service, running
from tests.node import NODE

WEB = Path(__file__).parents[2] / "examples/web"
USUAL: dict[str, Any] = {"attempts": 1, "rate_limit": None}  # and remembered as long as by default


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """`npm run check`: generates the types, checks and builds the page."""
    node = Path(NODE).parent
    path = f"{node}{os.pathsep}{os.environ['PATH']}"
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
    """The page in a browser, and the service that it asks."""

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
        """What the page says of how far it speaks for an account."""
        return self.page.get_by_role("region", name="Accounts").get_by_role("listitem").filter(has_text=name)


@asynccontextmanager
async def opened(path: str = "/", settings: dict[str, Any] | None = None, **how: Any) -> AsyncIterator[Example]:
    async with (
        running(settings=settings or USUAL) as service,
        served(service) as url,
        visiting(f"{url}{path}", **how) as visit,
    ):
        yield Example(url, visit, service)


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[str]:
    """The built page and the service at one origin, as behind a reverse proxy."""

    async def forward(request: Request) -> Response:
        answer = await service.client.post(
            "/graphql", content=await request.body(), headers={"content-type": "application/json"}
        )
        return Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])

    page = Mount("/", StaticFiles(directory=WEB / "dist", html=True))
    async with serve(Starlette(routes=[Route("/graphql", forward, methods=["POST"]), page])) as url:
        yield url
