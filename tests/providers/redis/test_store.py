"""The store under failure: junk values, a server that is no Redis, timeouts, and a full Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from redis.asyncio import Redis

from providers.redis.store import LEASE_SECONDS, PREFIX, Rate, RedisStore
from providers.sandbox import Fault
from providers.source import DateWindow
from providers.transport.recording import RecordedResponse
from schema.invoice import Invoice
from tests.providers.fleet import NATIVE, Fleet, fleet_over
from tests.redis_server import RedisServer, needs_own_redis

pytestmark = needs_own_redis
HOUR = 3600
NOT_A_REDIS = {
    "words": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an invalid length": b"$abc\r\n",
    "endless": b"$99999999999\r\n",
    "deep": b"*1\r\n" * 5_000,
    "yes to everything": b"+OK\r\n",
    "one to everything": b":1\r\n",
    "no to everything": b"-ERR no\r\n",
    "silent": b"",
}


@asynccontextmanager
async def _server_sending(reply: bytes) -> AsyncIterator[str]:
    """Yield the address of a server that sends the same reply to every command."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(65_536):
                writer.write(reply)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


@pytest.mark.parametrize("reply", NOT_A_REDIS.values(), ids=NOT_A_REDIS)
async def test_a_server_that_is_no_redis_is_not_used(reply: bytes) -> None:
    async with _server_sending(reply) as url, fleet_over(url) as fleet:
        async with asyncio.timeout(9):
            for number in (1, 2):
                assert isinstance(await (await fleet.instance()).invoice(NATIVE), Invoice)
                assert fleet.calls == number
        assert [await store.ping() for store in fleet.stores] == [False, False]


async def test_a_hanging_store_delays_only_commands_in_flight(redis: RedisServer) -> None:
    async with _server_sending(b"") as url:
        store = RedisStore(SecretStr(url))
        async with asyncio.timeout(4):
            assert await asyncio.gather(*(store.get(f"{number}") for number in range(1_000))) == [None] * 1_000
        async with asyncio.timeout(0.5):
            for number in range(1_000):
                assert await store.get(f"{number}") is None
        await store.close()


async def test_commands_beyond_the_connection_limit_wait(fleet: Fleet) -> None:
    source = await fleet.instance()
    with structlog.testing.capture_logs() as logs:
        await asyncio.gather(*(source.invoice(f"INV-{number}") for number in range(400)))
    assert logs == []


async def test_a_full_store_is_unreachable_until_it_has_space(fleet: Fleet, redis: RedisServer) -> None:
    async with Redis.from_url(redis.url) as client:
        await client.config_set("maxmemory", 1)
        source = await fleet.instance()
        with structlog.testing.capture_logs() as logs:
            await source.invoice(NATIVE)
            await source.page(DateWindow(), None)
            assert not await fleet.stores[0].ping()
            await asyncio.sleep(1.5)  # longer than RECONNECT_INTERVAL
            assert await source.invoice("INV-0") is None
        assert [entry["event"] for entry in logs] == [
            "the shared cache is unreachable; each process uses its own memory"
        ]

        await client.config_set("maxmemory", 0)
        async with asyncio.timeout(5):
            while not await fleet.stores[0].ping():  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "changes",
    [
        {"responses": []},
        {"responses": [RecordedResponse("/elsewhere []", 200, b"{}", datetime.now(UTC))]},
        {"read_at": float("nan")},
        {"read_at": datetime.now(UTC).timestamp() + HOUR},  # from an instance whose clock is wrong
        {"key": "another key"},
    ],
)
async def test_an_invalid_entry_counts_as_absent(fleet: Fleet, changes: dict[str, Any]) -> None:
    await (await fleet.instance()).invoice(NATIVE)
    async with fleet.entry() as written:
        await written.becomes(**changes)
    await _assert_fetched_once_more(fleet)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"invoice_id": 5}', b"\xff" * 10])
async def test_an_entry_with_a_broken_body_counts_as_absent(fleet: Fleet, body: bytes) -> None:
    await (await fleet.instance()).invoice(NATIVE)
    async with fleet.entry() as written:
        (response,) = written.entry.responses
        broken = RecordedResponse(response.name, response.status, body, response.observed_at)
        await written.becomes(responses=[broken])
    await _assert_fetched_once_more(fleet)


async def test_a_value_of_another_type_counts_as_absent(fleet: Fleet) -> None:
    await (await fleet.instance()).invoice(NATIVE)
    async with fleet.entry() as written:
        await written.client.delete(written.key)
        await written.client.rpush(written.key, "a list")
    await _assert_fetched_once_more(fleet)


async def _assert_fetched_once_more(fleet: Fleet) -> None:
    """Assert that the invoice is fetched a second time and then shared again."""
    assert isinstance(await (await fleet.instance()).invoice(NATIVE), Invoice)
    assert fleet.calls == 2
    await fleet.written()
    assert isinstance(await (await fleet.instance()).invoice(NATIVE), Invoice)
    assert fleet.calls == 2
    assert all(store.is_reachable for store in fleet.stores)


async def test_a_lease_without_expiry_is_taken_over(fleet: Fleet) -> None:
    await (await fleet.instance()).invoice(NATIVE)
    async with fleet.entry() as written:
        await written.client.delete(written.key)
        await written.client.set(written.lease, "for ever")

    async with asyncio.timeout(LEASE_SECONDS / 2):
        assert await (await fleet.instance()).invoice(NATIVE) is not None


async def test_a_cancelled_fetch_releases_its_lease(fleet: Fleet) -> None:
    control = fleet.sandbox.control
    control.faults.append(Fault(kind="hang", times=1))
    fetch = asyncio.ensure_future((await fleet.instance()).invoice(NATIVE))
    await control.until(in_flight=1)
    fetch.cancel()

    async with asyncio.timeout(LEASE_SECONDS / 2):
        assert await (await fleet.instance()).invoice(NATIVE) is not None
    assert fleet.calls == 2


async def test_entries_with_an_infinite_ttl_are_shared(fleet: Fleet) -> None:
    for _ in range(2):
        await (await fleet.instance(freshness={"settled": float("inf"), "invoice": float("inf")})).invoice(NATIVE)
        await fleet.written()
    assert fleet.calls == 1


async def test_a_clock_set_back_or_a_junk_bucket_stops_no_call(redis: RedisServer) -> None:
    store, key = RedisStore(SecretStr(redis.url)), f"{PREFIX}rate:host"
    future = datetime.now(UTC).timestamp() * 1_000_000 + HOUR * 1_000_000
    async with Redis.from_url(redis.url) as client:
        await client.hset(key, mapping={"tokens": "0.5", "at": f"{future:.0f}"})
        wait = await store.take_token("host", Rate(10, 5, 5), "a call")
        assert wait == pytest.approx(0.05)
        for tokens, at in [("nan", "nan"), ("junk", "0"), ("-1e300", "0"), ("1e300", "inf")]:
            await client.hset(key, mapping={"tokens": tokens, "at": at})
            await client.set(f"{PREFIX}under way:host", "junk")
            assert [await store.take_token("host", Rate(1, 5, 5), f"{number}") for number in range(5)] == [0] * 5
            assert await store.take_token("host", Rate(1, 5, 5), "a call")
        await client.delete(key)
        await client.rpush(key, "a list")
        assert await store.take_token("host", Rate(1, 5, 5), "a call") == 0
    await store.close()
