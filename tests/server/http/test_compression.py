"""Answers are packed as their caller likes best; streams are not held up, and tags stay true."""

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
from server.http.compression import Compression
from tests.harness import PLAIN, Service, running

LONG = "{ __schema { types { name description } } }"
LIST = '{ invoices(filterBy: { providers: ["fastly"] }) { nodes { id number total { amount currency } } } }'


@pytest.mark.parametrize(
    ("accepted", "coding"),
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
        ("zstd, deflate", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_the_coding_is_the_one_that_the_caller_likes_best(
    service: Service, accepted: str, coding: str | None
) -> None:
    plain = await service.post({"query": LONG}, **{"Accept-Encoding": "identity"})
    packed = await service.post({"query": LONG}, **{"Accept-Encoding": accepted})

    assert packed.headers.get("content-encoding") == coding
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content
    assert (int(packed.headers["content-length"]) < len(plain.content) / 3) == bool(coding)


async def test_graphqls_own_media_type_is_packed_too_and_a_short_answer_is_not(service: Service) -> None:
    headers = {"Accept-Encoding": "br", "Accept": "application/graphql-response+json"}
    long, short = [await service.post({"query": query}, **headers) for query in (LONG, "{ __typename }")]

    assert long.headers["content-encoding"] == "br"
    assert "content-encoding" not in short.headers
    assert short.json() == {"data": {"__typename": "Query"}}


async def test_an_answer_has_not_changed_whatever_coding_it_was_sent_in() -> None:
    async def asked(accepted: str, tag: str = '"none"') -> httpx.Response:
        headers = {"Accept-Encoding": accepted, "If-None-Match": tag}
        return await service.client.get("/graphql", params={"query": LIST}, headers=headers)

    async with running(settings={**PLAIN, "freshness": CacheTtl()}) as service:
        plain, packed = await asked("identity"), await asked("br")
        again = await asked("gzip", packed.headers["etag"])

    assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "br")
    assert plain.headers["etag"] == packed.headers["etag"] == again.headers["etag"]
    assert packed.headers["etag"].startswith('W/"')
    assert (again.status_code, again.content, again.headers.get("content-encoding")) == (304, b"", None)
    assert packed.headers["vary"] == again.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(("path", "accept"), [("/graphiql/assets/app.js", "*/*"), ("/graphql", "text/html")])
async def test_the_files_of_graphiql_are_packed_and_sent_once(service: Service, path: str, accept: str) -> None:
    async def asked(**headers: str) -> httpx.Response:
        return await service.client.get(path, headers={"Accept": accept, **headers})

    plain, packed = await asked(**{"Accept-Encoding": "identity"}), await asked(**{"Accept-Encoding": "br"})
    assert packed.headers["content-encoding"] == "br"
    assert packed.content == plain.content
    assert packed.headers["etag"] == plain.headers["etag"]
    assert packed.headers["etag"].startswith('W/"')

    if path != "/graphql":
        again = await asked(**{"Accept-Encoding": "br", "If-None-Match": packed.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_part_of_a_file_and_a_head_are_left_as_they_are(service: Service) -> None:
    path, headers = "/graphiql/assets/app.js", {"Accept-Encoding": "br"}
    part = await service.client.get(path, headers={**headers, "Range": "bytes=0-9"})
    head = await service.client.head(path, headers=headers)
    health = await service.client.head("/healthz", headers=headers)

    assert (part.status_code, len(part.content)) == (206, 10)
    assert [response.headers.get("content-encoding") for response in (part, head, health)] == [None] * 3
    assert (head.status_code, head.content, health.status_code) == (200, b"", 200)


@pytest.mark.parametrize("media_type", ["text/event-stream", 'multipart/mixed; boundary="-"'])
@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
async def test_each_part_of_a_stream_arrives_when_it_is_made(media_type: str, accepted: str) -> None:
    arrived = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        await arrived.wait()
        yield b"second"

    async def stream(_: Request) -> StreamingResponse:
        return StreamingResponse(parts(), media_type=media_type)

    app = Starlette(routes=[Route("/", stream)], middleware=[Middleware(Compression)])
    async with (
        asyncio.timeout(10),
        serve(app) as url,
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", url, headers={"Accept-Encoding": accepted}) as response,
    ):
        chunks = response.aiter_bytes()
        first = await anext(chunks)
        arrived.set()
        rest = [chunk async for chunk in chunks]

    assert response.headers.get("content-encoding", "identity") == accepted
    assert (first, b"".join(rest)) == (b"first", b"second")
