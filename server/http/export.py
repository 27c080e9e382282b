"""GET /export/…: files of many invoices or lines. A file is made whole, and then sent with its length and digest."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

import orjson
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from execution.errors import ErrorCode
from execution.schema import Schema
from providers.deadline import loop_time
from resolvers.accounts import AccountRegistry
from resolvers.errors import BadUserInput
from schema import scopes
from server.access.authenticator import Authenticator
from server.export.errors import ExportError
from server.export.exporter import Export, Exporter
from server.export.manifest_json import manifest_of
from server.export.parameters import MANIFEST, file_names, parse_request
from server.operations.audit import CANCELLED, COMPLETE, INCOMPLETE, MadeFile
from server.operations.request import BadRequestError
from server.operations.response import JsonObject, error_payload, error_response
from server.operations.runner import OperationRunner

from .disconnect import ClientDisconnected, cancel_on_disconnect
from .request import HttpRequest

PREFIX = "/export/"
Headers = list[tuple[bytes, bytes]]
_NO_STORE, _REVALIDATE = (b"cache-control", b"private, no-store"), (b"cache-control", b"private, no-cache")
# A page of another site may neither embed a file nor have a browser guess its type.
_ISOLATION: Headers = [(b"x-content-type-options", b"nosniff"), (b"cross-origin-resource-policy", b"same-origin")]
_FOREIGN = (
    "A page of another site may not fetch files. Open the address in a browser, or send the header "
    "graphql-require-preflight: 1."
)


@dataclass(frozen=True, slots=True)
class FileResponse:
    """The head of a response. Its body is a spool, or a few bytes."""

    status: int
    headers: Headers
    body: bytes | None  # None: the bytes of the export's spool


class ExportEndpoint:
    """The ASGI application that responds to requests below /export/."""

    def __init__(
        self, exporter: Exporter, schema: Schema, runner: OperationRunner, authenticator: Authenticator
    ) -> None:
        self._exporter, self._schema, self._runner, self._authenticator = exporter, schema, runner, authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, has_started, began_at = HttpRequest(scope, receive), False, loop_time()
        try:
            async with self._export(request, scope) as (export, response):
                has_started = True
                outcome = COMPLETE if export.coverage_word in {"complete", "unlisted"} else INCOMPLETE
                made = MadeFile(export.writer.contents.totals.rows, export.spool.size, loop_time() - began_at)
                self._audit(request, scope, outcome, made)
                await cancel_on_disconnect(receive, _send(request, response, export, send))
        except ClientDisconnected:  # no client is left
            if not has_started:
                self._audit(request, scope, CANCELLED)
        except Exception as error:
            if has_started:
                raise  # the connection breaks, and the client sees that the body is short
            response, code = _error_response(error, request.id)
            self._audit(request, scope, code)
            await _send(request, response, None, send)

    def _audit(self, request: HttpRequest, scope: Scope, outcome: str, made: MadeFile | None = None) -> None:
        name = str(scope["path"]).removeprefix(PREFIX)
        file = name if name in file_names() else None
        self._runner.audit.record_file(request.caller.name, request.id, file, outcome, made)

    @asynccontextmanager
    async def _export(self, request: HttpRequest, scope: Scope) -> AsyncIterator[tuple[Export, FileResponse]]:
        """Make the file that a request names, and yield it with the head of its response."""
        accounts = await self._accounts_of(request)
        name, pairs = _check(request, scope), QueryParams(scope["query_string"]).multi_items()
        file_request = parse_request(name, pairs, self._schema)
        async with AsyncExitStack() as stack:
            opening = stack.enter_async_context(
                self._exporter.export(file_request, accounts, caller=request.caller.name)
            )
            export = await cancel_on_disconnect(request.receive, opening)
            query = urlencode([pair for pair in pairs if pair[0] != "format"] + [("format", file_request.format)])
            yield export, _head(request, export, f"{name.partition('.')[0]}.{MANIFEST}?{query}", accounts)

    async def _accounts_of(self, request: HttpRequest) -> AccountRegistry:
        """Return the accounts that the caller may export.

        Raises Unauthenticated, KeysUnavailable, or ExportError if the caller lacks a scope.
        """
        request.caller = await self._authenticator.authenticate(request.credentials)
        missing = sorted({scopes.Scope.EXPORT, scopes.Scope.INVOICES_READ} - request.caller.grants.scopes)
        if missing:
            message = f"Files require the scope {' and '.join(missing)}, which the credential does not have."
            raise ExportError(message, 403, ErrorCode.MISSING_SCOPE)
        return self._runner.views.of(request.caller.grants).accounts


def _check(request: HttpRequest, scope: Scope) -> str:
    """Return the name of the requested file. Raises BadRequestError or ExportError if there is none to be had."""
    if request.method not in {"GET", "HEAD"}:
        raise BadRequestError("Files are requested by GET or HEAD.", 405)
    name = str(scope["path"]).removeprefix(PREFIX)
    if name not in file_names():
        raise ExportError(f"There is no such file. There are {', '.join(file_names())}.", 404)
    if request.header(b"sec-fetch-site") and not (request.is_from_own_site() or _is_clicked_link(request)):
        raise ExportError(_FOREIGN, 403)
    return name


def _is_clicked_link(request: HttpRequest) -> bool:
    """Return whether a person opens the address in a browser: the page with the link cannot read the file."""
    return (
        request.header(b"sec-fetch-mode") == "navigate"
        and request.header(b"sec-fetch-dest") == "document"
        and request.header(b"sec-fetch-user") == "?1"
    )


def _head(request: HttpRequest, export: Export, link: str, accounts: AccountRegistry) -> FileResponse:
    headers = [*_ISOLATION, (b"x-request-id", request.id.encode()), *_counts(export)]
    if export.request.is_manifest_only:
        body = orjson.dumps(manifest_of(export, accounts))
        return FileResponse(200, [(b"content-type", b"application/json"), _NO_STORE, *headers], body)
    headers += [
        (b"content-type", export.writer.file.media_type.encode()),
        (b"repr-digest", export.spool.repr_digest.encode()),
        (b"link", f'<{link}>; rel="describedby"'.encode()),
    ]
    if export.coverage_word in {"partial", "stale"}:
        headers.append(_NO_STORE)
    else:
        etag = f'"{export.spool.sha256[:32]}"'
        headers += [_REVALIDATE, (b"etag", etag.encode())]
        if etag in {known.strip().removeprefix("W/") for known in request.header(b"if-none-match").split(",")}:
            return FileResponse(304, headers, b"")
    headers.append((b"content-disposition", f'attachment; filename="{export.file_name}"'.encode()))
    return FileResponse(200, headers, None)


def _counts(export: Export) -> Headers:
    contents = export.writer.contents
    return [
        (b"export-rows", b"%d" % contents.totals.rows),
        (b"export-left-out", b"%d" % contents.left_out_count),
        (b"export-guarded", b"%d" % export.writer.file.guarded_cells),
        (b"export-coverage", export.coverage_word.encode()),
    ]


async def _send(request: HttpRequest, response: FileResponse, export: Export | None, send: Send) -> None:
    size = export.spool.size if response.body is None and export else len(response.body or b"")
    headers = response.headers if response.status == 304 else [*response.headers, (b"content-length", b"%d" % size)]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if request.method != "HEAD" and response.status != 304:
        for chunk in export.spool.chunks() if response.body is None and export else (response.body or b"",):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _error_response(error: Exception, request_id: str) -> tuple[FileResponse, str]:
    """Return the response to a request for which no file is made, and its code."""
    extra: Headers = []
    content: JsonObject
    match error:
        case ExportError():
            status, content = error.status, {"errors": [{"message": str(error), "extensions": error.extensions}]}
        case BadUserInput():
            status, content = 400, error_payload(str(error), ErrorCode.BAD_USER_INPUT)
        case _:
            response = error_response(error, request_id)
            status, content = response.status, response.payload
    if status == HTTPStatus.UNAUTHORIZED:
        extra = [(b"www-authenticate", b"Bearer")]
    if status == 405:
        extra = [(b"allow", b"GET, HEAD")]
    if status == 503:
        extra = [(b"retry-after", b"1")]
    headers = [(b"content-type", b"application/json"), (b"x-request-id", request_id.encode()), _NO_STORE, *_ISOLATION]
    return FileResponse(status, headers + extra, orjson.dumps(content)), str(content["errors"][0]["extensions"]["code"])
