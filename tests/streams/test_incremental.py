"""@defer and @stream: the first part does not wait for deferred fields, and the parts add up to the whole result."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from providers.sandbox import Fault
from tests.harness import Service, running_service

FAST_FIRST = """{
  archera: invoices(first: 2, filterBy: { providers: ["archera"] }) { nodes { id } }
  ... @defer(label: "slow") {
    fastly: invoices(first: 2, filterBy: { providers: ["fastly"] }) { nodes { id } coverage { status code } }
  }
}"""
STREAMED = (
    '{ invoices(first: 5, filterBy: { providers: ["fastly"] }) { nodes @stream(initialCount: 2, label: "s") { id } } }'
)
OLDER = "multipart/mixed;deferSpec=20220824, application/json"
CURRENT = "multipart/mixed, application/json"


@asynccontextmanager
async def parts_of(
    service: Service, query: str, accept: str = CURRENT, **headers: str
) -> AsyncIterator[AsyncIterator[Any]]:
    """The parts of a multipart response, each as soon as it is complete."""
    headers = {"Accept": accept, **headers}
    async with service.client.stream("POST", "/graphql", json={"query": query}, headers=headers) as response:
        assert response.headers["content-type"] == 'multipart/mixed; boundary="-"', await response.aread()

        async def parts() -> AsyncIterator[Any]:
            buffer = b""
            async for chunk in response.aiter_bytes():
                *complete, buffer = (buffer + chunk).split(b"\r\n---")
                for part in complete:
                    if part:
                        yield _parse(part)
            assert buffer == b"--\r\n"

        yield parts()


def _parse(text: bytes) -> Any:
    head, _, body = text.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    assert head == b"Content-Type: application/json; charset=utf-8"
    return json.loads(body)


async def _all_parts(service: Service, query: str, accept: str = CURRENT) -> list[Any]:
    async with parts_of(service, query, accept) as parts:
        return [part async for part in parts]


async def test_deferred_provider_does_not_delay_others(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=3))
    start = time.monotonic()
    async with parts_of(service, FAST_FIRST) as parts:
        first = await anext(parts)
        seconds = time.monotonic() - start
        rest = [part async for part in parts]

    assert seconds < 1.5  # well below the delay of 3 s, so the first part did not wait for Fastly
    assert len(first["data"]["archera"]["nodes"]) == 2
    assert first["pending"] == [{"id": "0", "path": [], "label": "slow"}]
    assert [part["hasNext"] for part in (first, *rest)] == [True, *[True] * (len(rest) - 1), False]
    (deferred,) = [payload for part in rest for payload in part.get("incremental", ())]
    assert deferred["data"]["fastly"]["coverage"] == [{"status": "COMPLETE", "code": None}]
    assert {entry["account"] for entry in rest[-1]["extensions"]["coverage"]} == {
        "archera/sandbox-archera",
        "fastly/sandbox-fastly",
    }


async def test_older_format_has_the_path_of_each_part(service: Service) -> None:
    first, *rest = await _all_parts(service, FAST_FIRST, OLDER)

    assert first.keys() == {"data", "extensions", "hasNext"}
    (deferred,) = [payload for part in rest for payload in part.get("incremental", ())]
    assert (deferred["path"], deferred["label"]) == ([], "slow")
    assert len(deferred["data"]["fastly"]["nodes"]) == 2
    assert rest[-1]["hasNext"] is False


@pytest.mark.parametrize("accept", [CURRENT, OLDER])
async def test_streamed_parts_add_up_to_the_list(service: Service, accept: str) -> None:
    nodes = (await service.data(STREAMED.replace('@stream(initialCount: 2, label: "s")', "")))["invoices"]["nodes"]
    first, *rest = await _all_parts(service, STREAMED, accept)

    items = [item for part in rest for payload in part.get("incremental", ()) for item in payload["items"]]
    assert first["data"]["invoices"]["nodes"] + items == nodes
    if accept == OLDER:
        paths = [payload["path"] for part in rest for payload in part.get("incremental", ())]
        assert paths[0] == ["invoices", "nodes", 2]


async def test_plain_client_gets_one_response(service: Service) -> None:
    response = await service.query(FAST_FIRST)

    assert set(response["data"]) == {"archera", "fastly"}
    assert "hasNext" not in response


async def test_deferred_part_contains_its_errors(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="status", status=403))
    query = '{ providers { id } ... @defer { invoice(id: "fastly/sandbox-fastly/invoice/1") { id } } }'
    _, *rest = await _all_parts(service, query)

    (deferred,) = [payload for part in rest for payload in part.get("incremental", ())]
    assert deferred["data"] == {"invoice": None}
    (error,) = deferred["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "account": "fastly/sandbox-fastly", "provider": "fastly"}


async def test_deferred_part_ends_at_the_deadline() -> None:
    async with running_service(deadline=1) as service:
        service.control("fastly").faults.append(Fault(kind="hang"))
        first, *rest = await _all_parts(service, FAST_FIRST)

    (deferred,) = [payload for part in rest for payload in part.get("incremental", ())]
    assert first["hasNext"]
    assert deferred["data"]["fastly"]["coverage"] == [{"status": "MISSING", "code": "TIMED_OUT"}]


async def test_disconnect_cancels_deferred_parts(service: Service) -> None:
    control = service.control("fastly")
    control.faults.append(Fault(kind="hang"))
    async with parts_of(service, FAST_FIRST) as parts:
        await anext(parts)
        await control.wait_for_in_flight(in_flight=1)

    async with asyncio.timeout(5):
        await control.wait_for_in_flight(in_flight=0)
        while service.app.state.runner.streams.slots.taken:  # noqa: ASYNC110 (nothing to wait on)
            await asyncio.sleep(0.01)


async def test_invalid_document_is_one_part_with_errors(service: Service) -> None:
    (part,) = await _all_parts(service, "{ ... @defer { pay } }")

    assert part["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert part["hasNext"] is False


async def test_query_without_defer_is_plain_json(service: Service) -> None:
    response = await service.post({"query": "{ providers { id } }"}, Accept=CURRENT)

    assert response.headers["content-type"] == "application/json"
