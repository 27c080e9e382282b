"""The audit log has a line for each operation: who, what, which accounts, at which price, and what came of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import pytest
from structlog.testing import capture_logs

from providers.sandbox import Fault
from server.config.access import AccessSettings
from server.operations.audit import EVENT
from tests.harness import Service, running_service
from tests.server.access.issuer import running_issuer
from tests.streams.clients import CHANGED, events

from .callers import (
    ARCHERA,
    CACHED,
    FASTLY,
    access_of,
    data,
    key_header,
    key_of,
    post,
    read,
    service_with_callers,
    socket_of,
)

LIST = "query Newest($n: Int = 2) { invoices(first: $n) { nodes { id total { amount } } } }"
GRANTS = {"one": read(FASTLY), "two": read(FASTLY, ARCHERA)}
Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def log() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


def audited(log: Lines, *fields: str) -> list[Any]:
    """Return the lines of the audit log, or these fields of them."""
    lines = [{**line} for line in log if line["event"] == EVENT]
    return [tuple(line.get(field) for field in fields) for line in lines] if fields else lines


async def test_a_line_has_everything_but_the_content(log: Lines) -> None:
    async with service_with_callers(GRANTS) as service:
        body = {"query": LIST, "variables": {"n": 3}}
        response = await service.post(body, **{**key_header("two"), "X-Request-Id": "r-1"})

    [line] = audited(log)
    assert line.pop("duration_ms") > 0
    assert line == {
        "event": EVENT, "log_level": "info", "caller": "key:two", "operation": "Newest",
        "hash": sha256(LIST.encode()).hexdigest(), "kind": "query", "answer": "executed", "accounts": [ARCHERA, FASTLY],
        "cost": 20, "provider_calls": 2, "outcome": "COMPLETE", "count": 1, "request_id": "r-1",
    }  # fmt: skip
    amount = response.json()["data"]["invoices"]["nodes"][0]["total"]["amount"]
    for content in (amount, "invoices", key_of("two")):
        assert content not in json.dumps(log, default=str)


async def test_cached_answers_are_counted(log: Lines) -> None:
    async with service_with_callers(GRANTS) as service:
        for caller in ("one", "one", "one", "two", "two"):
            await data(service, caller, LIST)
        service.app.state.runner.audit.flush()
        await data(service, "one", LIST)

    assert audited(log, "caller", "answer", "accounts", "provider_calls", "count", "duration_ms")[1::2] == [
        ("key:two", "executed", [ARCHERA, FASTLY], 1, 1, audited(log, "duration_ms")[1][0]),
        ("key:two", "cached", [ARCHERA, FASTLY], 0, 1, None),
    ]
    assert audited(log, "caller", "answer", "operation", "count")[2] == ("key:one", "cached", "Newest", 2)
    assert audited(log, "caller", "answer", "operation", "count")[4] == (
        "key:one",
        "cached",
        "Newest",
        1,
    )  # written when the service stops


async def test_a_shared_answer_is_audited_for_each_caller(log: Lines) -> None:
    grants = {"one": read(FASTLY), "twin": read("fastly/*")}
    async with service_with_callers(grants) as service:
        service.control("fastly").faults.append(Fault(kind="delay", seconds=0.3))
        await asyncio.gather(*(data(service, caller, LIST) for caller in grants))

    lines = sorted(audited(log, "answer", "accounts", "provider_calls", "outcome"))
    assert lines == [("executed", [FASTLY], 1, "COMPLETE"), ("shared", [FASTLY], 0, "COMPLETE")]
    assert {caller for (caller,) in audited(log, "caller")} == {"key:one", "key:twin"}


@pytest.mark.parametrize(
    ("query", "answer", "outcome"),
    [
        ("{ invoices(first: 2) { nodes { raw } } }", "refused", "MISSING_SCOPE"),
        (
            "{ invoices(first: 200) { nodes { lineItems(first: 200) { nodes { invoice { credits { id } } } } } } }",
            "refused",
            "BAD_USER_INPUT",
        ),
        ("{ invoices(first: 5000) { nodes { id } } }", "executed", "BAD_USER_INPUT"),
        ("{ invoices {", "refused", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "refused", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { x }", "refused", "BAD_USER_INPUT"),
        ("", "refused", "BAD_USER_INPUT"),
        ('{ invoices(first: 1) { nodes { lineItems(after: "-") { nodes { id } } } } }', "executed", "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize("transport", ["single", "batch", "socket"])
async def test_refused_operations_are_audited(
    log: Lines, transport: str, query: str, answer: str, outcome: str
) -> None:
    async with service_with_callers(GRANTS) as service:
        if transport == "socket":
            async with socket_of(service, "one") as client:
                await client.send("subscribe", "1", {"query": query})
                await client.receive()
        else:
            body: Any = {"query": query}
            await service.post([body] if transport == "batch" else body, **key_header("one"))

    assert audited(log, "caller", "answer", "outcome") == [("key:one", answer, outcome)]


async def test_a_malformed_request_is_audited(log: Lines) -> None:
    async with service_with_callers(GRANTS) as service:
        await service.client.post(
            "/graphql", content=b"[", headers={**key_header("one"), "Content-Type": "application/json"}
        )

    assert audited(log, "caller", "answer", "outcome", "hash") == [("key:one", "refused", "BAD_USER_INPUT", None)]


async def test_a_caller_without_identity_has_no_line(log: Lines) -> None:
    async with running_issuer() as issuer:
        issuer.is_down = True
        async with running_service(access=issuer.access()) as service:
            response = await service.post({"query": LIST}, Authorization=f"Bearer {issuer.token()}")

    assert response.status_code == 503
    assert audited(log) == []


async def test_incomplete_data_is_an_outcome(log: Lines) -> None:
    async with service_with_callers(GRANTS) as service:
        service.control("fastly").faults.append(Fault(kind="status", status=503))
        await data(service, "one", LIST)
        await post(service, "one", f'{{ invoice(id: "{FASTLY}/invoice/1") {{ id }} }}')

    assert audited(log, "outcome", "accounts") == [("INCOMPLETE", [FASTLY]), ("UNAVAILABLE", [FASTLY])]


async def test_a_client_that_leaves_is_audited(log: Lines) -> None:
    async with service_with_callers(GRANTS) as service:
        service.control("fastly").faults.append(Fault(kind="hang"))
        request = asyncio.create_task(post(service, "one", LIST))
        await service.control("fastly").wait_for_in_flight(in_flight=1)
        request.cancel()
        async with asyncio.timeout(10):
            while not audited(log):  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.01)

    assert audited(log, "caller", "answer", "outcome", "provider_calls") == [("key:one", "executed", "CANCELLED", 1)]


@asynccontextmanager
async def subscription(service: Service, transport: str) -> AsyncIterator[None]:
    """A subscription by a caller, until it has started."""
    if transport == "socket":
        async with socket_of(service, "one") as client:
            await client.send("subscribe", "1", {"query": CHANGED})
            yield
            await client.send("complete", "1")
    else:
        async with events(service, {"query": CHANGED}, **key_header("one")):
            yield


@pytest.mark.parametrize("transport", ["socket", "events"])
async def test_a_stream_is_audited_at_its_end(log: Lines, transport: str) -> None:
    async with service_with_callers(GRANTS) as service:
        async with subscription(service, transport), asyncio.timeout(10):
            while not service.app.state.runner.streams.slots.taken:  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
        async with asyncio.timeout(10):
            while not audited(log):  # noqa: ASYNC110 (nothing to wait on)
                await asyncio.sleep(0.01)

    assert audited(log, "caller", "kind", "answer", "outcome") == [("key:one", "subscription", "executed", "CANCELLED")]


async def test_a_streamed_query_is_audited(log: Lines) -> None:
    async with service_with_callers(GRANTS) as service:
        for query in (LIST, "{ invoices(first: 2) { nodes { raw } } }"):
            async with events(service, {"query": query}, **key_header("one")) as stream:
                assert [event async for event in stream]

    assert audited(log, "kind", "answer", "accounts", "outcome") == [
        ("query", "executed", [FASTLY], "COMPLETE"),
        ("query", "refused", [], "MISSING_SCOPE"),
    ]


@pytest.mark.parametrize(
    ("access", "lines"),
    [
        (AccessSettings(), 0),
        (AccessSettings(audit=True), 1),
        (access_of(GRANTS), 1),
        (access_of(GRANTS).model_copy(update={"audit": False}), 0),
    ],
)
async def test_the_audit_log_is_a_setting(log: Lines, access: AccessSettings, lines: int) -> None:
    async with running_service(settings=CACHED, access=access) as service:
        await data(service, "one", LIST)

    assert len(audited(log)) == lines
