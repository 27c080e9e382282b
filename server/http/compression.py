"""Answers packed as their caller likes best, streams flushed as they are made, and tags that survive both."""

import gzip
import re
from collections.abc import Callable
from functools import lru_cache, partial

import brotli  # type: ignore[import-untyped]
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from .negotiation import GRAPHQL_JSON

CODINGS = ("br", "gzip")  # the first one where a caller likes both as much
MIN_BYTES = 500  # bytes that are worth it: as in the library
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=4),
    "gzip": partial(gzip.compress, compresslevel=4, mtime=0),
}
_WEIGHT = re.compile(r"\s*([\w*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE)

add_compress_type(GRAPHQL_JSON)
add_compress_type("multipart/mixed", streaming=True)


class Compression(CompressMiddleware):
    """The library's middleware, which takes any coding that is accepted at all for as good as another."""

    __slots__ = ()

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, zstd=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                _weaken(MutableHeaders(scope=message))
            await send(message)

        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["accept-encoding"] = preferred(",".join(headers.getlist("accept-encoding")))
        await super().__call__({**scope, "headers": headers.raw}, receive, send_tagged)


@lru_cache(maxsize=128)
def preferred(accepted: str) -> str:
    """The one coding of ours that a caller likes best; what it does not name is worth what it says of `*`."""
    weights = {"identity": 0.0}
    for part in accepted.split(","):
        if found := _WEIGHT.fullmatch(part):
            weights[found[1].lower()] = float(found[2] or 1)
    default = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, default))
    weight = weights.get(best, default)
    return best if weight > 0 and weight >= weights["identity"] else "identity"


def encode_body(body: bytes, accepted: str, kept: dict[str, bytes], headers: dict[str, str]) -> bytes:
    """The body in the coding that its caller likes best, packed once for all of its callers."""
    if len(body) < MIN_BYTES:
        return body
    headers["Vary"] = ", ".join([*filter(None, [headers.get("Vary")]), "Accept-Encoding"])
    coding = preferred(accepted)
    if coding == "identity":
        return body
    if coding not in kept:
        kept[coding] = ENCODERS[coding](body)
    headers["Content-Encoding"] = coding
    return kept[coding]


def _weaken(headers: MutableHeaders) -> None:
    """A tag names what is said, not the bytes of one coding; and who keeps an answer has to mind its coding."""
    tag = headers.get("etag")
    if tag is None:
        return
    headers["etag"] = tag if tag.startswith("W/") else f"W/{tag}"
    if "accept-encoding" not in headers.get("vary", "").lower():
        headers.add_vary_header("Accept-Encoding")
