"""How one account's calls leave, and which are made again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from providers import PROVIDERS
from providers.base import Window
from providers.calls import Calls
from providers.errors import (
    Forbidden,
    NotFound,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthorized,
    Unavailable,
    Unintelligible,
)
from providers.http import Http
from providers.limit import RateLimit
from tests.providers.source import connected_to
from tests.providers.virtual import in_virtual_time, now

URL = "https://api.test/invoices"
EVERYTHING = (Window(), None)
Answering = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Provider:
    """Answers with the statuses given, then with 200; notes when it was asked."""

    def __init__(self, *statuses: int, seconds: float = 0, headers: dict[str, str] | None = None) -> None:
        self.statuses, self.seconds, self.headers = list(statuses), seconds, headers
        self.asked: list[float] = []

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked.append(now())
        status = self.statuses.pop(0) if self.statuses else 200
        await asyncio.sleep(self.seconds)
        return httpx.Response(status, headers=self.headers, text="{}")


def calls_to(provider: Any, limit: RateLimit | None = None, **settings: Any) -> Calls:
    """An account's calls, answered by a function instead of a network."""
    account = PROVIDERS["fastly"].settings.model_validate(
        {"id": "cdn", "provider": "fastly", "api_key": SecretStr("key"), "base_url": "https://api.test"}
        | {"attempts": 3}
        | settings
    )
    client = httpx.AsyncClient(transport=httpx.MockTransport(provider))
    return Calls(account, Http(account, client), limit)


async def got(calls: Calls, until: float = 10) -> int | type[ProviderError]:
    """The status, or the failure's kind."""
    try:
        return (await calls.get(URL, {}, until)).status
    except ProviderError as failure:
        return type(failure)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@in_virtual_time
async def test_what_may_pass_is_tried_again(status: int) -> None:
    provider = Provider(status, status)

    assert await got(calls_to(provider)) == 200
    assert len(provider.asked) == 3
    assert provider.asked[-1] < 1


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        *((status, Unavailable) for status in (302, 400, 409, 422, 501)),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
    ],
)
@in_virtual_time
async def test_what_will_not_pass_is_asked_once(status: int, failure: type[ProviderError]) -> None:
    provider = Provider(status)

    assert await got(calls_to(provider)) is failure
    assert provider.asked == [0]


@in_virtual_time
async def test_attempts_are_bounded_and_the_last_failure_is_the_answer() -> None:
    provider = Provider(500, 503, 429, 200)

    assert await got(calls_to(provider, attempts=3)) is RateLimited
    assert len(provider.asked) == 3


@in_virtual_time
async def test_one_attempt_is_one_call() -> None:
    provider = Provider(503)

    assert await got(calls_to(provider, attempts=1)) is Unavailable
    assert len(provider.asked) == 1


@in_virtual_time
async def test_a_connection_that_fails_is_tried_again() -> None:
    asked = []

    def provider(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if len(asked) < 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200)

    assert await got(calls_to(provider)) == 200
    assert len(asked) == 3


@in_virtual_time
async def test_retry_after_is_waited_for_in_seconds() -> None:
    provider = Provider(429, headers={"Retry-After": "7"})

    assert await got(calls_to(provider)) == 200
    assert provider.asked[0] == 0
    assert 7 <= provider.asked[1] < 7.3


@in_virtual_time
async def test_retry_after_is_waited_for_as_a_date() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    provider = Provider(503, headers={"Retry-After": at})

    assert await got(calls_to(provider), until=100) == 200
    assert 55 < provider.asked[1] <= 60.3


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-1", "1.5", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"],
)
@in_virtual_time
async def test_a_retry_after_that_says_nothing_is_waited_for_as_if_it_were_not_there(value: str) -> None:
    provider = Provider(503, headers={"Retry-After": value})

    assert await got(calls_to(provider)) == 200
    assert provider.asked[1] < 0.3


@pytest.mark.parametrize(("status", "failure"), [(429, RateLimited), (503, Unavailable)])
@in_virtual_time
async def test_a_retry_after_beyond_the_deadline_fails_at_once(status: int, failure: type[ProviderError]) -> None:
    provider = Provider(status, headers={"Retry-After": "10"})

    assert await got(calls_to(provider), until=10) is failure
    assert provider.asked == [0]
    assert now() == 0


@in_virtual_time
async def test_no_call_lasts_beyond_the_deadline() -> None:
    provider = Provider(500, 500, seconds=4)

    assert await got(calls_to(provider), until=10) is TimedOut
    assert len(provider.asked) == 3
    assert now() == pytest.approx(10)


@in_virtual_time
async def test_callers_that_failed_together_do_not_come_back_together() -> None:
    provider = Provider(*[429] * 30, headers={"Retry-After": "5"})
    accounts = [calls_to(provider) for _ in range(30)]

    assert set(await asyncio.gather(*map(got, accounts))) == {200}
    again = provider.asked[30:]
    assert len(set(again)) == 30
    assert max(again) - min(again) > 0.01


@in_virtual_time
async def test_no_more_calls_are_under_way_than_the_account_allows() -> None:
    provider = Provider(seconds=1)
    calls = calls_to(provider, concurrency=4)

    await asyncio.gather(*(got(calls) for _ in range(10)))

    assert provider.asked == pytest.approx([0] * 4 + [1] * 4 + [2] * 2)


@in_virtual_time
async def test_accounts_at_one_host_share_its_rate() -> None:
    provider, limit = Provider(), RateLimit(rate=10, burst=5)
    accounts = [calls_to(provider, limit, id=name) for name in ("one", "two")]

    assert await asyncio.gather(*(got(calls) for _ in range(4) for calls in accounts)) == [200] * 8

    assert provider.asked == pytest.approx([0] * 5 + [0.1, 0.2, 0.3])


@in_virtual_time
async def test_what_the_rate_does_not_let_through_in_time_is_refused_at_once_and_the_rest_answered() -> None:
    provider, limit = Provider(seconds=0.42), RateLimit(rate=10, burst=50)
    calls = calls_to(provider, limit, concurrency=64)

    outcomes = await asyncio.gather(*(got(calls) for _ in range(200)))
    assert set(outcomes) == {200, RateLimited}
    assert 135 <= outcomes.count(200) <= 145
    assert len(provider.asked) == outcomes.count(200)
    assert now() < 10

    assert await got(calls, until=now() + 10) == 200


@in_virtual_time
async def test_waiting_in_the_queue_is_no_failure_of_the_provider() -> None:
    """With one call at a time most run out of time before they leave: the next request is not refused for it."""
    provider = Provider(seconds=1)
    calls = calls_to(provider, concurrency=1)

    outcomes = await asyncio.gather(*(got(calls, until=2.5) for _ in range(20)))
    assert (outcomes.count(200), outcomes.count(TimedOut)) == (2, 18)

    assert await got(calls) == 200


@in_virtual_time
async def test_a_provider_that_is_down_is_left_alone_and_found_again_by_one_probe() -> None:
    provider = Provider(*[500] * 5)
    calls = calls_to(provider, attempts=1)
    assert await asyncio.gather(*(got(calls) for _ in range(5))) == [Unavailable] * 5

    assert await asyncio.gather(*(got(calls) for _ in range(50))) == [Unavailable] * 50
    assert len(provider.asked) == 5

    await asyncio.sleep(10)
    provider.seconds = 1
    outcomes = await asyncio.gather(*(got(calls, until=20) for _ in range(50)))
    assert outcomes.count(200) == 1
    assert len(provider.asked) == 6

    assert await asyncio.gather(*(got(calls, until=30) for _ in range(50))) == [200] * 50


@in_virtual_time
async def test_what_waits_for_its_turn_does_not_leave_for_a_provider_that_has_gone_down_since() -> None:
    provider = Provider(*[500] * 100, seconds=1)
    calls = calls_to(provider, attempts=1, concurrency=5)

    assert await asyncio.gather(*(got(calls) for _ in range(100))) == [Unavailable] * 100
    assert len(provider.asked) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
@in_virtual_time
async def test_a_refusal_shows_that_the_provider_is_there(status: int) -> None:
    provider = Provider(*[status] * 20)
    calls = calls_to(provider, attempts=1)

    for _ in range(20):
        await got(calls)

    assert await got(calls) == 200


@in_virtual_time
async def test_hanging_opens_the_breaker_and_a_caller_who_leaves_does_not() -> None:
    provider = Provider(seconds=3600)
    calls = calls_to(provider)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(got(calls), 1)
    assert len(provider.asked) == 5

    assert await asyncio.gather(*(got(calls) for _ in range(5))) == [TimedOut] * 5
    assert await got(calls) is Unavailable
    assert len(provider.asked) == 10


async def test_half_a_body_is_asked_for_again() -> None:
    async with connected_to("fastly", attempts=3) as account:
        account.fails("half", times=2)

        page = await account.source.page(*EVERYTHING)

        assert page.invoices
        assert len(account.calls) == 3


async def test_a_body_that_stays_half_cannot_be_understood() -> None:
    async with connected_to("fastly", attempts=3) as account:
        account.fails("half")

        with pytest.raises(Unintelligible):
            await account.source.page(*EVERYTHING)

        assert len(account.calls) == 3


async def test_a_broken_connection_is_made_again() -> None:
    async with connected_to("fastly", attempts=3) as account:
        account.fails("reset", times=2)

        assert (await account.source.page(*EVERYTHING)).invoices
        assert len(account.calls) == 3


@in_virtual_time
async def test_the_status_of_a_refusal_stands_whatever_its_body() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.ReadError("gone")

    assert await got(calls_to(lambda _: httpx.Response(401, content=endless()))) is Unauthorized
