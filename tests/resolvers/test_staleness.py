"""What is known is given while its provider fails, says so, and is given up when it is too old."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from providers import PROVIDERS
from providers.ttl import CacheTtl

from .cached_graph import Graph, remembering

LIST = """{ invoices(first: 200) {
  nodes { id stale observedAt }
  coverage { status code asOf message }
} }"""
PARTS = """{ invoices(first: 200) { nodes {
  id total { amount } credits { id } projects { name }
  lineItems(first: 3) { totalCount nodes { id cost { amount currency } } }
} } }"""
SHORT = CacheTtl(settled=1, invoice=1, list=1, month_to_date=1, absent=1, stale_for=100)
FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "401": ({"status": 401}, "UNAUTHORIZED"),
    "403": ({"status": 403}, "FORBIDDEN"),
    "404": ({"status": 404}, "NOT_FOUND"),
    "429": ({"status": 429, "headers": {"Retry-After": "3600"}}, "RATE_LIMITED"),
    "500": ({"status": 500}, "UNAVAILABLE"),
    "503": ({"status": 503}, "UNAVAILABLE"),
    "reset": ({"kind": "reset"}, "UNAVAILABLE"),
    "half": ({"kind": "half"}, "UNINTELLIGIBLE"),
    "garbage": ({"kind": "garbage"}, "UNINTELLIGIBLE"),
}


def plain(nodes: list[Any]) -> list[tuple[str, str]]:
    return [(node["id"], node["observedAt"]) for node in nodes]


async def asked(graph: Graph, seconds: float = 10) -> tuple[list[Any], dict[str, Any]]:
    """The invoices, and the one account's coverage."""
    answer = (await graph.data(LIST, seconds))["invoices"]
    (entry,) = answer["coverage"]
    return answer["nodes"], entry


def short(provider: str) -> Any:
    return remembering(provider, freshness=SHORT, rate_limit=None)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_parts_of_what_is_known_are_given_while_its_provider_fails(provider: str) -> None:
    async with short(provider) as graph:
        before = await graph.data(PARTS)
        graph.fails(provider)
        graph.clock.now = 2

        after = await graph.data(PARTS)

    assert after == before
    assert before["invoices"]["nodes"]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("failure", FAILURES)
async def test_what_is_known_is_given_as_stale_while_its_provider_fails(provider: str, failure: str) -> None:
    fault, code = FAILURES[failure]
    async with short(provider) as graph:
        before, whole = await asked(graph)
        graph.fails(provider, **fault)
        graph.clock.now = 2

        after, entry = await asked(graph)

    assert plain(after) == plain(before)
    assert {node["stale"] for node in before} == {False}
    assert {node["stale"] for node in after} == {True}
    assert (entry["status"], entry["asOf"]) == ("STALE", whole["asOf"])
    assert entry["code"] in {code, "UNAVAILABLE"}  # or the provider is left alone by then
    assert "What was read before is given instead." in entry["message"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_provider_that_hangs_takes_nothing_that_is_known(provider: str) -> None:
    async with short(provider) as graph:
        before, _ = await asked(graph)
        graph.fails(provider, kind="hang")
        graph.clock.now = 2

        after, entry = await asked(graph, seconds=0.3)

    assert plain(after) == plain(before)
    assert (entry["status"], entry["code"]) == ("STALE", "TIMED_OUT")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_it_is_given_up_when_it_is_too_old(provider: str) -> None:
    async with short(provider) as graph:
        await asked(graph)
        graph.fails(provider)
        graph.clock.now = 100.9
        known, _ = await asked(graph)
        assert known

        graph.clock.now = 101
        nodes, entry = await asked(graph)

    assert nodes == []
    assert (entry["status"], entry["code"], entry["asOf"]) == ("MISSING", "UNAVAILABLE", None)


@pytest.mark.parametrize("provider", ["archera", "fastly"])
async def test_a_row_that_cannot_be_read_any_more_does_not_take_the_invoice_that_stood_there(provider: str) -> None:
    async with short(provider) as graph:
        before, _ = await asked(graph)
        graph.fails(provider, kind="garbage", body=await _with_a_broken_row(graph))
        graph.clock.now = 2

        after, entry = await asked(graph)

    assert [node["id"] for node in after] == [node["id"] for node in before]
    assert [node["stale"] for node in after].count(True) == 1
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNINTELLIGIBLE")


async def _with_a_broken_row(graph: Graph) -> str:
    """The list as its provider says it, but for its first row, which is null."""
    (source,) = graph.sources
    (path,) = graph.calls(source.settings.provider)
    headers = {source.settings.key_header: source.settings.api_key.get_secret_value()}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        body = (await client.get(source.settings.base_url + path)).json()
    rows = body if isinstance(body, list) else body["data"]
    rows[0] = None
    return json.dumps(body)


async def test_what_comes_back_is_fresh_and_says_so() -> None:
    async with short("archera") as graph:
        before, _ = await asked(graph)
        graph.fails("archera")
        graph.clock.now = 2
        await asked(graph)
        graph.recovers("archera")

        after, entry = await asked(graph)

    assert {node["stale"] for node in after} == {False}
    assert entry["status"] == "COMPLETE"
    assert min(node["observedAt"] for node in after) > max(node["observedAt"] for node in before)


async def test_only_what_ran_out_is_stale() -> None:
    """Palette's settled invoices stand for a day; the list names those that could not be asked for again."""
    async with remembering("spectrocloud", rate_limit=None) as graph:
        before, _ = await asked(graph)
        graph.fails("spectrocloud")
        graph.clock.now = 301

        after, entry = await asked(graph)

    stale = [node for node in after if node["stale"]]
    assert plain(after) == plain(before)
    assert 0 < len(stale) < len(after)
    assert entry["status"] == "STALE"


async def test_a_running_invoice_may_go_away() -> None:
    async with short("fastly") as graph:
        query = "{ monthToDate { nodes { id } } }"
        assert len((await graph.data(query))["monthToDate"]["nodes"]) == 1
        graph.fails("fastly", status=404)
        graph.clock.now = 2

        assert (await graph.data(query))["monthToDate"]["nodes"] == []


async def test_that_an_invoice_was_not_there_is_not_said_of_a_provider_that_fails() -> None:
    async with short("fastly") as graph:
        query = '{ invoice(id: "fastly/sandbox-fastly/invoice/INV-0") { id } }'
        assert (await graph.data(query))["invoice"] is None
        graph.fails("fastly")
        graph.clock.now = 2

        with pytest.raises(AssertionError, match="could not be reached"):
            await graph.data(query)


async def test_many_requests_over_a_provider_that_is_down_lose_nothing() -> None:
    async with short("spectrocloud") as graph:
        before, _ = await asked(graph)
        graph.fails("spectrocloud")
        graph.clock.now = 2

        answers = await graph.at_once(LIST, 50)

        assert {len(answer["invoices"]["nodes"]) for answer in answers} == {len(before)}
        assert {answer["invoices"]["coverage"][0]["status"] for answer in answers} == {"STALE"}


async def test_the_answer_is_read_again_in_the_background_before_it_ends() -> None:
    async with remembering("archera") as graph:
        before, _ = await asked(graph)
        graph.calls("archera")
        graph.fails("archera", kind="delay", seconds=0.2)
        graph.clock.now = 271
        same, _ = await asked(graph)
        control = graph.sandbox.apis["archera"].control
        async with asyncio.timeout(5):
            await control.until(1)
        assert plain(same) == plain(before)

        graph.clock.now = 500
        renewed, entry = await asked(graph)
        assert len(graph.calls("archera")) == 1
        await asked(graph)

    assert entry["status"] == "COMPLETE"
    assert min(node["observedAt"] for node in renewed) > max(node["observedAt"] for node in before)
    assert graph.calls("archera") == []
