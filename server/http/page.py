"""GraphiQL for browsers, and the answer at the root of the service."""

from hashlib import blake2b
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from resolvers.accounts import AccountRegistry
from schema.coverage import FailureCode
from server.operations.response import error_payload

from .negotiation import accepts

_INSTALLED, _CHECKOUT = Path(__file__).parents[1] / "graphiql", Path(__file__).parents[2] / "graphiql" / "dist"
GRAPHIQL = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT  # the wheel has the built files inside the package
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # the entry files keep their names when their content changes
}
_ROOT_HEADERS = {"Vary": "Accept", "Cache-Control": "no-cache"}
_NOT_BUILT = "GraphiQL is not built. Run `make setup` to build it. POST /graphql works without it."
_BANNER = '<p id="sandbox" role="note" hidden></p>'  # in index.html
_ALL, _SOME = "Sandbox: simulated data, never real costs.", "Some accounts are sandboxes: their data is simulated."


class GraphiQLFiles(StaticFiles):
    """GraphiQL's files, sent with the security headers of its page."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_PAGE_HEADERS)
        return response


def graphiql_page(accounts: AccountRegistry) -> Response:
    """Return GraphiQL, with a banner if accounts are sandboxes; or an error with status 503 if it is not built."""
    try:
        page = (GRAPHIQL / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return JSONResponse(error_payload(_NOT_BUILT, FailureCode.UNAVAILABLE.name), 503)
    if accounts.has_sandbox:
        text = _ALL if all(account.account.sandbox for account in accounts) else _SOME
        page = page.replace(_BANNER, _BANNER.replace(" hidden></p>", f">{text}</p>"))
    etag = f'W/"{blake2b(page.encode(), digest_size=16).hexdigest()}"'
    return HTMLResponse(page, headers=_PAGE_HEADERS | {"ETag": etag})


async def root(request: Request) -> Response:
    """Lead browsers to GraphiQL, and tell other clients in one line where the API is.

    The redirect is relative, because a proxy may serve this service below a path.
    """
    if accepts(request.headers.get("accept", ""), "text/html"):
        return RedirectResponse("graphql", headers=_ROOT_HEADERS)
    return JSONResponse({"service": "Invoicegraph", "graphql": "/graphql"}, headers=_ROOT_HEADERS)
