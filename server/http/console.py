"""The console: the page that people open first, at /. Other clients learn there in one line where the API is."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from .built_page import page_folder, security_headers, weak_etag
from .hashed_files import HashedFiles
from .negotiation import accepts
from .state import Application

# Each has one segment, so that the relative URLs of the page also work behind a proxy that strips a prefix.
ADDRESSES = ("/invoices", "/invoice", "/spend", "/credits", "/projects", "/project", "/accounts")
FILES = "/console/"
_SECURITY = security_headers("script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'")
_ROOT_HEADERS = {"Vary": "Accept", "Cache-Control": "no-cache"}
_PAGE_HEADERS = _SECURITY | _ROOT_HEADERS


class Console:
    """The built page and its files. They hold no data, so they need no credential."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` has index.html, and the files of the page in its folder `console`. None: the one that was built."""
        self._folder = folder or page_folder("console")
        self._files = HashedFiles(self._folder / "console", _SECURITY)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self._root),
            *(Route(address, self._page) for address in ADDRESSES),
            Route(f"{FILES}{{name}}", self._file),
        ]

    async def _root(self, request: Request) -> Response:
        """Return the page for browsers, and one line for other clients or without a console.

        If the console is not built, browsers are led to GraphiQL. The redirect is relative, because a proxy may serve
        this service below a path.
        """
        if _is_enabled(request) and _is_browser(request):
            page = self._read_page()
            if page is None:
                return RedirectResponse("graphql", headers=_ROOT_HEADERS)
            return _page_response(request, page)
        return JSONResponse({"service": "Invoicegraph", "graphql": "/graphql"}, headers=_ROOT_HEADERS)

    async def _page(self, request: Request) -> Response:
        """Return the page, which shows what its address names.

        Raises HTTPException if there is no page, or if the client does not ask for HTML: 406 tells a program, which
        may expect JSON here, where the API is.
        """
        page = self._read_page() if _is_enabled(request) else None
        if page is None:
            raise HTTPException(404)
        if not _is_browser(request):
            raise HTTPException(406, headers={"Vary": "Accept"})
        return _page_response(request, page)

    async def _file(self, request: Request) -> Response:
        if not _is_enabled(request):
            raise HTTPException(404)
        return await self._files.respond(request, request.path_params["name"])

    def page_of_unknown(self, request: Request) -> Response | None:
        """Return the page with status 404 for a browser at an address without a route: the page says what there is.

        Returns None for other clients, without a page, and for more than one segment, where its relative URLs fail.
        """
        is_one_segment = request.method in {"GET", "HEAD"} and "/" not in request.url.path[1:]
        page = self._read_page() if is_one_segment and _is_browser(request) and _is_enabled(request) else None
        return None if page is None else HTMLResponse(page, 404, _PAGE_HEADERS)

    def _read_page(self) -> bytes | None:
        """Return the page, read anew because a build replaces it. Returns None if it is not built."""
        try:
            return (self._folder / "index.html").read_bytes()
        except FileNotFoundError:
            return None


def _is_enabled(request: Request) -> bool:
    application: Application = request.app
    return application.state.runner.settings.console


def _is_browser(request: Request) -> bool:
    return accepts(request.headers.get("accept", ""), "text/html")


def _page_response(request: Request, page: bytes) -> Response:
    etag = weak_etag(page)
    headers = _PAGE_HEADERS | {"ETag": etag}
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=headers) if etag in known else HTMLResponse(page, headers=headers)
