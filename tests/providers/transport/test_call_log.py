"""The log line of a call that failed after its last attempt."""

import asyncio

import httpx
from structlog.testing import capture_logs

from providers.errors import TimedOut
from tests.providers.calling import StubProvider, call, caller_of
from tests.providers.virtual import in_virtual_time


@in_virtual_time
async def test_the_log_tells_a_slow_connection_from_a_slow_response() -> None:
    async def connects_never(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(request.extensions["timeout"]["connect"])
        raise httpx.ConnectTimeout("slow")

    with capture_logs() as logs:
        assert await call(caller_of(connects_never), deadline=10) is TimedOut
        assert await call(caller_of(StubProvider(latency_seconds=20)), deadline=20) is TimedOut

    assert [(log["cause"], log["attempt"], log["duration_seconds"]) for log in logs] == [
        ("connect_timeout", 3, 10),
        ("no_response", 1, 10),
    ]


@in_virtual_time
async def test_a_call_that_succeeds_at_last_leaves_no_line() -> None:
    with capture_logs() as logs:
        assert await call(caller_of(StubProvider(500, 503))) == 200

    assert logs == []
