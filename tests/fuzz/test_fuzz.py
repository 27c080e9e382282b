"""Requests that are generated from the schema: each response is GraphQL's, and no error tells anything internal."""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from execution.errors import ErrorCode
from providers.ttl import CacheTtl
from schema.coverage import FailureCode
from server.process.logs import NEVER_AWAITED
from tests.harness import running_service
from tests.server.hostile import SCHEMA, short_history_sandbox

from .requests import RequestGenerator

REQUESTS = 1_000  # of one test
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
MULTIPART_JSON = re.compile(r"\r\n\r\n({.*})\r\n")
TOGETHER = 8  # concurrent requests
CODES = {*ErrorCode, *FailureCode.__members__} - {ErrorCode.INTERNAL}
INTERNAL = re.compile(r'Traceback|File \\?"|\.py\b|site-packages|0x[0-9a-f]{8}|<\w+ object|127\.0\.0\.1')
POOL = """{
  invoices(first: 9) {
    pageInfo { endCursor }
    nodes { id account { id } provider { id } credits { id }
      lineItems(first: 1) { pageInfo { endCursor } nodes { id } } }
  }
  projects(first: 3) { pageInfo { endCursor } nodes { id } }
  credits(first: 3) { pageInfo { endCursor } nodes { id } }
}"""

# The service ignores these, too: an execution that ends early leaves coroutines that it did not start.
pytestmark = pytest.mark.filterwarnings(f"ignore:{NEVER_AWAITED}:RuntimeWarning")


@pytest.mark.parametrize("start", [FIRST_SEED + number * REQUESTS for number in range(10)])
async def test_fuzzed_requests_get_graphql_responses(start: int) -> None:
    settings = {"attempts": 1, "rate_limit": None, "freshness": CacheTtl(list=600, invoice=600, month_to_date=600)}
    async with running_service(short_history_sandbox(), settings=settings) as service:
        pool = await service.data(POOL)
        generator = RequestGenerator(SCHEMA._schema, list(_values(pool, "id")), list(_values(pool, "endCursor")))
        transport = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            with capture_logs() as logs:
                for first in range(start, start + REQUESTS, TOGETHER):
                    seeds = range(first, first + TOGETHER)
                    await asyncio.gather(*(_check(client, generator, seed) for seed in seeds))
        assert [entry for entry in logs if entry["log_level"] in {"error", "critical"}] == []


async def _check(client: httpx.AsyncClient, generator: RequestGenerator, seed: int) -> None:
    request = generator.request(seed)
    response = await client.request(request.method, request.url, content=request.body, headers=request.headers)
    try:
        check_response(response)
    except Exception as error:
        error.add_note(f"FUZZ_SEED={seed}: {request}\n{response.status_code} {response.text[:2_000]}")
        raise


def check_response(response: httpx.Response) -> None:
    """Fail unless it is a response of GraphQL without anything internal."""
    assert response.status_code < 500
    assert not INTERNAL.search(response.text)
    for result in _results(response):
        assert result.keys() <= {"data", "errors", "extensions", "hasNext", "incremental", "completed", "pending"}
        assert "data" in result or "hasNext" in result or result["errors"]
        for part in [result, *result.get("incremental", ()), *result.get("completed", ())]:
            for error in part.get("errors", ()):
                assert error["extensions"]["code"] in CODES
                assert error["message"]


def _results(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the response objects of a response: one, one for each operation of a batch, or its parts."""
    media_type = response.headers.get("content-type", "")
    if response.status_code == 304 or media_type.startswith("text/html"):
        return []
    texts = MULTIPART_JSON.findall(response.text) if media_type.startswith("multipart/") else [response.content]
    assert texts
    payloads = [json.loads(text, parse_constant=_refuse_constant) for text in texts]
    return payloads[0] if isinstance(payloads[0], list) else payloads


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")


def _values(value: Any, key: str) -> Iterator[str]:
    """Yield the texts of all members with this key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key and isinstance(inner, str):
                yield inner
            yield from _values(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, key)
