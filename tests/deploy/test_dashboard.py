"""Each panel of the dashboard shows data of the running service, as Prometheus has it. The sandbox makes the faults."""

import asyncio
import json
import math
from pathlib import Path

import pytest

from providers.sandbox import Fault
from providers.settings import RateLimitSettings
from providers.ttl import CacheTtl
from tests.harness import Service, sandbox_of
from tests.recorded import recorded_payload
from tests.resolvers.fastly import invoice_payload, line_payload, list_fault
from tests.server.telemetry.scraping import measured_service
from tests.streams.clients import CHANGED, events, filter_by

from .monitoring import panel_expressions
from .prometheus import PROMETHEUS, Prometheus, Series, prometheus_of

pytestmark = pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not on the PATH")

ALWAYS_STALE = CacheTtl(settled=0, invoice=60, list=0, month_to_date=0, absent=0, stale_for=3600)
SETTINGS = {"attempts": 1, "freshness": ALWAYS_STALE, "rate_limit": RateLimitSettings(per_second=20, burst=1)}
FASTLY = 'filterBy: { providers: ["fastly"] }'
ARCHERA = 'query Archera { invoices(first: 1, filterBy: { providers: ["archera"] }) { nodes { id } } }'
RECORDED = recorded_payload("spectrocloud", "invoice.200")
UID = RECORDED["metadata"]["uid"]
DOCUMENTS = [
    f"query Checks {{ discrepancies({FASTLY}) {{ totalCount }} }}",
    "query Accounts { accounts { id } }",
    "query Accounts { accounts { id } }",  # cached
    "query Invalid { no }",
    ARCHERA,
    'query Failing { invoice(id: "archera/sandbox-archera/invoice/2020-01") { number } }',
    f'query Restated {{ invoice(id: "spectrocloud/sandbox-palette/invoice/{UID}") {{ restatedAt }} }}',
]
SAME_RESOURCE = [f"query Same {{ invoices({FASTLY}) {{ nodes {{ {field} }} }} }}" for field in ("id", "number")]
MAY_BE_ZERO = {"Queue", "Starts of workers"}  # no operation may run at the moment of a scrape, and no worker dies


async def send_traffic(service: Service, round_number: int) -> None:
    """Send operations, a request that is refused, and requests for files. Some data changes in each round."""
    changed = json.dumps(RECORDED | {"status": RECORDED["status"] | {"billableAmount": round_number}})
    service.control("spectrocloud").faults[:] = [Fault(kind="garbage", body=changed, path=UID)]
    for document in DOCUMENTS:
        await service.post({"query": document})
    await asyncio.gather(*(service.post({"query": document}) for document in SAME_RESOURCE))
    await service.post({"query": ""})
    await service.client.get("/export/invoices.csv?providers=fastly")
    await service.client.get("/export/invoices.csv?mode=loose")


async def read_panels(prometheus: Prometheus) -> dict[str, Series]:
    """Return the series of each panel, over all of its expressions."""
    panels: dict[str, Series] = {}
    for expression in panel_expressions(interval="1m"):
        panels.setdefault(expression.title, []).extend(await prometheus.query(expression.text))
    return panels


async def test_every_panel_shows_data(tmp_path: Path) -> None:
    wrong = invoice_payload("INV-1", "2026-09", line_payload("Requests"), monthly_transaction_amount=9)
    async with (
        measured_service(sandbox_of("archera", "fastly", "spectrocloud"), settings=SETTINGS) as (service, metrics),
        prometheus_of(metrics.url, tmp_path) as prometheus,
    ):
        service.control("fastly").faults.append(list_fault(wrong))
        await service.data(ARCHERA)
        service.control("archera").faults.append(Fault(kind="status", status=503))
        async with events(service, {"query": CHANGED, "variables": filter_by("fastly")}) as stream:
            event = asyncio.ensure_future(anext(stream))
            await prometheus.wait_for_scrapes(1)
            for round_number in range(1, 4):
                await send_traffic(service, round_number)
                await prometheus.wait_for_scrapes(1)
            panels = await read_panels(prometheus)
            await prometheus.wait_for_scrapes(1)
            pending = await prometheus.firing_or_pending()
            event.cancel()

    without_data = {title for title, series in panels.items() if not any(math.isfinite(value) for _, value in series)}
    zero = {title for title, series in panels.items() if all(value == 0 for _, value in series)}
    assert without_data == set()
    assert zero <= MAY_BE_ZERO
    assert {"InvoicegraphStaleAnswers", "InvoicegraphErrors", "InvoicegraphDiscrepancies"} <= pending
    assert not pending & {"InvoicegraphDown", "InvoicegraphWorkerRestarts", "InvoicegraphInternalError"}
