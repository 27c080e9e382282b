"""Lists that grow page by page in the caches of Apollo Client, urql and Relay, set up as in docs/clients.md."""

from pathlib import Path
from typing import Any

import pytest

from tests.harness import Service

from .documented import run_script

LIST = "query ($of: InvoiceFilter) { invoices(first: 200, filterBy: $of) { nodes { id total { amount } } } }"
FASTLY = {"providers": ["fastly"]}


async def list_invoices(service: Service, **filter_by: Any) -> list[Any]:
    nodes: list[Any] = (await service.data(LIST, {"of": filter_by}))["invoices"]["nodes"]
    return nodes


@pytest.mark.parametrize("script", ["apolloPages", "urqlPages"])
async def test_pages_merge_into_one_list_per_filter(script: str, service: Service, app: Path) -> None:
    invoices = await list_invoices(service)
    ids = [invoice["id"] for invoice in invoices]
    fastly_ids = [invoice["id"] for invoice in await list_invoices(service, **FASTLY)]
    report, without_projects, with_projects, warnings = await run_script(app, script, service)

    assert (len(ids), len(fastly_ids)) == (108, 36)
    assert (report["all"], report["requests"]) == (ids, 16)
    assert report["some"] == fastly_ids
    assert (report["kept"], report["again"]) == ([ids, fastly_ids], 0)
    assert report["amount"] == invoices[0]["total"]["amount"]
    assert without_projects["account"]["projects"] is None
    assert len(with_projects["account"]["projects"]["edges"]) == 2
    assert warnings == []


async def test_relay_fetches_the_next_page_by_node(service: Service, relay: Path) -> None:
    ids = [invoice["id"] for invoice in await list_invoices(service, **FASTLY)]
    recent = [invoice["id"] for invoice in await list_invoices(service, **FASTLY, periodFrom="2026-01-01")]
    report, warnings = await run_script(relay, "relayPages", service, "fastly/sandbox-fastly")

    assert (len(ids), len(recent)) == (36, 10)
    assert report == {"all": ids, "some": recent, "requests": 6}
    assert warnings == []
