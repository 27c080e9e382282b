"""What the benchmark asks is answered in full, and by as many calls as it says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.contenders import SERVICE, Contender
from benchmarks.measure import simulating
from benchmarks.workloads import WORKLOADS

OURS = Contender(SERVICE, "in flight")
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with simulating() as address:
        yield address


def answers(name: str, simulator: str, folder: Path) -> list[dict[str, Any]]:
    """Of every request of a workload, in turn."""
    workload, found = WORKLOADS[name], []

    def ask(body: bytes) -> Any:
        found.append(json.loads(httpx.post(server.url, content=body, headers=HEADERS).content))
        return found[-1]["data"]

    with OURS.serving(workload, simulator, folder) as (server, _):
        bodies = workload.bodies(ask)
        if not workload.every_page:
            ask(bodies[0])
    return found


def calls(simulator: str) -> dict[str, int]:
    """Those since the last look."""
    made: dict[str, int] = httpx.get(f"{simulator}/control").json()["calls"]
    httpx.get(f"{simulator}/control?latency=0")
    return made


def leaves(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("invoices", 2_040, {"archera list": 1, "archera lines": 24}),
        ("fastly", 6_962, {"fastly page": 2}),
        ("palette", 1_248, {"spectrocloud invoice": 24}),
        ("dashboard", 3_567, {"archera list": 1, "archera lines": 10, "fastly page": 1, "spectrocloud invoice": 24}),
    ],
)
def test_a_workload_has_so_many_leaves_and_takes_exactly_these_calls(
    name: str, size: int, expected: dict[str, int], simulator: str, tmp_path: Path
) -> None:
    calls(simulator)

    [answer] = answers(name, simulator, tmp_path)

    assert "errors" not in answer
    assert leaves(answer["data"]) == size
    assert calls(simulator) == expected


def test_reading_the_list_page_after_page_finds_every_invoice_once(simulator: str, tmp_path: Path) -> None:
    found = answers("list-2400", simulator, tmp_path)

    ids = [node["id"] for answer in found for node in answer["data"]["invoices"]["nodes"]]
    assert len(ids) == len(set(ids)) == 2_400
