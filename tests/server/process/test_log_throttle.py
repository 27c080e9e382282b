"""An event that repeats is one line of the log, with a count."""

import asyncio
import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from server.process.log_throttle import LogThrottle
from tests.providers.virtual import in_virtual_time, now
from tests.server.command import start_command, write_config

CALL = "A call to a provider failed."
FIELD = "A field of a provider's response has an unexpected value."


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Yield the lines that pass a throttle in virtual time."""
    written: list[dict[str, Any]] = []

    def write(_: Any, method: str, event: Any) -> Any:
        written.append({**event, "level": method, "at": now()})
        raise structlog.DropEvent

    structlog.configure(processors=[LogThrottle(clock=now), write])
    yield written
    structlog.reset_defaults()


@in_virtual_time
async def _flood(count: int, seconds: float) -> None:
    for _ in range(count):
        structlog.get_logger().warning(CALL, account="a", code="UNAVAILABLE", cause="refused", status=None, attempt=3)
        await asyncio.sleep(seconds)
    await asyncio.sleep(200)


def test_a_flood_is_two_lines(lines: list[dict[str, Any]]) -> None:
    _flood(50, 1)

    assert [(line["at"], line.get("repeated"), line["attempt"]) for line in lines] == [(0, None, 3), (60, 49, 3)]


def test_a_flood_that_lasts_is_one_line_a_minute(lines: list[dict[str, Any]]) -> None:
    _flood(150, 1)

    assert [line.get("repeated") for line in lines] == [None, 59, 60, 30]
    assert [line["at"] for line in lines] == [0, 60, 120, 180]


def test_single_lines_have_no_count(lines: list[dict[str, Any]]) -> None:
    _flood(3, 61)

    assert [(line["at"], line.get("repeated")) for line in lines] == [(0, None), (61, None), (122, None)]


def test_other_accounts_causes_and_events_are_lines_of_their_own(lines: list[dict[str, Any]]) -> None:
    @in_virtual_time
    async def log_each() -> None:
        log = structlog.get_logger()
        for _ in range(2):
            for account, cause, status in (("a", "refused", None), ("b", "refused", None), ("a", "status", 500)):
                log.warning(CALL, account=account, code="UNAVAILABLE", cause=cause, status=status)
            log.warning(FIELD, key="amount", expected="number")
            log.warning("Another event.")

    log_each()

    assert [line["event"] for line in lines] == [CALL] * 3 + [FIELD] + ["Another event."] * 2


def test_repetitions_outside_an_event_loop_are_counted_on_the_next_line() -> None:
    throttle = LogThrottle(clock=iter([0.0, 1.0, 61.0]).__next__)
    event = {"event": FIELD, "key": "amount", "expected": "number"}

    assert throttle(None, "warning", dict(event)) == event
    with pytest.raises(structlog.DropEvent):
        throttle(None, "warning", dict(event))
    assert throttle(None, "warning", dict(event)) == {**event, "repeated": 1}


async def test_the_service_logs_a_flood_of_bad_values_once(tmp_path: Any) -> None:
    dates = {"billing_start_date": "2026-01-01T00:00:00Z", "billing_end_date": "2026-01-31T00:00:00Z"}
    invoices = [{"invoice_id": f"INV-{n}", "monthly_transaction_amount": "1,234.50", **dates} for n in range(40)]
    body = json.dumps({"data": invoices, "meta": {}}).encode()

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(respond, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        config = write_config(tmp_path, [(url, "key")])
        async with start_command("serve", "--port", "0", "--config", config) as service:
            response = await service.query("{ invoices(first: 40) { nodes { total { amount } } } }")
            _, _, log = await service.stop(signal.SIGTERM)

    assert [node["total"] for node in response.json()["data"]["invoices"]["nodes"]] == [None] * 40
    assert [(line["event"], line["key"]) for line in map(json.loads, log.splitlines())] == [
        (FIELD, "monthly_transaction_amount")
    ]
