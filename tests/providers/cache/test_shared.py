"""Several instances over one store: fetched once, taken over from the dead, and never lost with the store."""

import asyncio
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from providers.cache.memory import ResourceCache
from providers.cache.shared import SharedCache
from providers.cache.source import CachedSource
from providers.deadline import deadline
from providers.fastly.sandbox import KEY
from providers.redis.store import LEASE_SECONDS, RedisStore
from providers.sandbox import Fault
from providers.source import DateWindow
from providers.spectrocloud.client import SpectroCloud, SpectroCloudSettings
from providers.transport.client import ApiClient
from providers.transport.wreq import Transport
from schema.invoice import Invoice
from tests.providers.fleet import NATIVE, Fleet
from tests.redis_server import RedisServer, needs_own_redis, needs_redis

pytestmark = needs_redis


async def test_two_instances_that_ask_at_once_fetch_once(fleet: Fleet) -> None:
    one, other = await fleet.instance(), await fleet.instance()
    fleet.sandbox.control.faults.append(Fault(kind="delay", seconds=0.2))

    found = await asyncio.gather(*(source.invoice(NATIVE) for source in (one, other) for _ in range(50)))

    assert fleet.calls == 1
    assert {invoice.id for invoice in found if invoice} == {"fastly/cdn/invoice/INV-320139"}


async def test_an_answer_of_another_instance_is_the_same_to_the_instant(fleet: Fleet) -> None:
    one, other = await fleet.instance(), await fleet.instance()

    read, shared = await one.invoice(NATIVE), await other.invoice(NATIVE)

    assert fleet.calls == 1
    assert read
    assert shared
    assert (shared.observed_at, shared.payload, shared.total_without_lookup) == (
        read.observed_at,
        read.payload,
        read.total_without_lookup,
    )


async def test_pages_and_absent_invoices_are_shared_too(fleet: Fleet) -> None:
    window = DateWindow(date(2026, 1, 1), date(2026, 3, 31))
    for source in (await fleet.instance(), await fleet.instance()):
        assert len((await source.page(window, None)).invoices) == 6  # with the margin of a month on each side
        assert await source.invoice("INV-0") is None
    assert fleet.calls == 2


@needs_own_redis
@pytest.mark.parametrize(
    "junk", [b"", b"\x00", b"null", b"[]", b'{"value": 1}', b"\x93\xa1x\xcb", b"\x93\xa1x\x01\x90"]
)
async def test_an_entry_that_cannot_be_read_is_as_good_as_none(fleet: Fleet, junk: bytes) -> None:
    await (await fleet.instance()).invoice(NATIVE)
    async with fleet.entry() as written:
        await written.client.set(written.key, junk)

    assert isinstance(await (await fleet.instance()).invoice(NATIVE), Invoice)
    assert fleet.calls == 2


async def test_another_key_or_address_is_another_question(fleet: Fleet) -> None:
    await (await fleet.instance()).invoice(NATIVE)
    foreign = await fleet.instance(api_key=SecretStr("another"))
    with pytest.raises(Exception, match="refused the key"):
        await foreign.invoice(NATIVE)


@needs_own_redis
async def test_no_credential_stands_in_the_store(fleet: Fleet, redis: RedisServer) -> None:
    source = await fleet.instance()
    await source.invoice(NATIVE)
    await source.page(DateWindow(), None)
    await fleet.written()
    async with Redis.from_url(redis.url) as client:
        held = [str((key, await client.get(key))) for key in await client.keys("*")]
    assert len(held) == 2
    assert not any(KEY in entry for entry in held)


@needs_own_redis
async def test_the_lease_of_an_instance_that_died_is_taken_over(fleet: Fleet, redis: RedisServer) -> None:
    source = await fleet.instance()
    await source.invoice(NATIVE)
    async with fleet.entry() as written:
        await written.client.delete(written.key)
        await written.client.set(written.lease, "the dead", px=int(LEASE_SECONDS * 1000))

    async with asyncio.timeout(LEASE_SECONDS + 2):
        assert await (await fleet.instance()).invoice(NATIVE) is not None
    assert fleet.calls == 2


@needs_own_redis
async def test_a_store_that_goes_and_comes_back_loses_no_answer(fleet: Fleet, redis: RedisServer) -> None:
    source = await fleet.instance()
    await source.invoice(NATIVE)
    await redis.stop()

    assert await source.invoice(NATIVE) is not None  # its own memory
    assert await (await fleet.instance()).invoice(NATIVE) is not None  # fetched
    assert fleet.calls == 2

    await redis.start()
    async with asyncio.timeout(10):
        while not await fleet.stores[0].ping():  # noqa: ASYNC110 (nothing to wait on)
            await asyncio.sleep(0.05)
    await source.page(DateWindow(), None)
    await (await fleet.instance()).page(DateWindow(), None)
    assert fleet.calls == 3


@pytest.mark.parametrize(
    "fault", [Fault(kind="status", status=500), Fault(kind="garbage", body='{"data": []}'), Fault(kind="hang")]
)
async def test_an_instance_that_starts_while_the_provider_fails_has_the_others_old_answer(
    fleet: Fleet, fault: Fault
) -> None:
    short = {"freshness": {"settled": 0, "invoice": 0, "stale_for": 3600}}
    await (await fleet.instance(**short)).invoice(NATIVE)
    await fleet.written()
    fleet.sandbox.control.faults.append(fault)

    deadline.set(asyncio.get_running_loop().time() + 1)
    old = await (await fleet.instance(**short)).invoice(NATIVE)

    assert old
    assert old.stale


async def test_who_waits_in_vain_for_what_another_instance_fetches_has_the_old_answer(fleet: Fleet) -> None:
    short = {"freshness": {"settled": 0, "invoice": 0, "stale_for": 3600}}
    await (await fleet.instance(**short)).invoice(NATIVE)
    await fleet.written()
    fleet.sandbox.control.faults.append(Fault(kind="hang"))
    fetching = asyncio.ensure_future((await fleet.instance(**short)).invoice(NATIVE))
    await fleet.sandbox.control.until(in_flight=1)

    deadline.set(asyncio.get_running_loop().time() + 1)
    old = await (await fleet.instance(**short)).invoice(NATIVE)
    fetching.cancel()

    assert old
    assert old.stale
    assert fleet.calls == 2


@needs_own_redis
async def test_a_list_that_nobody_has_to_be_asked_for_is_no_question_to_the_store(
    redis: RedisServer, tmp_path: Path
) -> None:
    (tmp_path / "uids").write_text("one\ntwo\n")
    account = SpectroCloudSettings.model_validate(
        {"id": "palette", "provider": "spectrocloud", "api_key": SecretStr("key"), "tenant_uid": "t"}
        | {"invoice_uids_file": tmp_path / "uids"}
    )
    store = RedisStore(SecretStr(redis.url))
    async with Transport(direct=True) as transport:
        source = CachedSource(SpectroCloud(account, ApiClient(account, transport)), ResourceCache(), SharedCache(store))
        assert (await source.page(DateWindow(), None)).keys == ["one", "two"]
    async with Redis.from_url(redis.url) as client:
        assert "cmdstat_get" not in await client.info("commandstats")
    await store.close()


async def test_how_long_an_answer_stands_is_for_each_instance_to_say(fleet: Fleet) -> None:
    await (await fleet.instance()).page(DateWindow(), None)
    await (await fleet.instance(freshness={"list": 0})).page(DateWindow(), None)
    await (await fleet.instance()).page(DateWindow(), None)
    assert fleet.calls == 2


async def test_an_answer_near_its_end_is_read_again_in_the_background_once_for_all(fleet: Fleet) -> None:
    lasting = {"freshness": {"settled": 1_000, "invoice": 1_000}}
    await (await fleet.instance(**lasting)).invoice(NATIVE)
    async with fleet.entry() as written:
        await written.becomes(read_at=time.time() - 950)
    fleet.sandbox.control.faults.append(Fault(kind="delay", seconds=0.2))
    instances = [await fleet.instance(**lasting) for _ in range(2)]
    for instance in instances * 2:
        await instance.invoice(NATIVE)
    async with asyncio.timeout(5):
        await fleet.sandbox.control.until(1)
        await fleet.sandbox.control.until(0)

    for instance in instances * 2:
        await instance.invoice(NATIVE)
    await fleet.written()
    new = await (await fleet.instance(**lasting)).invoice(NATIVE)
    assert new
    assert (datetime.now(UTC) - new.observed_at).total_seconds() < 60
    assert fleet.calls == 2
