"""Files over HTTP: whole, with length and digest, and a manifest whose sums are those of the file."""

import asyncio
import base64
from collections.abc import AsyncIterator
from decimal import Decimal
from hashlib import sha256
from urllib.parse import urljoin

import pytest

from providers.sandbox import Fault
from tests.harness import Service, running_service, sandbox_of
from tests.resolvers.fastly import line_payload

from .files import TERMS, add_invoice, read_csv, read_error

FILES = ["focus.csv", "focus.parquet", "invoices.csv", "lines.csv", "lines.parquet", "invoices.parquet"]


@pytest.fixture
async def cached() -> AsyncIterator[Service]:
    """A service with all sandboxes, terms of payment, and the usual cache."""
    async with running_service(settings={"payment_terms": "Net 30", "rate_limit": None}) as service:
        yield service


@pytest.mark.parametrize("name", FILES)
async def test_length_and_digest_are_those_of_the_body(cached: Service, name: str) -> None:
    response = await cached.client.get(f"/export/{name}?periodFrom=2026-09-01")

    digest = base64.b64encode(sha256(response.content).digest()).decode()
    assert response.status_code == 200
    assert response.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert int(response.headers["content-length"]) == len(response.content) > 1_000
    assert "content-encoding" not in response.headers


async def test_headers_of_a_file(cached: Service) -> None:
    headers = (await cached.client.get("/export/focus.csv?periodFrom=2026-06-01&periodTo=2026-08-31")).headers

    assert headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert headers["content-disposition"] == 'attachment; filename="invoice-detail-1.4_2026-06_2026-08.csv"'
    assert headers["cache-control"] == "private, no-cache"
    assert (headers["export-coverage"], headers["export-guarded"]) == ("unlisted", "0")
    assert (headers["x-content-type-options"], headers["cross-origin-resource-policy"]) == ("nosniff", "same-origin")
    assert headers["link"] == ('<focus.json?periodFrom=2026-06-01&periodTo=2026-08-31&format=csv>; rel="describedby"')


async def test_the_manifest_describes_the_file(cached: Service) -> None:
    response = await cached.client.get("/export/focus.csv")
    link = response.headers["link"].partition(">")[0].removeprefix("<")
    manifest = (await cached.client.get(urljoin("/export/focus.csv", link))).json()
    sums: dict[str, Decimal] = {}
    for row in read_csv(response):
        sums[row["BillingCurrency"]] = sums.get(row["BillingCurrency"], Decimal(0)) + Decimal(row["BilledCost"])

    assert manifest["sha256"] == sha256(response.content).hexdigest()
    assert manifest["bytes"] == len(response.content)
    assert manifest["rows"] == int(response.headers["export-rows"]) == 901
    assert {each["currency"]: Decimal(each["sum"]) for each in manifest["sums"]} == sums
    assert manifest["leftOut"]["count"] == int(response.headers["export-left-out"]) == 36
    assert [column["ColumnName"] for column in manifest["metadata"]["Schema"]["ColumnDefinition"]] == list(
        read_csv(response)[0]
    )


async def test_sums_of_invoices_are_their_totals(cached: Service) -> None:
    manifest = (await cached.client.get("/export/focus.json?providers=fastly&periodFrom=2026-01-01")).json()
    filter_by = '{providers: ["fastly"], periodFrom: "2026-01-01"}'
    query = f"{{ invoices(first: 200, filterBy: {filter_by}) {{ nodes {{ id total {{ amount currency }} }} }} }}"
    nodes = (await cached.data(query))["invoices"]["nodes"]

    stated = {node["id"]: Decimal(node["total"]["amount"]) for node in nodes}
    added = {each["invoice"]: Decimal(each["sums"][0]["sum"]) for each in manifest["invoices"]["sums"]}
    assert len(stated) >= 10
    assert added == stated


async def test_head_has_the_headers_of_get(cached: Service) -> None:
    get = await cached.client.get("/export/lines.csv?periodFrom=2026-09-01")
    head = await cached.client.head("/export/lines.csv?periodFrom=2026-09-01")

    names = ("content-length", "repr-digest", "etag", "export-rows")
    assert [head.headers[name] for name in names] == [get.headers[name] for name in names]
    assert head.content == b""


async def test_an_unchanged_file_is_not_sent_again(cached: Service) -> None:
    first = await cached.client.get("/export/lines.csv")
    second = await cached.client.get("/export/lines.csv", headers={"If-None-Match": first.headers["etag"]})

    assert (second.status_code, second.content) == (304, b"")


async def test_filters_are_those_of_the_graph(cached: Service) -> None:
    query = "accounts=fastly/sandbox-fastly&paymentStatus=PAID&paymentStatus=PENDING&periodFrom=2026-05-01"
    rows = read_csv(await cached.client.get(f"/export/invoices.csv?{query}"))
    filter_by = '{accounts: ["fastly/sandbox-fastly"], paymentStatus: [PAID, PENDING], periodFrom: "2026-05-01"}'
    listed = (await cached.data(f"{{ invoices(filterBy: {filter_by}) {{ nodes {{ id }} }} }}"))["invoices"]["nodes"]

    assert [row["invoice"] for row in rows] == [node["id"] for node in listed] != []


async def test_lines_are_those_of_the_graph(cached: Service) -> None:
    rows = read_csv(await cached.client.get("/export/lines.csv?periodFrom=2026-09-01"))
    query = """{ invoices(filterBy: {periodFrom: "2026-09-01"}) { nodes {
      lineItems(first: 200) { nodes { id cost { amount currency } } } } } }"""
    nodes = (await cached.data(query))["invoices"]["nodes"]

    costs = {line["id"]: line["cost"] for node in nodes for line in node["lineItems"]["nodes"]}
    exported = {row["id"]: (row["cost"], row["currency"]) for row in rows}
    assert exported == {key: (cost["amount"], cost["currency"]) if cost else ("", "") for key, cost in costs.items()}


async def test_a_strict_file_is_whole_or_not_made() -> None:
    async with running_service(sandbox_of("fastly", "archera"), settings=TERMS) as service:
        service.control("archera").faults.append(Fault(kind="status", status=503, path="line"))
        strict = await service.client.get("/export/focus.csv")
        annotated = await service.client.get("/export/focus.csv?mode=annotated")

    status, code, message = read_error(strict)
    assert (status, code) == (502, "UNAVAILABLE")
    assert "sandbox-archera" in message
    assert strict.json()["errors"][0]["extensions"]["account"] == "archera/sandbox-archera"
    assert annotated.headers["export-coverage"] == "partial"
    assert annotated.headers["cache-control"] == "private, no-store"
    assert "etag" not in annotated.headers
    assert {row["x_AccountId"] for row in read_csv(annotated)} == {"fastly/sandbox-fastly"}


async def test_a_stale_file_says_so() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS | {"freshness": {"list": 0}}) as service:
        await service.client.get("/export/lines.csv")
        service.control("fastly").faults.append(Fault(kind="status"))
        response = await service.client.get("/export/lines.csv")

    assert (response.status_code, response.headers["export-coverage"]) == (200, "stale")
    assert response.headers["cache-control"] == "private, no-store"


async def test_a_client_that_leaves_ends_the_calls(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=5))
    request = asyncio.create_task(service.client.get("/export/invoices.csv?providers=fastly"))
    await service.control("fastly").wait_for_in_flight(in_flight=1)
    request.cancel()
    async with asyncio.timeout(3):
        await service.control("fastly").wait_for_in_flight(in_flight=0)


async def test_texts_that_begin_formulas_are_guarded() -> None:
    texts = ["=1+1", "+1", "-1", "@A1", "\tx", "\uff1d1", "1=1", 'a"b,c', "line\nbreak"]
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, *(line_payload(text, amount=Decimal(-5)) for text in texts))
        guarded = await service.client.get("/export/focus.csv")
        plain = await service.client.get("/export/focus.csv?guard=off")

    cells = [row["InvoiceDetailDescription"] for row in read_csv(guarded)]
    assert cells == ["'=1+1", "'+1", "'-1", "'@A1", "'\tx", "'\uff1d1", "1=1", 'a"b,c', "line\nbreak"]
    assert guarded.headers["export-guarded"] == "6"
    assert {row["BilledCost"] for row in read_csv(guarded)} == {"-5"}
    assert [row["InvoiceDetailDescription"] for row in read_csv(plain)][:2] == ["=1+1", "+1"]
