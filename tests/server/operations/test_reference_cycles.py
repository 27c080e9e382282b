"""The objects of an operation are freed with its response: no reference cycle leaves them to the garbage collector."""

import asyncio

import pytest
from graphql import GraphQLError

from execution.executor import Executor
from providers.cache.memory import Waiter
from providers.cache.single_flight import Flight
from providers.call import CallContext
from providers.sandbox import Fault
from providers.ttl import CacheTtl
from resolvers.filters import InvoicePredicate
from resolvers.loaders import KeyedLoader
from resolvers.request import RequestContext
from schema.invoice import Invoice
from schema.line_item import LineItem
from server.export.file_writer import FileWriter
from server.operations.request import BadRequestError, GraphQLRequest
from server.operations.response import GraphQLResponse
from server.operations.runner import OperationRunner
from server.process.logs import NEVER_AWAITED
from tests.garbage import live_ids, no_garbage_collection
from tests.harness import Service, running_service

FETCH_TYPES = (CallContext, Flight, Waiter)
REQUEST_TYPES = (Executor, RequestContext, KeyedLoader, InvoicePredicate, Invoice)
QUERY = """{ accounts { id health { status } } invoices(first: 3, filterBy: {periodFrom: "2020-01-01"}) { totalCount
  totals { invoices }
  nodes { id total { amount } linesTotal { lines } reconciliation { checks { code } } overdue
  lineItems { nodes { id invoice { stale } } } credits { id state } projects { name } }
  coverage { status } } monthToDate { nodes { id } coverage { status } }
  spend(groupBy: [PROJECT], filterBy: {periodFrom: "2026-06-01"}) { rows { billed { amount } } }
  discrepancies(filterBy: {periodFrom: "2026-06-01"}, minSeverity: INFO) { nodes { check { code } } } }"""


@pytest.mark.parametrize("faults", [[], [Fault(kind="status")]])
async def test_an_operation_leaves_no_reference_cycles(service: Service, faults: list[Fault]) -> None:
    runner: OperationRunner = service.app.state.runner
    service.control("fastly").faults += faults
    with no_garbage_collection():
        before = live_ids(*REQUEST_TYPES)
        for _ in range(3):  # from the second time on, code generated for it runs
            operation = runner.receive(GraphQLRequest(query=QUERY), "r", bypass_cache=True)
            response = await runner.execute(operation, runner.start_deadline())
            assert b'"errors"' not in response.body_bytes()
        remaining = live_ids(*REQUEST_TYPES) - before

    assert remaining == set()


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($n: Int) { invoices(first: $n) { nodes { id } } }", {"n": -5}),
        ("{ spend(groupBy: [REGION], breakdown: TOTALS) { breakdown } }", {}),
        ("query ($c: String) { invoices(first: 1) { nodes { lineItems(after: $c) { nodes { id } } } } }", {"c": "-"}),
    ],
)
async def test_an_error_leaves_no_reference_cycles(service: Service, query: str, variables: dict[str, object]) -> None:
    runner: OperationRunner = service.app.state.runner
    with no_garbage_collection():
        before = live_ids(*REQUEST_TYPES)
        for _ in range(3):
            operation = runner.receive(GraphQLRequest(query=query, variables=variables), "r")
            response = await runner.execute(operation, runner.start_deadline())
            assert b'"errors"' in response.body_bytes()
        remaining = live_ids(*REQUEST_TYPES) - before

    assert remaining == set()


BAD_LIST = "invoices(first: 1, last: 1) { nodes { id } }"


@pytest.mark.filterwarnings(f"ignore:{NEVER_AWAITED}:RuntimeWarning")
@pytest.mark.parametrize(
    "query",
    [
        f"{{ {BAD_LIST} }}",
        f"{{ a: {BAD_LIST} b: {BAD_LIST} }}",
        f"{{ a: invoices {{ totalCount totals {{ invoices }} nodes {{ account {{ {BAD_LIST} }} }} }} b: {BAD_LIST} }}",
        f"{{ accounts {{ {BAD_LIST} projects(first: -1) {{ nodes {{ id }} }} }} }}",
        f"{{ providers {{ accounts {{ {BAD_LIST} provider {{ accounts {{ {BAD_LIST} }} }} }} }} }}",
        "query A { __typename } query B { __typename }",
        "subscription { invoiceChanged { kind } }",
        "{",
    ],
)
async def test_an_error_is_freed_with_its_response(service: Service, query: str) -> None:
    with no_garbage_collection():
        before = live_ids(GraphQLError, BadRequestError)  # of other tests
        for body in ({"query": query}, [{"query": query}, {"query": 1}]):
            await service.post(body)
        async with asyncio.timeout(5):
            while live_ids(GraphQLError, BadRequestError) - before:  # noqa: ASYNC110 (a cycle would stay)
                await asyncio.sleep(0.01)


async def test_a_stale_response_leaves_no_reference_cycles() -> None:
    settings = {"attempts": 1, "rate_limit": None, "freshness": CacheTtl(settled=0, invoice=0, list=0)}
    async with running_service(settings=settings) as service:
        await service.data(QUERY)
        for provider in service.sandbox.apis:
            service.control(provider).faults.append(Fault(kind="status"))
        with no_garbage_collection():
            before = live_ids(*FETCH_TYPES)
            for _ in range(3):
                await service.data(QUERY)
            await asyncio.sleep(0.01)  # the server finishes the request
            remaining = live_ids(*FETCH_TYPES) - before

    assert remaining == set()


async def test_a_cancelled_operation_leaves_no_reference_cycles(service: Service) -> None:
    runner: OperationRunner = service.app.state.runner
    service.control("fastly").faults.append(Fault(kind="delay", seconds=5))
    with no_garbage_collection():
        before = live_ids(*FETCH_TYPES)
        operation = runner.receive(GraphQLRequest(query=QUERY), "r")
        task = asyncio.create_task(runner.execute(operation, runner.start_deadline()))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        del task
        async with asyncio.timeout(5):
            while live_ids(*FETCH_TYPES) - before:  # noqa: ASYNC110 (the fetches end; a cycle would stay)
                await asyncio.sleep(0.01)


async def test_a_slow_response_is_freed_with_its_request(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.1))
    with no_garbage_collection():
        before = live_ids(GraphQLResponse)
        for _ in range(3):
            response = await service.post({"query": QUERY}, **{"Cache-Control": "no-cache"})
            assert "errors" not in response.json()
        await asyncio.sleep(0.01)  # the server finishes the request
        remaining = live_ids(GraphQLResponse) - before

    assert remaining == set()


@pytest.mark.parametrize("query", ["mode=annotated", "mode=strict", "nothing=1"])
async def test_a_file_leaves_no_reference_cycles(service: Service, query: str) -> None:
    path = f"/export/focus.csv?{query}"
    await service.client.get(path)
    with no_garbage_collection():
        before = live_ids(*REQUEST_TYPES, LineItem, FileWriter)
        for _ in range(3):
            await service.client.get(path)
        await asyncio.sleep(0.01)  # the server finishes the request
        remaining = live_ids(*REQUEST_TYPES, LineItem, FileWriter) - before

    assert remaining == set()
