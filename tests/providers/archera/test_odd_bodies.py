"""Line items that are serialized straight from the body equal those that are serialized from rows, for any body."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from providers import PROVIDERS
from providers.archera.client import Archera, ArcheraSettings
from providers.call import CallContext
from providers.source import LineItems
from providers.transport.client import ApiClient
from providers.transport.httpx_carrier import HttpxCarrier
from resolvers.accounts import AccountRegistry
from server.accounts import build_graph
from server.config.settings import ServerSettings
from server.operations.request import GraphQLRequest
from server.operations.runner import OperationRunner
from tests.uncached import uncached

SETTINGS = ArcheraSettings(id="org", provider="archera", api_key=SecretStr("secret"), org_id="o", attempts=1)
EXAMPLES = 300
INVOICES = b'[{"id": "i", "year": 2026, "month": 1}]'
INSTANT = re.compile(rb"[0-9-]+T[0-9:.]+Z")  # when a response was received
QUERY = """{ invoices(first: 1) { nodes { lineItems(first: 200) { nodes {
    __typename id
    cost { amount currency }
    details { reference ... on ArcheraLineItemDetails { commitment premium { value: amount } } }
} } } } }"""
ROW = b'{"id":%s,"commitment_id":%s,"utilization":%s,"commitment_financials":{"commitment_cost":%s}%s}'
ODD = [
    *(
        b"null",
        b"true",
        b"0",
        b"-0",
        b"-0.0",
        b"12",
        b"-3.50",
        b"1e3",
        b"1.",
        b"01",
        b"123456789012345678",
        b"9" * 5_000,
    ),
    *(b'""', b'" "', b'"\\u0041"', b'"a\\"b"', b'"\\ud800"', b'"\xc3\xa9"', b'"\xe2\x80\xa8"', b'"\x7f"', b'"\xff"'),
    *(b'"12.5"', b'"1\\n2"', b'"["', b'"%s"', b"{}", b"[]", b"[1", b"[" * 150 + b"]" * 150, b"[" * 250 + b"]" * 250),
]
ODD_COSTS = [
    *(b'{"breakdown":{}}', b'{"breakdown":{"archera_premium":1.5,"archera_premium":2}}', b'{"breakdown":[1.5]}'),
    b'{"breakdown":{"archera_premium":1.5},"breakdown":{}}',
]
EXTRA = [b"", b"", b"", b',"id":"b"', b',"id":null', b',"archera_premiums":7', b',"commitment_financials":{}', b","]
BODIES = [b"[%s]", b"[%s]", b"[%s]", b" [ %s ] ", b'{"items":[%s]}', b"[%s", b"[%s]]", b"[%s,7]", b"\xef\xbb\xbf[%s]"]


def _sometimes(usual: list[bytes], odd: list[bytes]) -> st.SearchStrategy[bytes]:
    """Draw a usual text, or in one of 12 cases an odd one."""
    return st.integers(0, 11).flatmap(lambda number: st.sampled_from(usual if number else odd))


COST_OF = b'{"breakdown":{"archera_premium":%s}}'
AMOUNT = _sometimes([b"12.5", b"0", b"-3", b'"7.00"'], ODD).map(lambda amount: COST_OF % amount)
TEXT = _sometimes([b'"a"', b'"b c"'], ODD)
COST = st.integers(0, 11).flatmap(lambda number: AMOUNT if number else st.sampled_from(ODD_COSTS + ODD))
IDS = st.integers(0, 99).flatmap(lambda number: st.just(b'"li %d"' % number) if number > 5 else st.sampled_from(ODD))
ROWS = st.tuples(IDS, TEXT, TEXT, COST, _sometimes([b""], EXTRA)).map(lambda values: ROW % values)
ANY_BODY = st.builds(
    lambda body, rows: body % b",".join(rows), _sometimes([b"[%s]"], BODIES), st.lists(ROWS, max_size=4)
)


def _body_with(unselected: bytes) -> bytes:
    """Return a usual body in which a value that the query does not select is this text."""
    return b"[%s]" % (ROW % (b'"a"', b'"b"', unselected, COST_OF % b"1.5", b""))


class Source(Archera):
    """An organization with one invoice, whose line items are any body."""

    def __init__(self, *, uses_rows: bool) -> None:
        super().__init__(SETTINGS, ApiClient(SETTINGS, HttpxCarrier(httpx.MockTransport(self._respond))))
        self.uses_rows, self.body, self.calls = uses_rows, b"[]", list[CallContext]()

    def _respond(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=self.body if request.url.path.endswith("/line-items") else INVOICES)

    async def line_items(self, provider_key: str, call: CallContext) -> LineItems:
        self.calls.append(call)
        return await super().line_items(
            provider_key, msgspec.structs.replace(call, serializers=()) if self.uses_rows else call
        )

    @property
    def lists_from_bodies(self) -> int:
        return max((each.lists_from_bodies for each in self.calls[-1].serializers), default=0)


class Service:
    """Executes the query. From its third execution on, the calls know the serializer of line items."""

    def __init__(self, loop: asyncio.Runner, *, uses_rows: bool) -> None:
        self._loop, self.source = loop, Source(uses_rows=uses_rows)
        accounts = AccountRegistry(PROVIDERS.values(), [uncached(self.source)])
        self._runner = OperationRunner(build_graph(), lambda: accounts, ServerSettings())
        for _ in range(2):
            self.execute(b"[]")

    def execute(self, body: bytes) -> bytes:
        self.source.body = body
        return self._loop.run(self._execute())

    async def _execute(self) -> bytes:
        operation = self._runner.receive(GraphQLRequest(query=QUERY), "r", bypass_cache=False)
        response = await self._runner.execute(operation, self._runner.start_deadline())
        return INSTANT.sub(b"", response.body_bytes())


@contextmanager
def both_services() -> Iterator[tuple[Service, Service]]:
    with asyncio.Runner() as loop:
        yield Service(loop, uses_rows=False), Service(loop, uses_rows=True)


def test_any_body_gives_the_same_answer_as_its_rows() -> None:
    with both_services() as (from_bodies, from_rows):

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @example(_body_with(b"[" * 250 + b"]" * 250))
        @example(_body_with(b"9" * 5_000))
        @example(_body_with(b'"\xff"'))
        @given(ANY_BODY)
        def compare(body: bytes) -> None:
            assert from_bodies.execute(body) == from_rows.execute(body)

        compare()

        assert from_rows.source.lists_from_bodies == 0
        assert from_bodies.source.lists_from_bodies > EXAMPLES / 10


def test_a_usual_body_needs_no_rows() -> None:
    first, second = (
        ROW % (b'"a"', b'"1"', b"0.5", COST_OF % b"12.50", b""),
        ROW % (b'"b"', b'"2"', b"1", COST_OF % b"-3", b""),
    )
    with both_services() as (service, _):
        answer = json.loads(service.execute(b"[%s,%s]" % (first, second)))

        assert service.source.lists_from_bodies == 1
        (invoice,) = answer["data"]["invoices"]["nodes"]
        assert [
            (line["id"], line["cost"], line["details"]["commitment"]) for line in invoice["lineItems"]["nodes"]
        ] == [
            ("archera/org/line-item/2026-01/a", {"amount": "12.50", "currency": "USD"}, "1"),
            ("archera/org/line-item/2026-01/b", {"amount": "-3", "currency": "USD"}, "2"),
        ]

        service.execute(b"[%s,%s]" % (first, first))
        assert service.source.lists_from_bodies == 1
