"""Entries of a shared store: those that cannot be trusted count as missing, and none contains a credential."""

import msgspec
import pytest
import structlog
from pydantic import SecretStr
from redis.asyncio import Redis

from providers.call import CallContext
from providers.fastly.sandbox import KEY
from providers.source import DateWindow
from schema.invoice import Invoice
from tests.providers.instances import INVOICE_KEY, Instances
from tests.redis_server import RedisServer, needs_own_redis, needs_redis

pytestmark = needs_redis


@needs_own_redis
@pytest.mark.parametrize(
    "junk", [b"", b"\x00", b"null", b"[]", b'{"value": 1}', b"\x93\xa1x\xcb", b"\x93\xa1x\x01\x90"]
)
async def test_an_undecodable_entry_counts_as_missing(instances: Instances, junk: bytes) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as entry:
        await entry.client.set(entry.key, junk)

    assert isinstance(await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()), Invoice)
    assert instances.calls == 2


@needs_own_redis
async def test_a_forged_entry_counts_as_missing_and_is_logged_once(instances: Instances) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as entry:
        assert INVOICE_KEY.encode() in entry.data
        await entry.client.set(entry.key, entry.data.replace(b'"amount"', b'"amoUnt"'))

    with structlog.testing.capture_logs() as logs:
        source = await instances.start()
        assert isinstance(await source.invoices.get(INVOICE_KEY, CallContext()), Invoice)

    assert instances.calls == 2
    event = "An entry of the stored cache has no valid signature. It counts as absent."
    assert logs == [{"event": event, "account": "fastly/cdn", "log_level": "warning"}]


@needs_own_redis
async def test_an_entry_without_a_signature_counts_as_missing(instances: Instances) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as entry:
        await entry.client.set(entry.key, msgspec.msgpack.encode(entry.entry))

    assert isinstance(await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()), Invoice)
    assert instances.calls == 2


async def test_another_api_key_shares_no_entry(instances: Instances) -> None:
    await (await instances.start()).invoices.get(INVOICE_KEY, CallContext())
    other = await instances.start(api_key=SecretStr("another"))
    with pytest.raises(Exception, match="refused the key"):
        await other.invoices.get(INVOICE_KEY, CallContext())


@needs_own_redis
async def test_the_store_contains_no_credential(instances: Instances, redis: RedisServer) -> None:
    source = await instances.start()
    await source.invoices.get(INVOICE_KEY, CallContext())
    await source.pages.get((DateWindow(), None), CallContext())
    await instances.flush()
    async with Redis.from_url(redis.url) as client:
        entries = [str((key, await client.get(key))) for key in await client.keys("*")]
    assert len(entries) == 2 + 36  # with the baselines of 36 invoices
    assert not any(KEY in entry for entry in entries)
