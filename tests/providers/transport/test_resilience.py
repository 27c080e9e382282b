"""How one account's calls leave, and which are made again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

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
from providers.source import DateWindow
from tests.providers.calling import Provider, calls_to, got
from tests.providers.source import connected_to
from tests.providers.virtual import in_virtual_time, now

EVERYTHING = (DateWindow(), None)


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
