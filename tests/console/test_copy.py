"""The list of invoices in another app, made by the steps of console/README.md."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from providers.sandbox import serve
from tests.browser import needs_browser, open_page
from tests.harness import Service, running_service

from .console import CONSOLE, DEFAULT_CACHING, check

pytestmark = needs_browser

COPIED = ["src/invoices", "src/lib", "src/graph", "src/ui", "src/styles", "codegen.ts", "tsconfig.json"]
OWN = ["package.json", "vite.config.ts", "index.html"]  # what a new app has, in the same form
MAIN = """import { createRoot } from 'react-dom/client'
import App from './App'
createRoot(document.getElementById('root')!).render(<App />)
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    readme = (CONSOLE / "README.md").read_text()
    (component,) = re.findall(r"```tsx\n(.*?)```", readme, re.DOTALL)
    for name in COPIED + OWN:
        source, target = CONSOLE / name, tmp_path / "app" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    (tmp_path / "app/src/App.tsx").write_text(component)
    (tmp_path / "app/src/main.tsx").write_text(MAIN)
    (tmp_path / "app/node_modules").symlink_to(CONSOLE / "node_modules")
    (tmp_path / "schema").mkdir()
    shutil.copy(CONSOLE.parent / "schema/client.graphql", tmp_path / "schema")
    return tmp_path / "app"


def host_of(app: Path, service: Service) -> Starlette:
    """A server of the app that forwards its queries to the service."""

    async def forward(request: Request) -> Response:
        headers = {"content-type": request.headers["content-type"]}
        response = await service.client.post("/graphql", content=await request.body(), headers=headers)
        return Response(response.content, response.status_code, media_type=response.headers["content-type"])

    page = Mount("/", StaticFiles(directory=app / "dist", html=True))
    return Starlette(routes=[Route("/graphql", forward, methods=["POST"]), page])


async def test_copied_list_shows_the_invoices(app: Path) -> None:
    result = check(app)
    assert result.returncode == 0, result.stdout
    async with (
        running_service(settings=DEFAULT_CACHING) as service,
        serve(host_of(app, service)) as url,
        open_page(f"{url}/?period=all&currency=EUR") as visit,
    ):
        await expect(visit.page.locator("tbody").get_by_role("row")).to_have_count(6)
        visit.assert_clean()
