"""Failures of provider calls map to distinct errors, for every provider."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from providers.call import CallContext
from providers.deadline import loop_time
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

from .source import ALL_PROVIDERS, UNBOUNDED, Connected, connected_to

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


@pytest.fixture(params=sorted(ALL_PROVIDERS))
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[Connected]:
    async with connected_to(request.param) as connected:
        yield connected


@pytest.mark.parametrize(("status", "error"), STATUSES)
async def test_each_status_maps_to_its_error(provider: Connected, status: int, error: type[ProviderError]) -> None:
    key = await provider.newest_key()
    provider.inject_fault("status", status=status)

    with pytest.raises(error) as failure:
        await provider.source.invoice(key, CallContext())

    assert type(failure.value) is error
    assert failure.value.account_ref == provider.source.settings.account_ref


@pytest.mark.parametrize("name", [name for name in sorted(ALL_PROVIDERS) if ALL_PROVIDERS[name].has_list_endpoint])
@pytest.mark.parametrize(("status", "error"), [*STATUSES, (404, NotFound)])
async def test_a_failed_list_call_raises(name: str, status: int, error: type[ProviderError]) -> None:
    async with connected_to(name) as provider:
        provider.inject_fault("status", status=status)

        with pytest.raises(error):
            await provider.source.page(UNBOUNDED, None, CallContext())


async def test_a_missing_invoice_is_none(provider: Connected) -> None:
    key = await provider.newest_key()
    provider.inject_fault("status", status=404)

    assert await provider.source.invoice(key, CallContext()) is None


async def test_a_truncated_body_is_unintelligible(provider: Connected) -> None:
    key = await provider.newest_key()
    provider.inject_fault("half")

    with pytest.raises(Unintelligible, match="it is cut short"):
        await provider.source.invoice(key, CallContext())


@pytest.mark.parametrize("body", GARBAGE)
async def test_a_body_that_is_not_json_is_unintelligible(provider: Connected, body: str) -> None:
    key = await provider.newest_key()
    provider.respond_with(body)

    with pytest.raises(Unintelligible, match="it is not JSON"):
        await provider.source.invoice(key, CallContext())


@pytest.mark.parametrize("body", NO_INVOICE)
async def test_json_that_is_no_invoice_is_unintelligible(provider: Connected, body: str) -> None:
    key = await provider.newest_key()
    provider.respond_with(body)

    with pytest.raises(Unintelligible):
        await provider.source.invoice(key, CallContext())


async def test_another_invoice_is_unintelligible(provider: Connected) -> None:
    newest, other = (await provider.page_keys())[:2]
    invoice = await provider.source.invoice(other, CallContext())
    assert invoice is not None
    provider.respond_with(_json(invoice.payload))

    with pytest.raises(Unintelligible, match="it is about another invoice"):
        await provider.source.invoice(newest, CallContext())


async def test_a_reset_connection_is_unavailable(provider: Connected) -> None:
    key = await provider.newest_key()
    provider.inject_fault("reset")

    with pytest.raises(Unavailable):
        await provider.source.invoice(key, CallContext())


async def test_an_unreachable_provider_is_unavailable(provider: Connected) -> None:
    key = await provider.newest_key()

    async with connected_to(provider.sandbox.id, base_url="http://127.0.0.1:1") as unreachable:
        with pytest.raises(Unavailable):
            await unreachable.source.invoice(key, CallContext())


async def test_a_silent_provider_times_out_at_the_deadline(provider: Connected) -> None:
    key = await provider.newest_key()
    provider.inject_fault("hang")

    with pytest.raises(TimedOut):
        await provider.source.invoice(key, CallContext(loop_time() + 0.2))


async def test_no_call_is_made_after_the_deadline(provider: Connected) -> None:
    key = await provider.newest_key()
    provider.sandbox.control.reset_requests()

    with pytest.raises(TimedOut):
        await provider.source.invoice(key, CallContext(loop_time() - 1))

    assert provider.calls == []


async def test_concurrent_calls_are_limited_per_account(provider: Connected) -> None:
    keys = (await provider.page_keys())[:12]

    async with connected_to(provider.sandbox.id, concurrency=3) as client:
        invoices = await asyncio.gather(*(client.source.invoice(key, CallContext()) for key in keys))

        assert None not in invoices
        assert 1 <= client.sandbox.control.max_in_flight <= 3


def test_each_error_has_its_own_code() -> None:
    codes = [error.code for error in ProviderError.__subclasses__()]

    assert len(set(codes)) == len(codes)
    assert set(FailureCode) - set(codes) == {FailureCode.UNLISTED}  # UNLISTED is no failure of a call


def _json(payload: object) -> str:
    """Return a payload with its numbers as text, which every field reader accepts."""
    return json.dumps(payload)
