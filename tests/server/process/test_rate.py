"""Two hundred requests at once to a real server process, for more Palette invoices than its rate lets through."""

import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from providers.sandbox import LoggedRequest, SandboxApi, serve
from providers.sandbox.faults import Control
from tests.harness import sandbox_of
from tests.server.command import Running, started
from tests.server.crowd import Heard, ask_at_once

REQUESTS, INVOICES, EACH = 200, 200, 24
DEADLINE = 10
BURST, RATE = 50, 10  # the default for Palette
LATE = 3  # seconds that a busy machine may take to carry an answer
CUT = 5  # calls that had left, and were cut off by the deadline: they are made again
LIST = "{ invoices(first: 200) { nodes { id } coverage { status code } } }"
CONFIGURATION = """
[server]
deadline = {deadline}

[[accounts]]
id = "palette"
provider = "spectrocloud"
base_url = "{base_url}"
api_key = {{ env = "PALETTE_KEY" }}
tenant_uid = "{tenant_uid}"
invoice_uids = {uids}
"""


@dataclass
class Clocked(Control):
    """Knows when each request came."""

    times: list[float] = field(default_factory=list)

    @contextmanager
    def counting(self, asked: LoggedRequest) -> Iterator[None]:
        self.times.append(time.monotonic())
        with super().counting(asked):
            yield

    @property
    def worst_window(self) -> float:
        """By how many calls the fullest window of any length is above what may leave in it; below 0: none is."""
        times = sorted(self.times)
        return max(
            last - first + 1 - (BURST + RATE * (times[last] - times[first]))
            for first in range(len(times))
            for last in range(first, len(times))
        )


@pytest.fixture
def palette() -> SandboxApi:
    api = sandbox_of().apis["spectrocloud"]
    api.control = Clocked()
    while len(_uids(api)) < INVOICES:
        api.post_invoice()
    return api


@asynccontextmanager
async def serving(palette: SandboxApi, folder: Path, *options: str) -> AsyncIterator[Running]:
    async with serve(palette) as url:
        account = palette.account(url)
        file = folder / "palette.toml"
        file.write_text(CONFIGURATION.format(deadline=DEADLINE, uids=_uids(palette), **account))
        async with started("serve", "--config", str(file), "--port", "0", *options, PALETTE_KEY=palette.key) as service:
            yield service


async def test_a_crowd_asks_for_invoices_one_by_one(palette: SandboxApi, tmp_path: Path) -> None:
    dice = random.Random(1)
    async with serving(palette, tmp_path) as service:
        heard = await ask_at_once(service.url, [_by_id(dice.sample(_uids(palette), EACH)) for _ in range(REQUESTS)])
        _hold_the_promises(palette, heard)
        codes = Counter(error["extensions"]["code"] for *_, answer in heard for error in answer.get("errors", []))
        assert codes.keys() <= {"RATE_LIMITED", "TIMED_OUT"}
        assert codes["RATE_LIMITED"] > REQUESTS > codes["TIMED_OUT"]  # a call that was cut is missed by several
        await _go_on(palette, service)


async def test_a_crowd_lists_an_account_of_two_hundred_invoices(palette: SandboxApi, tmp_path: Path) -> None:
    async with serving(palette, tmp_path) as service:
        heard = await ask_at_once(service.url, [LIST] * REQUESTS)
        _hold_the_promises(palette, heard)
        assert {(*_coverage(answer), "errors" in answer) for *_, answer in heard} == {
            ("PARTIAL", "RATE_LIMITED", False)
        }
        assert all(answer["data"]["invoices"]["nodes"] for *_, answer in heard)
        await _go_on(palette, service)


def _hold_the_promises(palette: SandboxApi, heard: list[Heard]) -> None:
    """Nobody waits past the deadline, whoever lacks something hears why, and the provider's limit is kept and used."""
    control = palette.control
    assert isinstance(control, Clocked)
    assert {status for status, *_ in heard} == {200}
    assert max(seconds for _, seconds, _ in heard) < DEADLINE + LATE
    assert {tuple(answer["extensions"]["coverage"][0][key] for key in ("status", "code")) for *_, answer in heard} <= {
        ("PARTIAL", "RATE_LIMITED"),
        ("COMPLETE", None),
    }
    assert control.worst_window < 0
    assert len(control.times) - len(control.counts) <= CUT
    assert len(control.times) > BURST


async def _go_on(palette: SandboxApi, service: Running) -> None:
    """What was fetched stays known to the next request, which asks for nothing twice."""
    known = len(palette.control.counts)
    answer = (await service.ask(LIST)).json()
    assert len(answer["data"]["invoices"]["nodes"]) >= known - CUT
    assert len(palette.control.requests) - len(palette.control.counts) <= CUT


def _coverage(answer: dict[str, Any]) -> tuple[str, str]:
    (entry,) = answer["data"]["invoices"]["coverage"]
    return entry["status"], entry["code"]


def _by_id(uids: list[str]) -> str:
    fields = (f'i{n}: invoice(id: "spectrocloud/palette/invoice/{uid}") {{ id }}' for n, uid in enumerate(uids))
    return f"{{ {' '.join(fields)} }}"


def _uids(palette: SandboxApi) -> list[str]:
    uids: list[str] = palette.uids  # type: ignore[attr-defined]
    return uids
