"""GraphiQL for browsers, at /graphql, and its files below /graphiql/."""

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from resolvers.accounts import AccountRegistry
from schema.coverage import FailureCode
from server.operations.response import error_payload

from .built_page import page_folder, security_headers, weak_etag

GRAPHIQL = page_folder("graphiql")
_HEADERS = security_headers(
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src data:",
    "connect-src 'self'",
) | {"Cache-Control": "no-cache"}  # the entry files keep their names when their content changes
_NOT_BUILT = "GraphiQL is not built. Run `make setup` to build it. POST /graphql works without it."
_BANNER = '<p id="sandbox" role="note" hidden></p>'  # in index.html
_ALL, _SOME = "Sandbox: simulated data, never real costs.", "Some accounts are sandboxes: their data is simulated."


class GraphiQLFiles(StaticFiles):
    """GraphiQL's files, sent with the security headers of its page."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_HEADERS)
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
    return HTMLResponse(page, headers=_HEADERS | {"ETag": weak_etag(page.encode())})
