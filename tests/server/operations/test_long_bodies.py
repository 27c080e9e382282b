"""A long, compressed or unreadable body from a provider costs a bounded time and memory, and has a reason."""

import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from execution.turns import Work
from providers import PROVIDERS
from providers.account import AccountRef
from providers.sandbox import serve
from providers.settings import AccountSettings
from providers.transport.long_body import MAX_ROWS, LongBody
from server.http.app import create_app
from tests.server.hostile import short_history_sandbox

ROW = '{"invoice_id": "A", "billing_start_date": "2026-01-01", "billing_end_date": "2026-01-31"}'
LIST = "{ invoices { nodes { id } coverage { status code message } } }"


async def coverage_of(body: bytes, **headers: str) -> list[tuple[str | None, str | None]]:
    """Return code and message in the coverage of a Fastly account whose provider sends these bytes over a socket."""

    async def provider(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(body, headers=headers)(scope, receive, send)

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        async with serve(provider) as url:
            sandbox_account = next(
                account for account in short_history_sandbox().accounts(url) if account["provider"] == "fastly"
            )
            yield [PROVIDERS["fastly"].settings.model_validate(sandbox_account)]

    app = create_app(accounts)
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
    ):
        response = (await client.post(f"{url}/graphql", json={"query": LIST})).json()
    return [(entry["code"], entry["message"]) for entry in response["data"]["invoices"]["coverage"]]


def unintelligible(why: str) -> list[tuple[str | None, str | None]]:
    sentence = f"Fastly sent account sandbox-fastly a response that cannot be understood: {why}."
    return [("UNINTELLIGIBLE", sentence)]


async def test_reading_stops_in_a_body_of_70_mb() -> None:
    assert await coverage_of(b" " * 70_000_000) == unintelligible("it is too long")


async def test_decompression_stops_in_a_body_of_70_mb() -> None:
    compressed = gzip.compress(b" " * 70_000_000, 1)

    assert await coverage_of(compressed, **{"Content-Encoding": "gzip"}) == unintelligible("it is too long")


async def test_a_body_that_expands_far_is_not_decompressed() -> None:
    compressed = gzip.compress(b'{"data": [' + b",".join([b"{}"] * 300_000) + b"]}")
    assert len(compressed) < 1_000

    coverage = await coverage_of(compressed, **{"Content-Encoding": "gzip"})

    assert coverage == unintelligible("its compressed body expands more than 100 times")


async def test_a_usual_compressed_body_is_read() -> None:
    rows = [json.loads(ROW) | {"invoice_id": f"A{index}"} for index in range(MAX_ROWS)]
    compressed = gzip.compress(json.dumps({"data": rows}).encode())

    assert await coverage_of(compressed, **{"Content-Encoding": "gzip"}) == [(None, None)]


@pytest.mark.parametrize(
    ("row", "count", "reason"),
    [
        (b"{}", MAX_ROWS + 1, "it lists more than 2,000 invoices"),
        (b"{}", 300_000, "it lists more than 2,000 invoices"),
        (b'{"data": [0, 0]}', 500_000, "it has more than 1,000,000 values"),
    ],
)
async def test_a_long_list_is_not_translated(row: bytes, count: int, reason: str) -> None:
    assert await coverage_of(b'{"data": [' + b",".join([row] * count) + b"]}") == unintelligible(reason)


async def test_every_bad_row_is_counted() -> None:
    [(code, message)] = await coverage_of(b'{"data": [' + b",".join([b"{}"] * 1_500) + b"]}")

    [(_, sentence)] = unintelligible("an invoice lacks its id or its period")
    assert (code, message) == ("UNINTELLIGIBLE", f"{sentence} 1500 failures occurred in total.")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b'{"data": []}', mtime=0), mtime=0)),
        ("br", brotli.compress(b'{"data": []}')),
        ("rot13", b"packed"),
    ],
)
async def test_an_unrequested_encoding_is_not_decoded(encoding: str, body: bytes) -> None:
    coverage = await coverage_of(body, **{"Content-Encoding": encoding})

    assert coverage == unintelligible("it has a content encoding that was not requested")


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"\x1f\x8b\x08junk", {"Content-Encoding": "gzip"}, "it is cut short"),
        ('{"data": []}'.encode("utf-16"), {}, "it is not JSON"),
        (b'{"data": "\xff"}', {}, "it is not JSON"),
        (b'{"data": []} trailing', {}, "it is not JSON"),
        (b"{}", {"Location": "http://[", "Set-Cookie": "a=\xff; Max-Age=z"}, "a list of invoices was expected"),
    ],
)
async def test_an_unreadable_body_has_a_reason(body: bytes, headers: dict[str, str], reason: str) -> None:
    assert await coverage_of(body, **headers) == unintelligible(reason)


async def test_a_list_that_is_too_long_is_not_decoded() -> None:
    deep = "[" * 250 + "]" * 250  # its decoding would be the failure
    body = f'{{"data": [{deep}, {", ".join([ROW] * (MAX_ROWS + 1))}]}}'

    assert await coverage_of(body.encode()) == unintelligible("it lists more than 2,000 invoices")


async def test_a_list_that_is_too_long_takes_little_memory() -> None:
    body = b'{"data": [' + b",".join([b"{}"] * 300_000) + b"]}"
    account_ref = AccountRef("fastly", "Fastly", "main")
    long_body = LongBody(body, account_ref, Work())
    tracemalloc.start()
    try:
        rows = await long_body.decode(("data",))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(rows["data"]) == MAX_ROWS + 1
    assert peak < 2 * len(body)  # a copy of the list, but no object for each row


async def test_a_null_row_of_a_long_list_counts() -> None:
    [(code, message)] = await coverage_of(f'{{"data": [null, {", ".join([ROW] * 1_900)}, null]}}'.encode())

    assert code == "UNINTELLIGIBLE"
    assert str(message).endswith(" 2 failures occurred in total.")


async def test_each_row_of_a_long_list_is_decoded() -> None:
    body = f'{{"data": [{", ".join([ROW] * 1_900)}, {"[" * 250 + "]" * 250}]}}'

    assert await coverage_of(body.encode()) == unintelligible("it is nested too deeply")
