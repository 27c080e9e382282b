"""Several instances over one Redis: one fetch for all, takeover of a dead leader, and failures of the store."""

import asyncio
import json
import time
from contextlib import aclosing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from providers.cache.memory import ResourceCache
from providers.cache.source import CachedSource
from providers.call import CallContext
from providers.deadline import loop_time
from providers.redis.store import LEASE_SECONDS, RedisStore
from providers.sandbox import Fault
from providers.source import DateWindow
from providers.spectrocloud.client import SpectroCloud, SpectroCloudSettings
from providers.transport.carriers import open_carrier
from providers.transport.client import ApiClient
from tests.providers.instances import INVOICE_KEY, Instances
from tests.recorded import recorded_payload
from tests.redis_server import RedisServer, needs_own_redis, needs_redis

pytestmark = needs_redis


async def test_concurrent_instances_share_one_fetch(instances: Instances) -> None:
    one, other = await instances.start(), await instances.start()
    instances.sandbox.control.faults.append(Fault(kind="delay", seconds=0.2))

    invoices = await asyncio.gather(
        *(source.invoices.get(INVOICE_KEY, CallContext()) for source in (one, other) for _ in range(50))
    )

    assert instances.calls == 1
    assert {invoice.id for invoice in invoices if invoice} == {"fastly/cdn/invoice/INV-320139"}


async def test_a_shared_invoice_keeps_its_observation_time(instances: Instances) -> None:
    one, other = await instances.start(), await instances.start()

    original, shared = (
        await one.invoices.get(INVOICE_KEY, CallContext()),
        await other.invoices.get(INVOICE_KEY, CallContext()),
    )

    assert instances.calls == 1
    assert original
    assert shared
    assert (shared.observed_at, shared.payload, shared.total_without_lookup) == (
        original.observed_at,
        original.payload,
        original.total_without_lookup,
    )


async def test_pages_and_absences_are_shared(instances: Instances) -> None:
    window = DateWindow(date(2026, 1, 1), date(2026, 3, 31))
    for source in (await instances.start(), await instances.start()):
        assert (
            len((await source.pages.get((window, None), CallContext())).invoices) == 6
        )  # the source adds a month on each side
        assert await source.invoices.get("INV-0", CallContext()) is None
    assert instances.calls == 2


@needs_own_redis
async def test_the_lease_of_a_dead_instance_is_taken_over(instances: Instances, redis: RedisServer) -> None:
    source = await instances.start()
    await source.invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as entry:
        await entry.client.delete(entry.key)
        await entry.client.set(entry.lease, "dead instance", px=int(LEASE_SECONDS * 1000))

    async with asyncio.timeout(LEASE_SECONDS + 2):
        assert await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()) is not None
    assert instances.calls == 2


@needs_own_redis
async def test_a_store_outage_loses_no_response(instances: Instances, redis: RedisServer) -> None:
    source = await instances.start()
    await source.invoices.get(INVOICE_KEY, CallContext())
    await redis.stop()

    assert await source.invoices.get(INVOICE_KEY, CallContext()) is not None  # from its own cache
    assert await (await instances.start()).invoices.get(INVOICE_KEY, CallContext()) is not None  # from the provider
    assert instances.calls == 2

    await redis.start()
    async with asyncio.timeout(10):
        while not await instances.stores[0].ping():  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0.05)
    await source.pages.get((DateWindow(), None), CallContext())
    await (await instances.start()).pages.get((DateWindow(), None), CallContext())
    assert instances.calls == 3


@pytest.mark.parametrize(
    "fault", [Fault(kind="status", status=500), Fault(kind="garbage", body='{"data": []}'), Fault(kind="hang")]
)
async def test_a_new_instance_gets_the_shared_stale_value(instances: Instances, fault: Fault) -> None:
    settings = {"freshness": {"settled": 0, "invoice": 0, "stale_for": 3600}}
    await (await instances.start(**settings)).invoices.get(INVOICE_KEY, CallContext())
    await instances.flush()
    instances.sandbox.control.faults.append(fault)

    source = await instances.start(**settings)
    invoice = await source.invoices.get(INVOICE_KEY, CallContext(loop_time() + 1))

    assert invoice
    assert invoice.stale


async def test_a_follower_gets_the_stale_value_at_its_deadline(instances: Instances) -> None:
    settings = {"freshness": {"settled": 0, "invoice": 0, "stale_for": 3600}}
    await (await instances.start(**settings)).invoices.get(INVOICE_KEY, CallContext())
    await instances.flush()
    instances.sandbox.control.faults.append(Fault(kind="hang"))
    leader = asyncio.ensure_future((await instances.start(**settings)).invoices.get(INVOICE_KEY, CallContext()))
    await instances.sandbox.control.wait_for_in_flight(in_flight=1)

    source = await instances.start(**settings)
    invoice = await source.invoices.get(INVOICE_KEY, CallContext(loop_time() + 1))
    leader.cancel()

    assert invoice
    assert invoice.stale
    assert instances.calls == 2


@needs_own_redis
async def test_a_local_list_does_not_use_the_store(redis: RedisServer, tmp_path: Path) -> None:
    (tmp_path / "uids").write_text("one\ntwo\n")
    account = SpectroCloudSettings.model_validate(
        {"id": "palette", "provider": "spectrocloud", "api_key": SecretStr("key"), "tenant_uid": "t"}
        | {"invoice_uids_file": tmp_path / "uids"}
    )
    store = RedisStore(SecretStr(redis.url))
    async with aclosing(open_carrier()) as carrier:
        source = CachedSource(
            account, lambda: SpectroCloud(account, ApiClient(account, carrier)), ResourceCache(), store
        )
        assert (await source.pages.get((DateWindow(), None), CallContext())).keys == ["one", "two"]
    async with Redis.from_url(redis.url) as client:
        assert "cmdstat_get" not in await client.info("commandstats")
    await store.close()


async def test_a_new_instance_knows_restatements(instances: Instances) -> None:
    payload, invoices = recorded_payload("fastly", "invoices.200")["data"][0], []
    for amount in ("2.00", "1.00", "1.00"):
        body = json.dumps({**payload, "monthly_transaction_amount": amount})
        instances.sandbox.control.faults[:] = [Fault(kind="garbage", body=body)]
        source = await instances.start(freshness={"settled": 0, "invoice": 0})
        invoices.append(await source.invoices.get(payload["invoice_id"], CallContext()))
        await instances.flush()

    first, second, third = (invoice for invoice in invoices if invoice)
    assert first.restated_at is None
    assert second.restated_at == third.restated_at == second.observed_at < third.observed_at


async def test_each_instance_applies_its_own_ttl(instances: Instances) -> None:
    await (await instances.start()).pages.get((DateWindow(), None), CallContext())
    await (await instances.start(freshness={"list": 0})).pages.get((DateWindow(), None), CallContext())
    await (await instances.start()).pages.get((DateWindow(), None), CallContext())
    assert instances.calls == 2


async def test_instances_share_one_background_refresh(instances: Instances) -> None:
    settings = {"freshness": {"settled": 1_000, "invoice": 1_000}}
    await (await instances.start(**settings)).invoices.get(INVOICE_KEY, CallContext())
    async with instances.stored_entry() as entry:
        await entry.replace(read_at=time.time() - 950)
    instances.sandbox.control.faults.append(Fault(kind="delay", seconds=0.2))
    both = [await instances.start(**settings) for _ in range(2)]
    for instance in both * 2:
        await instance.invoices.get(INVOICE_KEY, CallContext())
    async with asyncio.timeout(5):
        await instances.sandbox.control.wait_for_in_flight(1)
        await instances.sandbox.control.wait_for_in_flight(0)

    for instance in both * 2:
        await instance.invoices.get(INVOICE_KEY, CallContext())
    await instances.flush()
    invoice = await (await instances.start(**settings)).invoices.get(INVOICE_KEY, CallContext())
    assert invoice
    assert (datetime.now(UTC) - invoice.observed_at).total_seconds() < 60
    assert instances.calls == 2
