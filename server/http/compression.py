"""Compression of responses: the encoding that the client prefers, streams flushed part by part, and weak ETags."""

import asyncio
import gzip
import re
from collections.abc import Callable
from functools import lru_cache, partial

import brotli  # type: ignore[import-untyped]
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from .negotiation import GRAPHQL_JSON, parse_weights

ENCODINGS = ("br", "gzip")  # the first one wins if both have the same weight
MIN_BYTES = 500  # bytes; a shorter body is not worth compressing: the limit of starlette-compress
MAX_BYTES_OF_ONE_TURN = 64_000  # bytes that are encoded in about 2 ms
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=4),
    "gzip": partial(gzip.compress, compresslevel=4, mtime=0),
}
_FILE_ENCODERS: dict[str, Callable[[bytes], bytes]] = {  # slower: they run once for each file
    "br": partial(brotli.compress, quality=9),
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
}
_SPACED_EQUALS = re.compile(r"\s*=\s*")  # also takes "q = 0.5", which is not in the grammar of RFC 9110

add_compress_type(GRAPHQL_JSON)
add_compress_type("multipart/mixed", streaming=True)


class CompressionMiddleware(CompressMiddleware):
    """Compresses responses with the preferred encoding. The library alone ignores the weights of accepted encodings."""

    __slots__ = ()

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, zstd=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_weak_etag(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                _weaken_etag(headers)
                _deduplicate_vary(headers)
            await send(message)

        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["accept-encoding"] = choose_encoding(",".join(headers.getlist("accept-encoding")))
        await super().__call__({**scope, "headers": headers.raw}, receive, send_with_weak_etag)


@lru_cache(maxsize=128)
def choose_encoding(accept_encoding: str) -> str:
    """Return the encoding that the client prefers (RFC 9110, 12.5.3): "br", "gzip" or "identity".

    An encoding that the client does not name has the weight of `*`.
    """
    weights = {"identity": 0.0, **parse_weights(_SPACED_EQUALS.sub("=", accept_encoding), strict=True)}
    default = weights.get("*", 0.0)
    best = max(ENCODINGS, key=lambda encoding: weights.get(encoding, default))
    weight = weights.get(best, default)
    return best if weight > 0 and weight >= weights["identity"] else "identity"


def encode_body(body: bytes, accept_encoding: str, encoded: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the encoding that the client prefers, and the body in it. A short body stays as it is: "identity".

    `encoded` stores the encoded bodies, so that each encoding is computed once for all clients.
    """
    encoding = "identity" if len(body) < MIN_BYTES else choose_encoding(accept_encoding)
    if encoding == "identity":
        return encoding, body
    if encoding not in encoded:
        encoded[encoding] = ENCODERS[encoding](body)
    return encoding, encoded[encoding]


async def encode_long_body(body: bytes, accept_encoding: str, encoded: dict[str, bytes]) -> None:
    """Put a long body into `encoded`, where `encode_body` finds it. A thread encodes it: the event loop goes on."""
    encoding = choose_encoding(accept_encoding)
    if len(body) > MAX_BYTES_OF_ONE_TURN and encoding in ENCODERS and encoding not in encoded:
        encoded[encoding] = await asyncio.to_thread(ENCODERS[encoding], body)


async def encode_file(content: bytes, accept_encoding: str, encoded: dict[str, bytes]) -> tuple[str, bytes]:
    """Return the encoding that the client prefers, and the content of a file in it. A thread encodes it once."""
    encoding = choose_encoding(accept_encoding)
    if len(content) >= MIN_BYTES and encoding in _FILE_ENCODERS and encoding not in encoded:
        encoded[encoding] = await asyncio.to_thread(_FILE_ENCODERS[encoding], content)
    return encode_body(content, accept_encoding, encoded)


def _weaken_etag(headers: MutableHeaders) -> None:
    """Make the ETag weak, because it identifies the content and not the bytes of one encoding.

    Also vary by Accept-Encoding, so that HTTP caches keep the encodings apart.
    """
    etag = headers.get("etag")
    if etag is None:
        return
    headers["etag"] = etag if etag.startswith("W/") else f"W/{etag}"
    headers.add_vary_header("Accept-Encoding")


def _deduplicate_vary(headers: MutableHeaders) -> None:
    """Name each header once: starlette-compress and `_weaken_etag` both add Accept-Encoding."""
    vary = headers.getlist("vary")
    if vary:
        headers["vary"] = ", ".join(dict.fromkeys(name.strip() for name in ",".join(vary).split(",")))
