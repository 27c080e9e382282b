"""A restatement, which is a change of an issued invoice, is detected, dated and logged."""

import json
from typing import Any

from tests.recorded import recorded_payload

from .cached_graph import Graph, cached_graph

INVOICES = "{ invoices(first: 200) { nodes { id restatedAt } } }"


def _replace_response(graph: Graph, provider: str, path: str, body: Any) -> None:
    graph.clear_faults(provider)
    graph.inject_fault(provider, kind="garbage", body=json.dumps(body), path=path)


async def test_a_change_sets_restated_at_and_is_logged() -> None:
    payload = recorded_payload("spectrocloud", "invoice.200")
    uid = payload["metadata"]["uid"]
    query = f'{{ invoice(id: "spectrocloud/sandbox-palette/invoice/{uid}") {{ restatedAt observedAt }} }}'
    async with cached_graph("spectrocloud") as graph:
        _replace_response(graph, "spectrocloud", uid, payload)
        assert (await graph.data(query))["invoice"]["restatedAt"] is None

        payload["status"]["states"] = [{"state": "Paid", "timestamp": "2026-03-01T00:00:00Z"}]
        payload["metadata"]["lastModifiedTimestamp"] = "2026-03-01T00:00:00Z"
        _replace_response(graph, "spectrocloud", uid, payload)
        graph.clock.now += 90_000
        assert (await graph.data(query))["invoice"]["restatedAt"] is None
        assert graph.restatements() == {"sandbox-palette": 0}

        payload["status"]["billableAmount"] = 1
        _replace_response(graph, "spectrocloud", uid, payload)
        graph.clock.now += 90_000
        restated = (await graph.data(query))["invoice"]
        assert restated["restatedAt"] == restated["observedAt"]
        assert graph.restatements() == {"sandbox-palette": 1}
        assert [(log["log_level"], log["account"]) for log in graph.logs if "changed" in log["event"]] == [
            ("warning", "spectrocloud/sandbox-palette")
        ]

        graph.clock.now += 90_000
        unchanged = (await graph.data(query))["invoice"]
        assert unchanged["restatedAt"] == restated["restatedAt"] < unchanged["observedAt"]
        assert graph.restatements() == {"sandbox-palette": 1}


async def test_changed_line_items_restate_the_invoice() -> None:
    """Line items that need a call of their own."""
    query = "{ invoices(first: 1) { nodes { restatedAt lineItems { nodes { id } } } } }"
    async with cached_graph("archera") as graph:
        await graph.data(query)
        graph.inject_fault("archera", kind="garbage", body='[{"id": "another"}]', path="line-items")
        graph.clock.now += 90_000
        await graph.data(query)
        assert graph.restatements() == {"sandbox-archera": 1}

        graph.clock.now += 90_000
        (node,) = (await graph.data(query))["invoices"]["nodes"]
        assert node["restatedAt"] is not None


async def test_a_list_is_compared_with_the_latest_response() -> None:
    """The latest response with the invoice, from whichever endpoint."""
    original = recorded_payload("fastly", "invoices.200")["data"][0]
    page, changed = {"data": [original], "meta": {"total": 1}}, {**original, "monthly_transaction_amount": "1.00"}
    observations = []
    async with cached_graph("fastly") as graph:
        for body in (page, page, changed, page, page):
            _replace_response(graph, "fastly", "invoices", body)
            graph.clock.now += 90_000
            if body is page:
                (invoice,) = (await graph.data(INVOICES))["invoices"]["nodes"]
            else:
                invoice = (await graph.data(f'{{ invoice(id: "{invoice["id"]}") {{ id restatedAt }} }}'))["invoice"]
            observations.append((graph.restatements()["sandbox-fastly"], invoice["restatedAt"]))

    assert [count for count, _ in observations] == [0, 0, 1, 2, 2]
    assert [restated_at for _, restated_at in observations[:2]] == [None, None]
    assert observations[2][1] < observations[3][1] == observations[4][1]


async def test_a_contradictory_list_is_no_restatement() -> None:
    """A list with two different rows for one invoice."""
    payload = recorded_payload("fastly", "invoices.200")["data"][0]
    page = {"data": [payload, {**payload, "monthly_transaction_amount": "1.00"}], "meta": {"total": 2}}
    async with cached_graph("fastly") as graph:
        for body in (page, page, {**page, "meta": {"total": 3}}):
            _replace_response(graph, "fastly", "invoices", body)
            graph.clock.now += 90_000
            await graph.data(INVOICES)

        assert graph.restatements() == {"sandbox-fastly": 0}


async def test_list_and_detail_do_not_restate_each_other() -> None:
    async with cached_graph("archera", "fastly") as graph:
        nodes = (await graph.data("{ invoices(first: 4) { nodes { id } } }"))["invoices"]["nodes"]
        for node in nodes:
            await graph.data(f'{{ invoice(id: "{node["id"]}") {{ raw restatedAt }} }}')

        assert graph.restatements() == {"sandbox-archera": 0, "sandbox-fastly": 0}


async def test_a_stale_copy_does_not_change_the_cached_one() -> None:
    """The parts of a response refer to the invoice of the same response."""
    query = """{ invoices(first: 2) { nodes { stale
      lineItems { nodes { invoice { stale } credit: id } } credits { invoice { stale } } projects { invoice { stale } }
    } } }"""
    async with cached_graph("archera", "fastly", "spectrocloud", rate_limit=None) as graph:
        fresh = await graph.data(query)
        for provider in graph.sandbox.apis:
            graph.inject_fault(provider)
        graph.clock.now = 86_000 * 1.5
        stale = await graph.data(query)

    assert '"stale": true' not in json.dumps(fresh)
    assert '"stale": false' not in json.dumps(stale)
