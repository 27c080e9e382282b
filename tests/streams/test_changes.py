"""The changes that subscribers get, and the provider calls that they cost."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from strawberry import ID

from providers.call import CallContext
from providers.sandbox import Fault
from providers.source import DateWindow
from resolvers.change_feed import MAX_PENDING_CHANGES
from resolvers.grants import EVERYTHING
from schema.payment import PaymentStatus
from schema.subscription import InvoiceChange, InvoiceChangeKind
from tests.harness import Service

from .clients import CHANGED, events, filter_by, open_socket, polling_service, wait_for_polls

PALETTE = filter_by("spectrocloud")


async def _next_change(stream: Any) -> Any:
    async with asyncio.timeout(10):
        _, result = await anext(stream)
    assert "errors" not in result, result
    return result["data"]["invoiceChanged"]


def _uids(service: Service) -> list[str]:
    uids: list[str] = service.api("spectrocloud").uids  # type: ignore[attr-defined]
    return uids


async def _unpaid_uid(service: Service) -> str:
    query = '{ invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) { nodes { id paymentStatus } } }'
    nodes = (await service.data(query))["invoices"]["nodes"]
    uid: str = next(node["id"] for node in nodes if node["paymentStatus"] != "PAID").rpartition("/")[2]
    return uid


def _take_requested_uids(service: Service) -> list[str]:
    """The uids that Palette was asked for since the last time, with repetitions. Resets the recorded calls."""
    uids = [path.rpartition("/")[2] for path in service.calls("spectrocloud")]
    service.reset_calls()
    return uids


async def _wait_for_subscribers(service: Service, number: int) -> None:
    feed = service.app.state.runner.change_feed
    async with asyncio.timeout(10):
        while len(feed.subscribers) < number:  # noqa: ASYNC110 (nothing to wait on)
            await asyncio.sleep(0.01)


async def test_first_poll_sends_nothing_and_a_new_invoice_does() -> None:
    async with (
        polling_service() as service,
        events(service, {"query": CHANGED, "variables": filter_by("fastly")}) as stream,
    ):
        change = asyncio.create_task(_next_change(stream))
        await wait_for_polls(service, "fastly", 2)
        assert not change.done()

        new_invoice = service.api("fastly").post_invoice()

        event = await change
    assert event["kind"] == "NEW"
    assert event["invoice"]["id"] == f"fastly/sandbox-fastly/invoice/{new_invoice}"


async def test_two_hundred_subscribers_share_the_polls() -> None:
    async with polling_service() as service, open_socket(service) as first, open_socket(service) as second:
        moving_uid = await _unpaid_uid(service)
        for client in (first, second):
            for number in range(100):
                await client.send("subscribe", str(number), {"query": CHANGED, "variables": PALETTE})
        await _wait_for_subscribers(service, 200)
        await wait_for_polls(service, "spectrocloud", len(_uids(service)))
        _take_requested_uids(service)
        await wait_for_polls(service, "spectrocloud")
        requested = _take_requested_uids(service)

        service.api("spectrocloud").advance_payment(moving_uid)
        messages = [await client.receive() for client in (first, second) for _ in range(100)]

    assert len(set(requested)) < len(_uids(service))  # settled invoices are not polled
    assert max(requested.count(uid) for uid in requested) <= 2  # the test may see two polls; subscribers do not count
    assert {message["type"] for message in messages} == {"next"}
    changes = [message["payload"]["data"]["invoiceChanged"] for message in messages]
    assert [change["kind"] for change in changes] == ["PAYMENT"] * 200
    assert {change["invoice"]["id"] for change in changes} == {f"spectrocloud/sandbox-palette/invoice/{moving_uid}"}


async def test_queries_see_the_data_of_a_poll() -> None:
    async with polling_service() as service, events(service, {"query": CHANGED, "variables": PALETTE}) as stream:
        moving_uid = await _unpaid_uid(service)
        change = asyncio.create_task(_next_change(stream))
        await wait_for_polls(service, "spectrocloud", len(_uids(service)))
        service.api("spectrocloud").advance_payment(moving_uid)
        event = await change
        data = await service.data(f'{{ invoice(id: "{event["invoice"]["id"]}") {{ id paymentStatus }} }}')

    assert data["invoice"] == event["invoice"]


async def test_failing_provider_loses_no_change() -> None:
    async with (
        polling_service() as service,
        events(service, {"query": CHANGED, "variables": filter_by("archera")}) as stream,
    ):
        change = asyncio.create_task(_next_change(stream))
        await wait_for_polls(service, "archera")
        service.control("archera").faults.append(Fault(kind="status", status=500, times=2))
        new_invoice = service.api("archera").post_invoice()

        assert (await change)["invoice"]["id"] == f"archera/sandbox-archera/invoice/{new_invoice}"


async def test_polling_ends_with_the_last_subscriber() -> None:
    async with polling_service() as service:
        async with events(service, {"query": CHANGED, "variables": filter_by("fastly")}):
            await wait_for_polls(service, "fastly", 2)
        runner = service.app.state.runner
        async with asyncio.timeout(10):
            while runner.change_feed.subscribers or runner.change_feed.polls or runner.streams.slots.taken:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        service.reset_calls()
        await asyncio.sleep(0.3)

        assert [service.calls(provider) for provider in ("archera", "fastly", "spectrocloud")] == [[], [], []]


async def test_filter_applies_to_changes() -> None:
    variables = {"of": {"providers": ["fastly"], "paymentStatus": ["PAID"]}}
    async with polling_service() as service, events(service, {"query": CHANGED, "variables": variables}) as stream:
        change = asyncio.create_task(_next_change(stream))
        await wait_for_polls(service, "fastly")
        new_invoice = service.api("fastly").post_invoice()
        await wait_for_polls(service, "fastly", 2)
        assert not change.done()
        while service.api("fastly").advance_payment(new_invoice) != "paid":
            pass

        event = await change
    assert (event["kind"], event["invoice"]["paymentStatus"]) == ("PAYMENT", "PAID")


@pytest.mark.parametrize(
    ("invoice_filter", "message"),
    [
        ({"totalMin": "1"}, "totalMin and totalMax require exactly one currency."),
        ({"periodFrom": "2026-02-01", "periodTo": "2026-01-01"}, "periodFrom must be on or before periodTo."),
    ],
)
async def test_contradictory_filter_ends_the_stream(invoice_filter: Any, message: str) -> None:
    async with (
        polling_service() as service,
        events(service, {"query": CHANGED, "variables": {"of": invoice_filter}}) as stream,
    ):
        (_, result), last = [event async for event in stream]

    assert [(error["message"], error["extensions"]["code"]) for error in result["errors"]] == [
        (message, "BAD_USER_INPUT")
    ]
    assert last == ("complete", None)


async def test_event_contains_the_selected_fields() -> None:
    query = (
        "subscription { invoiceChanged { kind invoice { id lineItems(first: 1) { totalCount } account { name } } } }"
    )
    async with polling_service() as service, open_socket(service) as client:
        await client.send("subscribe", "1", {"query": query})
        await _first_polls(service)
        new_invoice = service.api("archera").post_invoice()
        message = await client.receive()

    invoice = message["payload"]["data"]["invoiceChanged"]["invoice"]
    assert invoice["id"].endswith(new_invoice)
    assert invoice["lineItems"]["totalCount"] > 0
    assert invoice["account"] == {"name": "Archera (sandbox)"}
    assert [entry["account"] for entry in message["payload"]["extensions"]["coverage"]] == ["archera/sandbox-archera"]


async def test_a_filter_on_failures_polls_who_states_them() -> None:
    unpaid = "{ invoices(first: 99, filterBy: {paymentStatus: [UNRECOGNIZED]}) { nodes { id failedAttempts } } }"
    body = {"query": CHANGED, "variables": {"of": {"everFailed": True}}}
    async with polling_service() as service:
        nodes = (await service.data(unpaid))["invoices"]["nodes"]
        service.reset_calls()
        async with events(service, body) as stream:
            await wait_for_polls(service, "spectrocloud", len(_uids(service)))
            for node in sorted(nodes, key=lambda node: node["failedAttempts"])[
                :2
            ]:  # one without a failure, and one with
                service.api("spectrocloud").advance_payment(node["id"].rpartition("/")[2])
            change = await _next_change(stream)

        assert [node["failedAttempts"] for node in nodes if node["id"] == change["invoice"]["id"]] == [1]
        assert service.calls("fastly") == service.calls("archera") == []


async def _first_polls(service: Service) -> None:
    await wait_for_polls(service, "spectrocloud", len(_uids(service)))
    await wait_for_polls(service, "archera")
    await wait_for_polls(service, "fastly")


async def test_slow_subscriber_ends_with_an_error() -> None:
    query = "subscription { invoiceChanged { invoice { details { reference } } } }"
    async with polling_service() as service, events(service, {"query": query}) as stream:
        await wait_for_polls(service, "fastly")
        (subscriber,) = service.app.state.runner.change_feed.subscribers
        for change in await _many_changes(service):  # without a pause: the subscriber takes none in between
            subscriber.publish(change)
        (name, result), last = [event async for event in stream]

    assert (name, last) == ("next", ("complete", None))
    assert [(error["message"], error["extensions"]["code"]) for error in result["errors"]] == [
        ("The subscription fell too far behind: read the list, and subscribe again.", "UNAVAILABLE")
    ]


async def test_only_the_newest_change_of_an_invoice_is_sent() -> None:
    async with polling_service() as service, events(service, {"query": CHANGED}) as stream:
        await wait_for_polls(service, "fastly")
        (subscriber,) = service.app.state.runner.change_feed.subscribers
        change, *_ = await _many_changes(service)
        for status in (PaymentStatus.PENDING, PaymentStatus.FAILED, PaymentStatus.PAID):
            subscriber.publish(replace(change, invoice=replace(change.invoice, payment_status=status)))

        assert (await _next_change(stream))["invoice"]["paymentStatus"] == "PAID"


async def _many_changes(service: Service) -> list[InvoiceChange]:
    """Changes to different invoices, one more than a subscriber may be behind."""
    accounts = service.app.state.runner.views.of(EVERYTHING).accounts
    page = await accounts["fastly/sandbox-fastly"].source.pages.get((DateWindow(), None), CallContext())
    invoices = (replace(page.invoices[0], id=ID(f"{number}")) for number in range(MAX_PENDING_CHANGES + 1))
    return [InvoiceChange(kind=InvoiceChangeKind.NEW, invoice=invoice) for invoice in invoices]
