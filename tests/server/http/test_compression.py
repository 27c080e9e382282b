"""Compression: the preferred encoding, streams without delay, and weak ETags."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from providers.sandbox import serve
from providers.ttl import CacheTtl
from server.http.compression import CompressionMiddleware
from tests.harness import NO_CACHE_NO_RETRY, Service, running_service

LONG = "{ __schema { types { name description } } }"
LIST = '{ invoices(filterBy: { providers: ["fastly"] }) { nodes { id number total { amount currency } } } }'


@pytest.mark.parametrize(
    ("accept_encoding", "encoding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("BR;q=0.5, GZIP;q=0.8", "gzip"),
        ("br;q=1.0, gzip;q=1", "br"),
        ("br; q=0, gzip ; q=0.001", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=0", None),
        ("br;q=0, *;q=0", None),
        ("gzip;q=2, br;level=11", None),
        ("gzip;q=2, *;q=0.5", "br"),
        ("br;q=0.5;level=11", None),
        ("br;q = 0.5, gzip; Q= 0.8", "gzip"),
        ("gzip, br;q=x, gzip;q=0", None),
        ("zstd, deflate", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_preferred_encoding_is_used(service: Service, accept_encoding: str, encoding: str | None) -> None:
    plain = await service.post({"query": LONG}, **{"Accept-Encoding": "identity"})
    compressed = await service.post({"query": LONG}, **{"Accept-Encoding": accept_encoding})

    assert compressed.headers.get("content-encoding") == encoding
    assert compressed.headers["vary"] == "Accept-Encoding"
    assert compressed.content == plain.content
    assert (int(compressed.headers["content-length"]) < len(plain.content) / 3) == bool(encoding)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_body_of_a_megabyte_is_compressed(service: Service, accept: str, encoding: str) -> None:
    types = " ".join(f"a{number}: types {{ name description fields {{ name description }} }}" for number in range(40))
    plain, compressed = [
        await service.post({"query": f"{{ __schema {{ {types} }} }}"}, **{"Accept-Encoding": name, "Accept": accept})
        for name in ("identity", encoding)
    ]
    assert compressed.headers["content-encoding"] == encoding
    assert compressed.content == plain.content
    assert len(plain.content) > 1_000_000


async def test_graphql_json_is_compressed_if_long(service: Service) -> None:
    headers = {"Accept-Encoding": "br", "Accept": "application/graphql-response+json"}
    long, short = [await service.post({"query": query}, **headers) for query in (LONG, "{ __typename }")]

    assert long.headers["content-encoding"] == "br"
    assert "content-encoding" not in short.headers
    assert short.json()["data"] == {"__typename": "Query"}


async def test_etag_is_the_same_in_every_encoding() -> None:
    async def get(accept_encoding: str, etag: str = '"none"') -> httpx.Response:
        headers = {"Accept-Encoding": accept_encoding, "If-None-Match": etag}
        return await service.get({"query": LIST}, **headers)

    async with running_service(settings={**NO_CACHE_NO_RETRY, "freshness": CacheTtl()}) as service:
        plain, compressed = await get("identity"), await get("br")
        again = await get("gzip", compressed.headers["etag"])

    assert (plain.headers.get("content-encoding"), compressed.headers["content-encoding"]) == (None, "br")
    assert plain.headers["etag"] == compressed.headers["etag"] == again.headers["etag"]
    assert compressed.headers["etag"].startswith('W/"')
    assert (again.status_code, again.content, again.headers.get("content-encoding")) == (304, b"", None)
    assert compressed.headers["vary"] == again.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("is_cached", [False, True])
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
async def test_vary_names_each_header_once(encoding: str, is_cached: bool) -> None:
    settings = {**NO_CACHE_NO_RETRY, "freshness": CacheTtl()} if is_cached else NO_CACHE_NO_RETRY
    headers = {"Accept-Encoding": encoding}
    async with running_service(settings=settings) as service:
        posts = [await service.post({"query": LIST}, **headers) for _ in range(3)]
        gets = [await service.get({"query": LIST}, **headers) for _ in range(3)]
        assert len(service.app.state.runner.response_cache) == is_cached

    assert [response.headers.get("content-encoding", "identity") for response in posts + gets] == [encoding] * 6
    assert [response.headers.get_list("vary") for response in posts] == [["Accept-Encoding"]] * 3
    assert [response.headers.get_list("vary") for response in gets] == [["Accept, Accept-Encoding"]] * 3


@pytest.mark.parametrize(("path", "accept"), [("/graphiql/assets/app.js", "*/*"), ("/graphql", "text/html")])
async def test_graphiql_files_are_compressed_and_cached(service: Service, path: str, accept: str) -> None:
    async def get(**headers: str) -> httpx.Response:
        return await service.client.get(path, headers={"Accept": accept, **headers})

    plain, compressed = await get(**{"Accept-Encoding": "identity"}), await get(**{"Accept-Encoding": "br"})
    assert compressed.headers["content-encoding"] == "br"
    assert compressed.content == plain.content
    assert compressed.headers["etag"] == plain.headers["etag"]
    assert compressed.headers["etag"].startswith('W/"')

    if path != "/graphql":
        again = await get(**{"Accept-Encoding": "br", "If-None-Match": compressed.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_ranges_and_head_are_not_compressed(service: Service) -> None:
    path, headers = "/graphiql/assets/app.js", {"Accept-Encoding": "br"}
    part = await service.client.get(path, headers={**headers, "Range": "bytes=0-9"})
    head = await service.client.head(path, headers=headers)
    health = await service.client.head("/healthz", headers=headers)

    assert (part.status_code, len(part.content)) == (206, 10)
    assert [response.headers.get("content-encoding") for response in (part, head, health)] == [None] * 3
    assert (head.status_code, head.content, health.status_code) == (200, b"", 200)


@pytest.mark.parametrize("media_type", ["text/event-stream", 'multipart/mixed; boundary="-"'])
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
async def test_stream_parts_arrive_without_delay(media_type: str, encoding: str) -> None:
    first_arrived = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        await first_arrived.wait()
        yield b"second"

    async def stream(_: Request) -> StreamingResponse:
        return StreamingResponse(parts(), media_type=media_type)

    app = Starlette(routes=[Route("/", stream)], middleware=[Middleware(CompressionMiddleware)])
    async with (
        asyncio.timeout(10),
        serve(app) as url,
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", url, headers={"Accept-Encoding": encoding}) as response,
    ):
        chunks = response.aiter_bytes()
        first = await anext(chunks)
        first_arrived.set()
        rest = [chunk async for chunk in chunks]

    assert response.headers.get("content-encoding", "identity") == encoding
    assert (first, b"".join(rest)) == (b"first", b"second")
