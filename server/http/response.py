"""GraphQL responses over HTTP: status, headers and encoded body.

A response must always be revalidated. An unchanged one is not sent again.
"""

import asyncio
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b

from starlette.types import Send

from resolvers.outcomes import RequestOutcomes
from server.operations.response import GraphQLResponse

from .compression import MAX_BYTES_OF_ONE_TURN, MIN_BYTES, encode_body, encode_long_body
from .negotiation import GRAPHQL_JSON, media_type
from .request import HttpRequest

NOT_MODIFIED = 304
Headers = list[tuple[bytes, bytes]]
_EXTRA_HEADERS: dict[int, Headers] = {  # by status
    401: [(b"www-authenticate", b"Bearer")],
    405: [(b"allow", b"POST")],
    415: [(b"accept-encoding", b"identity")],
}
_NO_STORE, _REVALIDATE = (b"cache-control", b"private, no-store"), (b"cache-control", b"private, no-cache")


async def send_response(request: HttpRequest, response: GraphQLResponse, send: Send) -> None:
    body = response.body_bytes()
    await encode_long_body(body, request.header(b"accept-encoding"), response.encoded)
    etag = await _etag(body) if request.method == "GET" else ""
    status, headers, body = _http_response(request, response, etag)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _http_response(request: HttpRequest, response: GraphQLResponse, etag: str) -> tuple[int, Headers, bytes]:
    """Return the status, the headers and the body.

    A complete response has an ETag if the request is a GET. An incomplete one must not be stored.
    """
    media, status, body, outcomes = (
        media_type(request.accept),
        response.status,
        response.body_bytes(),
        response.outcomes,
    )
    if media == GRAPHQL_JSON and status == 200 and not response.was_executed:
        status = 400
    headers = [(b"content-type", media.encode()), (b"x-request-id", request.id.encode())]
    vary = [] if len(body) < MIN_BYTES else [b"Accept-Encoding"]
    if outcomes is None or not outcomes.is_complete:
        headers.append(_NO_STORE)
    else:
        headers += [_REVALIDATE, *_age(outcomes)]
        if request.method == "GET":
            # Weak, because it identifies the content and not the bytes of one encoding.
            headers.append((b"etag", b"W/" + etag.encode()))
            vary = [b"Accept", b"Accept-Encoding"]
            if etag in {known.strip().removeprefix("W/") for known in request.header(b"if-none-match").split(",")}:
                return NOT_MODIFIED, [*headers, (b"vary", b", ".join(vary))], b""
    encoding, body = encode_body(body, request.header(b"accept-encoding"), response.encoded)
    if encoding != "identity":
        headers.append((b"content-encoding", encoding.encode()))
    if vary:
        headers.append((b"vary", b", ".join(vary)))
    if response.retry_after is not None:
        headers.append((b"retry-after", b"%d" % response.retry_after))
    headers.append((b"content-length", b"%d" % len(body)))
    return status, headers + _EXTRA_HEADERS.get(status, []), body


async def _etag(body: bytes) -> str:
    """Return the strong ETag of a body. A thread computes that of a long one: the event loop goes on."""
    hash_body = partial(blake2b, body, digest_size=16)
    digest = await asyncio.to_thread(hash_body) if len(body) > MAX_BYTES_OF_ONE_TURN else hash_body()
    return f'"{digest.hexdigest()}"'


def _age(outcomes: RequestOutcomes) -> Headers:
    """Return the age of the oldest data in seconds. Returns no header if the response has no provider data."""
    if outcomes.oldest_observation is None:
        return []
    age = max(0, int((datetime.now(UTC) - outcomes.oldest_observation).total_seconds()))
    return [(b"age", b"%d" % age)]
