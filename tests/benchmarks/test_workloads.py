"""What the benchmark asks is answered in full, and by as many calls as it says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.contenders import SERVICE, Contender
from benchmarks.upstream import Upstream, simulating
from benchmarks.workloads import WORKLOADS

OURS = Contender(SERVICE, "in flight")
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with simulating() as found:
        yield found


def answers(name: str, upstream: Upstream, folder: Path) -> list[dict[str, Any]]:
    """Of every request of a workload, in turn."""
    workload, found = WORKLOADS[name], []

    def ask(body: bytes) -> Any:
        found.append(json.loads(httpx.post(server.url, content=body, headers=HEADERS).content))
        return found[-1]["data"]

    with OURS.serving(workload, upstream, folder) as (server, _):
        bodies = workload.bodies(ask)
        if not workload.every_page:
            ask(bodies[0])
    return found


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
    name: str, size: int, expected: dict[str, int], upstream: Upstream, tmp_path: Path
) -> None:
    upstream.begin()

    [answer] = answers(name, upstream, tmp_path)

    assert "errors" not in answer
    assert leaves(answer["data"]) == size
    assert upstream.begin() == expected


def test_reading_the_list_page_after_page_finds_every_invoice_once(upstream: Upstream, tmp_path: Path) -> None:
    found = answers("list-2400", upstream, tmp_path)

    ids = [node["id"] for answer in found for node in answer["data"]["invoices"]["nodes"]]
    assert len(ids) == len(set(ids)) == 2_400
