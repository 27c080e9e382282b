"""The response cache returns the same bytes, for exactly as long as an execution would return them."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.cache.memory import ResourceCache
from providers.cache.resource import Fetched
from providers.call import CallContext
from providers.dependencies import CacheDependencies
from providers.sandbox import Fault
from providers.spectrocloud.sandbox import Sandbox as Palette
from providers.ttl import CacheTtl
from resolvers.accounts import AccountRegistry
from resolvers.outcomes import RequestOutcomes
from resolvers.views import View
from server.operations.request import GraphQLRequest
from server.operations.response import GraphQLResponse
from server.operations.response_cache import ResponseCache, cache_key
from tests.harness import Service, create_sandbox, now, running_service
from tests.providers.resource import FakeResource, get
from tests.streams.clients import open_socket

OPEN = '{ invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) { nodes { id paymentStatus } } }'
FASTLY = '{ invoices(first: 2, filterBy: { providers: ["fastly"] }) { nodes { id } coverage { status code } } }'
FEW = "query ($n: Int) { invoices(first: $n) { nodes { id } } }"


@asynccontextmanager
async def caching_service(**settings: Any) -> AsyncIterator[Service]:
    """A service with the default cache lifetimes."""
    async with running_service(settings={"rate_limit": None, "attempts": 1, **settings}) as service:
        yield service


def cached_count(service: Service) -> int:
    return len(service.app.state.runner.response_cache)


async def test_a_cached_response_has_the_same_bytes() -> None:
    async with caching_service() as service:
        first = await service.post({"query": FASTLY})
        repeats = [await service.post({"query": FASTLY}) for _ in range(3)]

        assert cached_count(service) == 1
        assert {response.content for response in repeats} == {first.content}
        assert {response.headers["cache-control"] for response in repeats} == {"private, no-cache"}
        assert all(int(response.headers["age"]) >= 0 for response in repeats)


async def test_a_refresh_by_another_request_invalidates() -> None:
    async with caching_service() as service:
        before = (await service.data(OPEN))["invoices"]["nodes"]
        unpaid_id = next(node["id"] for node in before if node["paymentStatus"] != "PAID")
        while service.api("spectrocloud").advance_payment(unpaid_id.rpartition("/")[2]) != "Paid":
            pass
        assert (await service.data(OPEN))["invoices"]["nodes"] == before
        refresh = await service.post(
            {"query": f'{{ invoice(id: "{unpaid_id}") {{ id }} }}'}, **{"Cache-Control": "no-cache"}
        )
        after = (await service.data(OPEN))["invoices"]["nodes"]

    assert refresh.status_code == 200
    assert [node["paymentStatus"] for node in after if node["id"] == unpaid_id] == ["PAID"]


async def test_an_expired_dependency_invalidates() -> None:
    async with caching_service(freshness=CacheTtl(list=0.3)) as service:
        for _ in range(2):
            await service.data(FASTLY)
        assert len(service.calls("fastly")) == 1

        await asyncio.sleep(0.35)
        await service.data(FASTLY)

        assert len(service.calls("fastly")) == 2


async def test_a_partial_response_is_not_cached() -> None:
    async with caching_service() as service:
        service.control("fastly").faults.append(Fault(kind="status", status=500, times=1))
        results = [await service.data(FASTLY) for _ in range(2)]

    assert [data["invoices"]["coverage"][0]["status"] for data in results] == ["MISSING", "COMPLETE"]


async def test_account_health_is_not_cached() -> None:
    health = '{ account(id: "fastly/sandbox-fastly") { health { status } } }'
    async with caching_service() as service:
        before = await service.data(health)
        await service.data(FASTLY)
        after = await service.data(health)

    assert [data["account"]["health"]["status"] for data in (before, after)] == ["UNKNOWN", "HEALTHY"]


async def test_a_list_from_a_uids_file_is_not_cached(tmp_path: Path) -> None:
    palette = Palette(now=now, uids_file=tmp_path / "uids")
    count = "{ invoices(first: 200) { totalCount } }"
    async with running_service(create_sandbox(palette), settings={"rate_limit": None}) as service:
        before = await service.data(count)
        palette.post_invoice()
        after = await service.data(count)

    assert after["invoices"]["totalCount"] == before["invoices"]["totalCount"] + 1


async def test_the_key_has_variables_and_operation_name() -> None:
    two = "query A { providers { id } } query B { providers { name } }"
    async with caching_service() as service:
        sizes = [len((await service.data(FEW, {"n": n}))["invoices"]["nodes"]) for n in (1, 2, 1, 2)]
        responses = [(await service.post({"query": two, "operationName": name})).json() for name in "ABAB"]

    assert sizes == [1, 2, 1, 2]
    assert [list(response["data"]["providers"][0]) for response in responses] == [["id"], ["name"]] * 2


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
async def test_a_cached_response_is_compressed_on_request(coding: str) -> None:
    everything = '{ invoices(first: 50, filterBy: { providers: ["fastly"] }) { nodes { id number } } }'
    async with caching_service() as service:
        plain = (await service.post({"query": everything})).json()
        encoded = [await service.post({"query": everything}, **{"Accept-Encoding": coding}) for _ in range(2)]

    assert [response.headers.get("content-encoding", "identity") for response in encoded] == [coding] * 2
    assert [response.json() for response in encoded] == [plain] * 2


async def test_batches_and_websockets_use_the_cache() -> None:
    async with caching_service() as service, open_socket(service) as client:
        plain = (await service.post({"query": FASTLY})).json()
        batch = await service.post([{"query": FASTLY}, {"query": FASTLY}])
        await client.send("subscribe", "1", {"query": FASTLY})

        assert batch.json() == [plain, plain]
        assert (await client.receive())["payload"] == plain


async def test_a_batch_may_repeat_a_lone_surrogate() -> None:
    cached = GraphQLResponse({"data": "\ud800"}).to_cacheable()

    assert (
        GraphQLResponse([cached.content, {"data": "\ud800"}]).body_bytes()
        == b'[{"data": "\\ud800"}, {"data": "\\ud800"}]'
    )


async def test_a_cached_response_keeps_no_value_alive() -> None:
    class Value:
        """A value that takes a weak reference."""

    async def fetch(_: CallContext, __: float) -> Fetched[Value]:
        return Fetched(Value(), 100)

    cache, dependencies = ResourceCache(max_bytes=15_000), CacheDependencies()
    resource = FakeResource("first", fetch, size=10_000)
    value_ref = weakref.ref(await get(cache, resource, CallContext(dependencies=dependencies)))
    assert dependencies.is_valid

    await get(cache, replace(resource, key="second"), CallContext())  # evicts the first: there is room for one
    gc.collect()

    assert (value_ref(), dependencies.is_valid) == (None, False)


def test_the_least_recently_used_response_is_evicted() -> None:
    cache, documents = ResponseCache(40_000), [f"{{ a{number} }}" for number in range(5)]
    view = View(AccountRegistry((), ()), frozenset())
    keys = [cache_key(document, GraphQLRequest(), view) for document in documents]
    for key in keys:
        cache.put(key, GraphQLResponse({"data": "x" * 5_000}, outcomes=RequestOutcomes()), CacheDependencies())
        assert cache.get(keys[0])

    assert [cache.get(key) is not None for key in keys] == [True, False, True, True, True]


def test_the_size_of_an_entry_includes_its_key() -> None:
    cache = ResponseCache(40_000)
    for number in range(3):
        cache.put(
            (f"{number}" * 15_000, None, b""),
            GraphQLResponse({"data": None}, outcomes=RequestOutcomes()),
            CacheDependencies(),
        )

    assert len(cache) == 2
