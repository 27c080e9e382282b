"""What was made for an operation is gone with its answer, and not left to the search for cycles."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from execution.executor import Executor
from providers.sandbox import Fault
from resolvers.filters import InvoicePredicate
from resolvers.loaders import KeyedLoader
from resolvers.request import RequestContext
from schema.invoice import Invoice
from server.operations.request import GraphQLRequest
from server.operations.response import GraphQLResponse
from server.operations.runner import OperationRunner
from tests.harness import Service

MADE = (Executor, RequestContext, KeyedLoader, InvoicePredicate, Invoice)
QUERY = """{ accounts { id health { status } } invoices(first: 3, filterBy: {periodFrom: "2020-01-01"}) { totalCount
  nodes { id total { amount } lineItems { nodes { id invoice { stale } } } credits { id } projects { name } }
  coverage { status } } monthToDate { nodes { id } coverage { status } } }"""


@contextmanager
def no_search() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def made(*kinds: type) -> set[int]:
    return {id(thing) for thing in gc.get_objects() if isinstance(thing, kinds)}


@pytest.mark.parametrize("faults", [[], [Fault(kind="status")]])
async def test_an_answered_operation_leaves_nothing_to_the_search_for_cycles(
    service: Service, faults: list[Fault]
) -> None:
    runner: OperationRunner = service.app.state.runner
    service.control("fastly").faults += faults
    with no_search():
        before = made(*MADE)
        for _ in range(3):  # from the second time on by code that was made for it
            asked = await runner.prepare(GraphQLRequest(query=QUERY), "r", fresh=True)
            answer = await runner.execute(asked, runner.start_deadline())
            assert b'"errors"' not in answer.body_bytes()
        left = made(*MADE) - before

    assert left == set()


async def test_an_answer_that_was_long_in_coming_is_gone_with_its_request(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.1))
    with no_search():
        before = made(GraphQLResponse)
        for _ in range(3):
            response = await service.post({"query": QUERY}, **{"Cache-Control": "no-cache"})
            assert "errors" not in response.json()
        await asyncio.sleep(0.01)  # the server has done with it
        left = made(GraphQLResponse) - before

    assert left == set()
