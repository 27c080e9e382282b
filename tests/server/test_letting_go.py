"""What was made for an operation is gone with its answer, and not left to the search for cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from providers.sandbox import Fault
from resolvers.context import RequestContext
from resolvers.loaders import Loader
from resolvers.match import Match
from schema.document import Executor
from schema.invoice import Invoice
from server.operation import Operation
from server.runner import Runner
from tests.harness import Service

MADE = (Executor, RequestContext, Loader, Match, Invoice)
QUERY = """{ accounts { id health { status } } invoices(first: 3, filterBy: {periodFrom: "2020-01-01"}) { totalCount
  nodes { id total { amount } lineItems { nodes { id invoice { stale } } } credits { id } projects { name } }
  coverage { status } } }"""


@contextmanager
def no_search() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def made() -> set[int]:
    return {id(thing) for thing in gc.get_objects() if isinstance(thing, MADE)}


@pytest.mark.parametrize("faults", [[], [Fault(kind="status")]])
async def test_an_answered_operation_leaves_nothing_to_the_search_for_cycles(
    service: Service, faults: list[Fault]
) -> None:
    runner: Runner = service.app.state.runner
    service.control("fastly").faults += faults
    with no_search():
        before = made()
        for _ in range(3):  # from the second time on by code that was made for it
            asked = await runner.asked(Operation(query=QUERY), "r", fresh=True)
            answer = await runner.answer(asked, runner.deadline())
            assert b'"errors"' not in answer.written()
        left = made() - before

    assert left == set()
