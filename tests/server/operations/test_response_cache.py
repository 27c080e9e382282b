"""An answer is given again as it was written, for exactly as long as it would be made again."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from providers.account import AccountRef
from providers.cache.dependencies import CacheDependencies, dependencies
from providers.cache.memory import ResourceCache
from providers.cache.resource import CachedResource, Fetched
from providers.sandbox import Fault
from providers.spectrocloud.sandbox import Sandbox as Palette
from providers.ttl import CacheTtl
from resolvers.outcomes import RequestOutcomes
from server.operations.request import GraphQLRequest
from server.operations.response import GraphQLResponse
from server.operations.response_cache import ResponseCache, cache_key
from tests.harness import Service, now, running, sandbox_of
from tests.streams.clients import socket

OPEN = '{ invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) { nodes { id paymentStatus } } }'
FASTLY = '{ invoices(first: 2, filterBy: { providers: ["fastly"] }) { nodes { id } coverage { status code } } }'
FEW = "query ($n: Int) { invoices(first: $n) { nodes { id } } }"


@asynccontextmanager
async def remembering(**settings: Any) -> AsyncIterator[Service]:
    """A service that remembers for as long as it usually does."""
    async with running(settings={"rate_limit": None, "attempts": 1, **settings}) as service:
        yield service


def kept(service: Service) -> int:
    return len(service.app.state.runner.response_cache)


async def test_an_answer_is_kept_and_the_same_to_the_letter() -> None:
    async with remembering() as service:
        first = await service.post({"query": FASTLY})
        again = [await service.post({"query": FASTLY}) for _ in range(3)]

        assert kept(service) == 1
        assert {response.content for response in again} == {first.content}
        assert {response.headers["cache-control"] for response in again} == {"private, no-cache"}
        assert all(int(response.headers["age"]) >= 0 for response in again)


async def test_what_another_request_reads_anew_is_in_the_next_answer() -> None:
    async with remembering() as service:
        before = (await service.data(OPEN))["invoices"]["nodes"]
        moving = next(node["id"] for node in before if node["paymentStatus"] != "PAID")
        while service.api("spectrocloud").advance_payment(moving.rpartition("/")[2]) != "Paid":
            pass
        assert (await service.data(OPEN))["invoices"]["nodes"] == before
        one = await service.post({"query": f'{{ invoice(id: "{moving}") {{ id }} }}'}, **{"Cache-Control": "no-cache"})
        after = (await service.data(OPEN))["invoices"]["nodes"]

    assert one.status_code == 200
    assert [node["paymentStatus"] for node in after if node["id"] == moving] == ["PAID"]


async def test_it_is_not_given_when_what_it_is_made_of_has_run_out() -> None:
    async with remembering(freshness=CacheTtl(list=0.3)) as service:
        for _ in range(2):
            await service.data(FASTLY)
        assert len(service.calls("fastly")) == 1

        await asyncio.sleep(0.35)
        await service.data(FASTLY)

        assert len(service.calls("fastly")) == 2


async def test_a_partial_answer_is_not_kept() -> None:
    async with remembering() as service:
        service.control("fastly").faults.append(Fault(kind="status", status=500, times=1))
        partial, whole = [await service.data(FASTLY) for _ in range(2)]

    assert [answer["invoices"]["coverage"][0]["status"] for answer in (partial, whole)] == ["MISSING", "COMPLETE"]


async def test_how_an_account_fares_is_told_as_of_now() -> None:
    health = '{ account(id: "fastly/sandbox-fastly") { health { status } } }'
    async with remembering() as service:
        before = await service.data(health)
        await service.data(FASTLY)
        after = await service.data(health)

    assert [answer["account"]["health"]["status"] for answer in (before, after)] == ["UNKNOWN", "HEALTHY"]


async def test_uids_in_a_file_are_looked_for_each_time(tmp_path: Path) -> None:
    palette = Palette(now=now, uids_file=tmp_path / "uids")
    count = "{ invoices(first: 200) { totalCount } }"
    async with running(sandbox_of(palette), settings={"rate_limit": None}) as service:
        before = await service.data(count)
        palette.post_invoice()
        after = await service.data(count)

    assert after["invoices"]["totalCount"] == before["invoices"]["totalCount"] + 1


async def test_other_variables_and_other_operations_have_answers_of_their_own() -> None:
    two = "query A { providers { id } } query B { providers { name } }"
    async with remembering() as service:
        sizes = [len((await service.data(FEW, {"n": n}))["invoices"]["nodes"]) for n in (1, 2, 1, 2)]
        answers = [(await service.post({"query": two, "operationName": name})).json() for name in "ABAB"]

    assert sizes == [1, 2, 1, 2]
    assert [list(answer["data"]["providers"][0]) for answer in answers] == [["id"], ["name"]] * 2


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
async def test_it_is_packed_once_for_all_of_its_callers(coding: str) -> None:
    everything = '{ invoices(first: 50, filterBy: { providers: ["fastly"] }) { nodes { id number } } }'
    async with remembering() as service:
        plain = (await service.post({"query": everything})).json()
        packed = [await service.post({"query": everything}, **{"Accept-Encoding": coding}) for _ in range(2)]

    assert [response.headers.get("content-encoding", "identity") for response in packed] == [coding] * 2
    assert [response.json() for response in packed] == [plain] * 2


async def test_a_batch_and_a_connection_are_given_it_too() -> None:
    async with remembering() as service, socket(service) as client:
        plain = (await service.post({"query": FASTLY})).json()
        batch = await service.post([{"query": FASTLY}, {"query": FASTLY}])
        await client.send("subscribe", "1", {"query": FASTLY})

        assert batch.json() == [plain, plain]
        assert (await client.hear())["payload"] == plain


async def test_a_document_that_repeats_with_a_raw_lone_surrogate_is_no_exception() -> None:
    lone = GraphQLResponse({"data": "\ud800"}).cacheable(())

    assert (
        GraphQLResponse([lone.content, {"data": "\ud800"}]).body_bytes()
        == b'[{"data": "\\ud800"}, {"data": "\\ud800"}]'
    )


async def test_a_kept_answer_holds_nothing_of_what_it_is_made_of() -> None:
    class Value:
        """Something that can be seen to be gone."""

    async def fetch(_: float) -> Fetched[Value]:
        return Fetched(Value(), 100)

    memory, made_of = ResourceCache(most_bytes=15_000), CacheDependencies()
    dependencies.set(made_of)
    owner = AccountRef("fastly", "Fastly", "cdn")
    wanted = CachedResource("it", owner, fetch, 0, lambda value, _: value, lambda _: 10_000)
    until = asyncio.get_running_loop().time() + 10
    seen = weakref.ref(await memory.get(wanted, until))
    assert made_of.is_valid

    dependencies.set(None)
    await memory.get(replace(wanted, key="another"), until)  # for which there is only room in its place
    gc.collect()

    assert (seen(), made_of.is_valid) == (None, False)


def test_so_many_bytes_are_kept_and_the_least_recently_used_leaves_first() -> None:
    answers, documents = ResponseCache(40_000), [f"{{ a{number} }}" for number in range(5)]
    keys = [cache_key(document, GraphQLRequest()) for document in documents]
    for key in keys:
        answers.put(key, GraphQLResponse({"data": "x" * 5_000}, outcomes=RequestOutcomes()), CacheDependencies())
        assert answers.get(keys[0])

    assert [answers.get(key) is not None for key in keys] == [True, False, True, True, True]


def test_what_an_answer_is_kept_by_counts_as_well() -> None:
    answers = ResponseCache(40_000)
    for number in range(3):
        answers.put(
            (f"{number}" * 15_000, None, b""),
            GraphQLResponse({"data": None}, outcomes=RequestOutcomes()),
            CacheDependencies(),
        )

    assert len(answers) == 2
