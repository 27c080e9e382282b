"""That an invoice says something else than it said before is noticed, and told."""

import json
from typing import Any

import structlog

from tests.recorded import recorded

from .cached_graph import Graph, remembering

RESTATED = "{ invoices(first: 200) { nodes { id restatedAt } } }"


def _restate(graph: Graph, provider: str, path: str, body: Any) -> None:
    graph.recovers(provider)
    graph.fails(provider, kind="garbage", body=json.dumps(body), path=path)


async def test_a_posted_invoice_that_changes_is_noticed() -> None:
    bill = recorded("spectrocloud", "invoice.200")
    uid = bill["metadata"]["uid"]
    query = f'{{ invoice(id: "spectrocloud/sandbox-palette/invoice/{uid}") {{ restatedAt observedAt }} }}'
    async with remembering("spectrocloud") as graph:
        _restate(graph, "spectrocloud", uid, bill)
        assert (await graph.data(query))["invoice"]["restatedAt"] is None

        bill["status"]["states"] = [{"state": "Paid", "timestamp": "2026-03-01T00:00:00Z"}]
        bill["metadata"]["lastModifiedTimestamp"] = "2026-03-01T00:00:00Z"
        _restate(graph, "spectrocloud", uid, bill)
        graph.clock.now += 90_000
        assert (await graph.data(query))["invoice"]["restatedAt"] is None
        assert graph.restated() == {"sandbox-palette": 0}

        bill["status"]["billableAmount"] = 1
        _restate(graph, "spectrocloud", uid, bill)
        graph.clock.now += 90_000
        with structlog.testing.capture_logs() as logged:
            changed = (await graph.data(query))["invoice"]
        assert changed["restatedAt"] == changed["observedAt"]
        assert graph.restated() == {"sandbox-palette": 1}
        assert [(entry["log_level"], entry["account"]) for entry in logged if "changed" in entry["event"]] == [
            ("warning", "spectrocloud/sandbox-palette")
        ]

        graph.clock.now += 90_000
        same = (await graph.data(query))["invoice"]
        assert same["restatedAt"] == changed["restatedAt"] < same["observedAt"]
        assert graph.restated() == {"sandbox-palette": 1}


async def test_a_change_of_lines_that_are_a_call_of_their_own_is_noticed_too() -> None:
    query = "{ invoices(first: 1) { nodes { restatedAt lineItems { nodes { id } } } } }"
    async with remembering("archera") as graph:
        await graph.data(query)
        graph.fails("archera", kind="garbage", body='[{"id": "another"}]', path="line-items")
        graph.clock.now += 90_000
        await graph.data(query)
        assert graph.restated() == {"sandbox-archera": 1}

        graph.clock.now += 90_000
        (node,) = (await graph.data(query))["invoices"]["nodes"]
        assert node["restatedAt"] is not None


async def test_a_list_is_compared_with_what_was_read_last_of_each_invoice() -> None:
    bill = recorded("fastly", "invoices.200")["data"][0]
    listed, changed = {"data": [bill], "meta": {"total": 1}}, {**bill, "monthly_transaction_amount": "1.00"}
    noticed = []
    async with remembering("fastly") as graph:
        for body in (listed, listed, changed, listed, listed):
            _restate(graph, "fastly", "invoices", body)
            graph.clock.now += 90_000
            if body is listed:
                (invoice,) = (await graph.data(RESTATED))["invoices"]["nodes"]
            else:
                invoice = (await graph.data(f'{{ invoice(id: "{invoice["id"]}") {{ id restatedAt }} }}'))["invoice"]
            noticed.append((graph.restated()["sandbox-fastly"], invoice["restatedAt"]))

    assert [number for number, _ in noticed] == [0, 0, 1, 2, 2]
    assert [at for _, at in noticed[:2]] == [None, None]
    assert noticed[2][1] < noticed[3][1] == noticed[4][1]


async def test_a_list_that_says_two_things_of_one_invoice_is_no_change_of_itself() -> None:
    bill = recorded("fastly", "invoices.200")["data"][0]
    twice = {"data": [bill, {**bill, "monthly_transaction_amount": "1.00"}], "meta": {"total": 2}}
    async with remembering("fastly") as graph:
        for body in (twice, twice, {**twice, "meta": {"total": 3}}):
            _restate(graph, "fastly", "invoices", body)
            graph.clock.now += 90_000
            await graph.data(RESTATED)

        assert graph.restated() == {"sandbox-fastly": 0}


async def test_the_list_and_the_detail_of_an_invoice_are_no_change_of_each_other() -> None:
    async with remembering("archera", "fastly") as graph:
        listed = (await graph.data("{ invoices(first: 4) { nodes { id } } }"))["invoices"]["nodes"]
        for node in listed:
            await graph.data(f'{{ invoice(id: "{node["id"]}") {{ raw restatedAt }} }}')

        assert graph.restated() == {"sandbox-archera": 0, "sandbox-fastly": 0}


async def test_what_one_request_makes_of_a_remembered_invoice_no_other_sees() -> None:
    """The parts of an answer belong to the invoice that the same answer gives."""
    query = """{ invoices(first: 2) { nodes { stale
      lineItems { nodes { invoice { stale } credit: id } } credits { invoice { stale } } projects { invoice { stale } }
    } } }"""
    async with remembering("archera", "fastly", "spectrocloud", rate_limit=None) as graph:
        fresh = await graph.data(query)
        for provider in graph.sandbox.apis:
            graph.fails(provider)
        graph.clock.now = 86_000 * 1.5
        stale = await graph.data(query)

    assert '"stale": true' not in json.dumps(fresh)
    assert '"stale": false' not in json.dumps(stale)
