"""The workloads of the benchmark get complete responses with the documented number of provider calls."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.contenders import SERVICE, Contender
from benchmarks.upstream import Upstream, run_simulator
from benchmarks.workloads import WORKLOADS

SERVICE_IN_FLIGHT = Contender(SERVICE, "in flight")
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with run_simulator() as simulator:
        yield simulator


def fetch_payloads(name: str, upstream: Upstream, folder: Path) -> list[dict[str, Any]]:
    """Send every request of a workload, one after the other, and return the response payloads."""
    workload, payloads = WORKLOADS[name], []

    def post(body: bytes) -> Any:
        payloads.append(json.loads(httpx.post(server.url, content=body, headers=HEADERS).content))
        return payloads[-1]["data"]

    with SERVICE_IN_FLIGHT.run(workload, upstream, folder) as (server, _):
        bodies = workload.bodies(post)
        if not workload.every_page:
            post(bodies[0])
    return payloads


def count_leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(count_leaves, value.values()))
    return sum(map(count_leaves, value)) if isinstance(value, list) else 1


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("invoices", 2_040, {"archera list": 1, "archera lines": 24}),
        ("fastly", 6_962, {"fastly page": 2}),
        ("palette", 1_248, {"spectrocloud invoice": 24}),
        ("spend", 5_044, {"archera list": 1, "archera lines": 36, "fastly page": 1, "spectrocloud invoice": 36}),
        ("spend-lines", 3_996, {"archera list": 1, "archera lines": 36, "fastly page": 1, "spectrocloud invoice": 36}),
        ("dashboard", 3_567, {"archera list": 1, "archera lines": 10, "fastly page": 1, "spectrocloud invoice": 24}),
    ],
)
def test_workload_has_exact_leaves_and_calls(
    name: str, size: int, expected: dict[str, int], upstream: Upstream, tmp_path: Path
) -> None:
    upstream.reset()

    [payload] = fetch_payloads(name, upstream, tmp_path)

    assert "errors" not in payload
    assert count_leaves(payload["data"]) == size
    assert upstream.reset() == expected


def test_paging_returns_every_invoice_once(upstream: Upstream, tmp_path: Path) -> None:
    payloads = fetch_payloads("list-2400", upstream, tmp_path)

    ids = [node["id"] for payload in payloads for node in payload["data"]["invoices"]["nodes"]]
    assert len(ids) == len(set(ids)) == 2_400
