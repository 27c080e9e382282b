"""Lists that grow page by page in the caches of Apollo Client, urql and Relay, set up as docs/clients.md says."""

from pathlib import Path
from typing import Any

import pytest

from tests.harness import Service

from .documented import said

LIST = "query ($of: InvoiceFilter) { invoices(first: 200, filterBy: $of) { nodes { id total { amount } } } }"
FASTLY = {"providers": ["fastly"]}


async def listed(service: Service, **of: Any) -> list[Any]:
    nodes: list[Any] = (await service.data(LIST, {"of": of}))["invoices"]["nodes"]
    return nodes


@pytest.mark.parametrize("script", ["apolloPages", "urqlPages"])
async def test_pages_of_seven_grow_into_one_list_and_each_filter_has_its_own(
    script: str, service: Service, app: Path
) -> None:
    everything = await listed(service)
    ids = [invoice["id"] for invoice in everything]
    of_fastly = [invoice["id"] for invoice in await listed(service, **FASTLY)]
    report, of_no_projects, of_projects, complaints = await said(app, script, service)

    assert (len(ids), len(of_fastly)) == (108, 36)
    assert (report["all"], report["requests"]) == (ids, 16)
    assert report["some"] == of_fastly
    assert (report["kept"], report["again"]) == ([ids, of_fastly], 0)
    assert report["amount"] == everything[0]["total"]["amount"]
    assert of_no_projects["account"]["projects"] is None
    assert len(of_projects["account"]["projects"]["edges"]) == 2
    assert complaints == []


async def test_relay_asks_for_the_next_page_by_node(service: Service, relay: Path) -> None:
    ids = [invoice["id"] for invoice in await listed(service, **FASTLY)]
    recent = [invoice["id"] for invoice in await listed(service, **FASTLY, periodFrom="2026-01-01")]
    report, complaints = await said(relay, "relayPages", service, "fastly/sandbox-fastly")

    assert (len(ids), len(recent)) == (36, 10)
    assert report == {"all": ids, "some": recent, "requests": 6}
    assert complaints == []
