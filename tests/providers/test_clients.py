"""What goes wrong on the way to a provider is told apart, for every provider alike."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from providers import PROVIDERS
from providers.deadline import deadline
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
from schema.coverage import FailureCode

from .source import EVER, Connected, connected_to

STATUSES: list[tuple[int, type[ProviderError]]] = [
    (400, Unavailable),
    (401, Unauthorized),
    (403, Forbidden),
    (405, Unavailable),
    (409, Unavailable),
    (418, Unavailable),
    (422, Unavailable),
    (429, RateLimited),
    (500, Unavailable),
    (502, Unavailable),
    (503, Unavailable),
    (504, Unavailable),
]
GARBAGE = [
    "",
    "<html>",
    "{",
    '{"data": [',
    "NaN",
    "Infinity",
    "[NaN]",
    '{"total": -Infinity}',
    "[1e]",
    "[01]",
    "[" * 100_000,
    '{"a": "\\ud800"}',
    '{"a": "\\ud800", "b": -0}',
    "\ufeff{}",
    "'{}'",
    "{} {}",
]
NO_INVOICE = ["null", "true", "5", '"text"', "[]", "{}", "[[]]", "[{}]"]


@pytest.fixture(params=sorted(PROVIDERS))
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Connected]:
    async with connected_to(request.param) as connected:
        yield connected


@pytest.mark.parametrize(("status", "error"), STATUSES)
async def test_a_status_is_an_error_of_its_own(provider: Connected, status: int, error: type[ProviderError]) -> None:
    native = await provider.native()
    provider.fails("status", status=status)

    with pytest.raises(error) as failure:
        await provider.source.invoice(native)

    assert type(failure.value) is error
    assert failure.value.owner == provider.source.settings.owner


@pytest.mark.parametrize("name", [name for name in sorted(PROVIDERS) if PROVIDERS[name].has_list_endpoint])
@pytest.mark.parametrize(("status", "error"), [*STATUSES, (404, NotFound)])
async def test_a_list_that_is_refused_is_an_error(name: str, status: int, error: type[ProviderError]) -> None:
    async with connected_to(name) as provider:
        provider.fails("status", status=status)

        with pytest.raises(error):
            await provider.source.page(EVER, None)


async def test_an_invoice_that_is_not_found_is_null_and_no_error(provider: Connected) -> None:
    native = await provider.native()
    provider.fails("status", status=404)

    assert await provider.source.invoice(native) is None


async def test_half_a_body_is_unintelligible(provider: Connected) -> None:
    native = await provider.native()
    provider.fails("half")

    with pytest.raises(Unintelligible, match="it is cut short"):
        await provider.source.invoice(native)


@pytest.mark.parametrize("body", GARBAGE)
async def test_what_is_not_json_is_unintelligible(provider: Connected, body: str) -> None:
    native = await provider.native()
    provider.says(body)

    with pytest.raises(Unintelligible, match="it is not JSON"):
        await provider.source.invoice(native)


@pytest.mark.parametrize("body", NO_INVOICE)
async def test_what_is_no_invoice_is_unintelligible(provider: Connected, body: str) -> None:
    native = await provider.native()
    provider.says(body)

    with pytest.raises(Unintelligible):
        await provider.source.invoice(native)


async def test_another_invoice_than_the_one_asked_for_is_unintelligible(provider: Connected) -> None:
    newest, other = (await provider.natives())[:2]
    invoice = await provider.source.invoice(other)
    assert invoice is not None
    provider.says(_json(invoice.payload))

    with pytest.raises(Unintelligible, match="it is about another invoice"):
        await provider.source.invoice(newest)


async def test_a_connection_that_is_reset_is_unavailable(provider: Connected) -> None:
    native = await provider.native()
    provider.fails("reset")

    with pytest.raises(Unavailable):
        await provider.source.invoice(native)


async def test_a_provider_that_cannot_be_reached_is_unavailable(provider: Connected) -> None:
    native = await provider.native()

    async with connected_to(provider.sandbox.id, base_url="http://127.0.0.1:1") as lost:
        with pytest.raises(Unavailable):
            await lost.source.invoice(native)


async def test_a_provider_that_never_answers_is_timed_out_at_the_deadline(provider: Connected) -> None:
    native = await provider.native()
    provider.fails("hang")
    until = deadline.set(asyncio.get_running_loop().time() + 0.2)

    try:
        with pytest.raises(TimedOut):
            await provider.source.invoice(native)
    finally:
        deadline.reset(until)


async def test_after_the_deadline_nobody_is_asked(provider: Connected) -> None:
    native = await provider.native()
    provider.sandbox.control.reset_requests()
    past = deadline.set(asyncio.get_running_loop().time() - 1)

    try:
        with pytest.raises(TimedOut):
            await provider.source.invoice(native)
    finally:
        deadline.reset(past)

    assert provider.calls == []


async def test_no_more_calls_are_under_way_than_the_account_allows(provider: Connected) -> None:
    natives = (await provider.natives())[:12]

    async with connected_to(provider.sandbox.id, concurrency=3) as narrow:
        found = await asyncio.gather(*map(narrow.source.invoice, natives))

        assert None not in found
        assert 1 <= narrow.sandbox.control.most_in_flight <= 3


def test_every_failure_has_a_code_of_its_own() -> None:
    codes = [error.code for error in ProviderError.__subclasses__()]

    assert len(set(codes)) == len(codes)
    assert set(FailureCode) - set(codes) == {FailureCode.UNLISTED}  # which is no failure


def _json(wire: object) -> str:
    """The wire with its numbers as text, which every reader takes."""
    return json.dumps(wire)
