"""200 concurrent requests to a real service process, for more Palette invoices than the rate limit allows."""

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
from tests.harness import create_sandbox
from tests.server.command import ServiceProcess, start_command
from tests.server.crowd import TimedResponse, post_concurrently

pytestmark = pytest.mark.exclusive  # real time under load: no other test may run beside it

REQUESTS, INVOICES, INVOICES_PER_REQUEST = 200, 200, 24
DEADLINE = 10
BURST, RATE = 50, 10  # Palette's default: calls at once, then calls per second
GRACE = 3  # seconds that a busy machine may need to deliver a response
MAX_CANCELLED_CALLS = 5  # sent, then cancelled by the deadline: they are repeated
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
class TimedControl(Control):
    """Records the time of each request."""

    times: list[float] = field(default_factory=list)

    @contextmanager
    def track(self, request: LoggedRequest) -> Iterator[None]:
        self.times.append(time.monotonic())
        with super().track(request):
            yield

    @property
    def worst_window(self) -> float:
        """Calls above the limit in the fullest window of any length; negative if no window exceeds the limit."""
        times = sorted(self.times)
        return max(
            last - first + 1 - (BURST + RATE * (times[last] - times[first]))
            for first in range(len(times))
            for last in range(first, len(times))
        )


@pytest.fixture
def palette() -> SandboxApi:
    api = create_sandbox().apis["spectrocloud"]
    api.control = TimedControl()
    while len(_uids(api)) < INVOICES:
        api.post_invoice()
    return api


@asynccontextmanager
async def start_service(palette: SandboxApi, folder: Path, *options: str) -> AsyncIterator[ServiceProcess]:
    async with serve(palette) as url:
        account = palette.account(url)
        config_path = folder / "palette.toml"
        config_path.write_text(CONFIGURATION.format(deadline=DEADLINE, uids=_uids(palette), **account))
        async with start_command(
            "serve", "--config", str(config_path), "--port", "0", *options, PALETTE_KEY=palette.key
        ) as service:
            yield service


async def test_200_requests_by_id_respect_the_rate_limit(palette: SandboxApi, tmp_path: Path) -> None:
    dice = random.Random(1)
    async with start_service(palette, tmp_path) as service:
        responses = await post_concurrently(
            service.url, [_by_id(dice.sample(_uids(palette), INVOICES_PER_REQUEST)) for _ in range(REQUESTS)]
        )
        _assert_limits_are_kept(palette, responses)
        codes = Counter(error["extensions"]["code"] for *_, payload in responses for error in payload.get("errors", []))
        assert codes.keys() <= {"RATE_LIMITED", "TIMED_OUT"}
        assert codes["RATE_LIMITED"] > REQUESTS > codes["TIMED_OUT"]  # several requests miss a cancelled call
        await _assert_later_requests_use_the_cache(palette, service)


async def test_200_list_requests_respect_the_rate_limit(palette: SandboxApi, tmp_path: Path) -> None:
    async with start_service(palette, tmp_path) as service:
        responses = await post_concurrently(service.url, [LIST] * REQUESTS)
        _assert_limits_are_kept(palette, responses)
        assert {(*_coverage(payload), "errors" in payload) for *_, payload in responses} == {
            ("PARTIAL", "RATE_LIMITED", False)
        }
        assert all(payload["data"]["invoices"]["nodes"] for *_, payload in responses)
        await _assert_later_requests_use_the_cache(palette, service)


def _assert_limits_are_kept(palette: SandboxApi, responses: list[TimedResponse]) -> None:
    """Every response meets the deadline and explains missing data; the provider's limit is respected and used up."""
    control = palette.control
    assert isinstance(control, TimedControl)
    assert {status for status, *_ in responses} == {200}
    assert max(seconds for _, seconds, _ in responses) < DEADLINE + GRACE
    assert {
        tuple(payload["extensions"]["coverage"][0][key] for key in ("status", "code")) for *_, payload in responses
    } <= {
        ("PARTIAL", "RATE_LIMITED"),
        ("COMPLETE", None),
    }
    assert control.worst_window < 0
    assert len(control.times) - len(control.counts) <= MAX_CANCELLED_CALLS
    assert len(control.times) > BURST


async def _assert_later_requests_use_the_cache(palette: SandboxApi, service: ServiceProcess) -> None:
    """The next request gets all fetched invoices from the cache and fetches none of them again."""
    cached_count = len(palette.control.counts)
    payload = (await service.query(LIST)).json()
    assert len(payload["data"]["invoices"]["nodes"]) >= cached_count - MAX_CANCELLED_CALLS
    assert len(palette.control.requests) - len(palette.control.counts) <= MAX_CANCELLED_CALLS


def _coverage(payload: dict[str, Any]) -> tuple[str, str]:
    (entry,) = payload["data"]["invoices"]["coverage"]
    return entry["status"], entry["code"]


def _by_id(uids: list[str]) -> str:
    fields = (f'i{n}: invoice(id: "spectrocloud/palette/invoice/{uid}") {{ id }}' for n, uid in enumerate(uids))
    return f"{{ {' '.join(fields)} }}"


def _uids(palette: SandboxApi) -> list[str]:
    uids: list[str] = palette.uids  # type: ignore[attr-defined]
    return uids
