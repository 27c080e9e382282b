"""What `invoicegraph check` measures: provider, cause, latency, newest invoice, clock, rate limit and cache."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.server.command import run_command, write_config

HEADINGS = ["ACCOUNT", "PROVIDER", "CAUSE", "LATENCY", "NEWEST", "CLOCK SKEW", "RATE LIMIT", "CACHE"]
EMPTY_LIST = b'{"data": [], "meta": {"next_cursor": null, "limit": 200, "sort": "", "total": 0}}'


@asynccontextmanager
async def provider(ahead: timedelta, status: int = 200, extra: str = "") -> AsyncIterator[str]:
    """Serve an empty list of invoices with a clock that is that far ahead. Yields the base URL."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
        fields = f"Date: {date}\r\n{extra}Connection: close\r\nContent-Length: {len(EMPTY_LIST)}\r\n\r\n"
        writer.write(f"HTTP/1.1 {status} S\r\n{fields}".encode() + EMPTY_LIST)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def check(folder: Path, url: str, expected_code: int) -> dict[str, Any]:
    config = write_config(folder, [(url, "key")])
    code, out, _ = await run_command("check", "--format", "json", "--config", config)
    [result] = json.loads(out)
    assert code == expected_code
    measured: dict[str, Any] = result["measured"]
    return measured


async def test_a_wrong_clock_is_shown(tmp_path: Path) -> None:
    skews = []
    for ahead in (timedelta(0), timedelta(minutes=10), timedelta(minutes=-10)):
        async with provider(ahead) as url:
            skews.append((await check(tmp_path, url, 0))["clock_skew_seconds"])

    assert skews[0] == 0
    assert 595 <= skews[1] <= 600
    assert -601 <= skews[2] <= -598


async def test_the_rest_of_the_rate_limit_is_shown(tmp_path: Path) -> None:
    async with provider(timedelta(0), extra="Fastly-RateLimit-Remaining: 998\r\n") as url:
        measured = await check(tmp_path, url, 0)

    assert (measured["rate_limit"], measured["cache"], measured["provider"]) == ("none, 998 left", "memory", "fastly")


async def test_a_failure_has_its_cause_and_latency(tmp_path: Path) -> None:
    async with provider(timedelta(0), status=500) as url:
        measured = await check(tmp_path, url, 1)

    assert (measured["cause"], measured["newest_period"]) == ("status", None)
    assert measured["latency_ms"] >= 0


async def test_an_unreachable_provider_measures_nothing(tmp_path: Path) -> None:
    measured = await check(tmp_path, "http://127.0.0.1:1", 1)

    assert (measured["cause"], measured["latency_ms"], measured["clock_skew_seconds"]) == (
        "connection_refused",
        None,
        None,
    )


async def test_the_table_names_the_newest_invoice() -> None:
    code, out, _ = await run_command("check", "--sandbox")
    headings, *rows = out.partition("\n\n")[2].splitlines()

    assert code == 0
    assert [heading in headings for heading in HEADINGS] == [True] * len(HEADINGS)
    for row in rows:
        assert datetime.fromisoformat(row.split()[5 - ("ms" not in row)]).day == 1
