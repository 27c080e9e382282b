"""Streams and WebSockets end when their credential is revoked or gets other grants."""

import asyncio

import pytest

from providers.sandbox import Fault
from server.access.authenticator import Authenticator
from server.access.credentials import Credentials
from server.access.session import CallerSession
from server.config.access import AccessSettings
from server.config.settings import SubscriptionSettings
from tests.harness import running_service
from tests.streams.clients import CHANGED, POLL, events, filter_by, open_socket, wait_for_polls
from tests.streams.test_incremental import FAST_FIRST, parts_of

from .callers import KEY, ONE_KEY, REFUSED, api_key, keys_of

BEARER = {"Authorization": f"Bearer {KEY}"}
REVOKED = keys_of(api_key("other", "another key"))
FEWER = keys_of(api_key("finance", KEY, ("fastly/*",)))
EXPIRED = (4403, "Forbidden: the credential has expired or was revoked.")
SUBSCRIPTIONS = SubscriptionSettings(poll=POLL)
CHANGES = {"query": CHANGED, "variables": filter_by("fastly")}
changed = pytest.mark.parametrize("access", [REVOKED, FEWER], ids=["revoked", "fewer accounts"])


@changed
async def test_a_websocket_ends_with_its_next_operation(access: AccessSettings) -> None:
    async with running_service(access=ONE_KEY) as service, open_socket(service, init=False) as socket:
        await socket.send("connection_init", payload=BEARER)
        assert await socket.receive() == {"type": "connection_ack"}
        service.app.state.authenticator.apply_settings(access)
        await socket.send("subscribe", "1", {"query": "{ accounts { id } }"})
        assert await socket.wait_closed() == EXPIRED

    assert service.all_calls() == []


@changed
async def test_a_websocket_ends_with_its_next_event(access: AccessSettings) -> None:
    async with (
        running_service(access=ONE_KEY, subscriptions=SUBSCRIPTIONS) as service,
        open_socket(service, init=False) as socket,
    ):
        await socket.send("connection_init", payload=BEARER)
        assert await socket.receive() == {"type": "connection_ack"}
        await socket.send("subscribe", "1", CHANGES)
        await wait_for_polls(service, "fastly")
        service.app.state.authenticator.apply_settings(access)
        service.api("fastly").post_invoice()
        assert await socket.wait_closed() == EXPIRED


@changed
async def test_an_event_stream_ends_with_its_next_event(access: AccessSettings) -> None:
    async with (
        running_service(access=ONE_KEY, subscriptions=SUBSCRIPTIONS) as service,
        events(service, CHANGES, **BEARER) as stream,
    ):
        first = asyncio.ensure_future(anext(stream))
        await wait_for_polls(service, "fastly")
        service.api("fastly").post_invoice()
        assert (await first)[1]["data"]["invoiceChanged"]["kind"] == "NEW"
        service.app.state.authenticator.apply_settings(access)
        service.api("fastly").post_invoice()

        assert [event async for event in stream] == [("next", {"errors": [REFUSED]}), ("complete", None)]


@changed
async def test_a_deferred_part_is_not_sent(access: AccessSettings) -> None:
    async with running_service(access=ONE_KEY) as service:
        service.control("fastly").faults.append(Fault(kind="delay", seconds=0.5))
        async with parts_of(service, FAST_FIRST, **BEARER) as parts:
            first = await anext(parts)
            service.app.state.authenticator.apply_settings(access)
            rest = [part async for part in parts]

    assert first["data"]["archera"]["nodes"] != []
    assert rest == [{"errors": [REFUSED], "hasNext": False}]


async def test_a_silent_session_expires_too() -> None:
    authenticator = Authenticator(ONE_KEY)
    session = CallerSession(authenticator, Credentials([(b"authorization", f"Bearer {KEY}".encode())]))
    await session.start(None)
    expiring = asyncio.ensure_future(session.wait_until_expired(0.01))
    await asyncio.wait([expiring], timeout=0.1)
    assert not expiring.done()

    authenticator.apply_settings(REVOKED)
    async with asyncio.timeout(10):
        await expiring
