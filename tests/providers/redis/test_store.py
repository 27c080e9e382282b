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

from providers.call import CallContext
from providers.recording import RecordedResponse
from providers.redis.store import LEASE_SECONDS, PREFIX, Rate, RedisStore
from providers.sandbox import Fault
from providers.source import DateWindow
from schema.invoice import Invoice
from tests.providers.instances import INVOICE_KEY, Instances, run_instances
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
    async with _server_sending(reply) as url, run_instances(url) as instances:
        async with asyncio.timeout(9):
            for number in (1, 2):
                assert isinstance(await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()), Invoice)
                assert instances.calls == number
        assert [await store.ping() for store in instances.stores] == [False, False]


async def test_a_hanging_store_delays_only_commands_in_flight(redis: RedisServer) -> None:
    async with _server_sending(b"") as url:
        store = RedisStore(SecretStr(url))
        async with asyncio.timeout(4):
            assert await asyncio.gather(*(store.get(f"{number}") for number in range(1_000))) == [None] * 1_000
        async with asyncio.timeout(0.5):
            for number in range(1_000):
                assert await store.get(f"{number}") is None
        await store.close()


async def test_commands_beyond_the_connection_limit_wait(instances: Instances) -> None:
    source = await instances.start()
    await source.pages.get((DateWindow(), None), CallContext())  # before a success, a 404 is a failure
    with structlog.testing.capture_logs() as logs:
        await asyncio.gather(*(source.invoices.get(f"INV-{number}", CallContext()) for number in range(400)))
    assert logs == []


async def test_a_full_store_is_unreachable_until_it_has_space(instances: Instances, redis: RedisServer) -> None:
    async with Redis.from_url(redis.url) as client:
        await client.config_set("maxmemory", 1)
        source = await instances.start()
        with structlog.testing.capture_logs() as logs:
            await source.invoices.get(INVOICE_KEY, CallContext())
            await source.pages.get((DateWindow(), None), CallContext())
            assert not await instances.stores[0].ping()
            await asyncio.sleep(1.5)  # longer than RECONNECT_INTERVAL
            assert await source.invoices.get("INV-0", CallContext()) is None
        assert [entry["event"] for entry in logs] == [
            "The shared cache is unreachable. Each process uses its own memory."
        ]

        await client.config_set("maxmemory", 0)
        async with asyncio.timeout(5):
            while not await instances.stores[0].ping():  # noqa: ASYNC110 (nothing to wait on)
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
async def test_an_invalid_entry_counts_as_absent(instances: Instances, changes: dict[str, Any]) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as written:
        await written.replace(**changes)
    await _assert_fetched_once_more(instances)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"invoice_id": 5}', b"\xff" * 10])
async def test_an_entry_with_a_broken_body_counts_as_absent(instances: Instances, body: bytes) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as written:
        (response,) = written.entry.responses
        broken = RecordedResponse(response.name, response.status, body, response.observed_at)
        await written.replace(responses=[broken])
    await _assert_fetched_once_more(instances)


async def test_a_value_of_another_type_counts_as_absent(instances: Instances) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as written:
        await written.client.delete(written.key)
        await written.client.rpush(written.key, "a list")
    await _assert_fetched_once_more(instances)


async def _assert_fetched_once_more(instances: Instances) -> None:
    """Assert that the invoice is fetched a second time and then shared again."""
    assert isinstance(await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()), Invoice)
    assert instances.calls == 2
    await instances.flush()
    assert isinstance(await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()), Invoice)
    assert instances.calls == 2
    assert all(store.is_reachable for store in instances.stores)


async def test_a_lease_without_expiry_is_taken_over(instances: Instances) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as written:
        await written.client.delete(written.key)
        await written.client.set(written.lease, "for ever")

    async with asyncio.timeout(LEASE_SECONDS / 2):
        assert await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()) is not None


async def test_a_cancelled_fetch_releases_its_lease(instances: Instances) -> None:
    control = instances.sandbox.control
    control.faults.append(Fault(kind="hang", times=1))
    fetch = asyncio.ensure_future((await instances.start()).invoices.get(INVOICE_KEY, CallContext()))
    await control.wait_for_in_flight(in_flight=1)
    fetch.cancel()

    async with asyncio.timeout(LEASE_SECONDS / 2):
        assert await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()) is not None
    assert instances.calls == 2


async def test_entries_with_an_infinite_ttl_are_shared(instances: Instances) -> None:
    for _ in range(2):
        await (await instances.start(freshness={"settled": float("inf"), "invoice": float("inf")})).invoices.get(
            INVOICE_KEY, CallContext()
        )
        await instances.flush()
    assert instances.calls == 1


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
