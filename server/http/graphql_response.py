"""GraphQL responses over HTTP: status, headers and encoded body, the same with and without the fast path."""

from starlette.types import Scope

from server.operations.response import GraphQLResponse

from . import cache_headers
from .compression import encode_body
from .negotiation import GRAPHQL_JSON, media_type
from .request_id import header, request_id

_HEADERS = {405: {"Allow": "POST"}, 415: {"Accept-Encoding": "identity"}, 503: {"Retry-After": "1"}}


def http_response(scope: Scope, response: GraphQLResponse, accept: str) -> tuple[int, dict[str, str], bytes]:
    """Return the status, the headers and the body. `accept` has the values of all Accept headers of the request."""
    media, status, body = media_type(accept), response.status, response.body_bytes()
    if media == GRAPHQL_JSON and status == 200 and not response.was_executed:
        status = 400
    headers = cache_headers.validation_headers(scope, body, response.outcomes)
    headers["X-Request-Id"], headers["Content-Type"] = request_id(scope), media
    if cache_headers.is_not_modified(scope, headers):
        return cache_headers.NOT_MODIFIED, headers, b""
    body = encode_body(body, header(scope, b"accept-encoding"), response.encoded, headers)
    headers["Content-Length"] = str(len(body))
    if status in _HEADERS:
        headers |= _HEADERS[status]
    return status, headers, body
