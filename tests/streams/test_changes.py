"""What subscribers are told, and what it costs at the providers."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from providers.sandbox import Fault
from providers.source import DateWindow
from resolvers.change_feed import MAX_PENDING_CHANGES
from schema.payment import PaymentStatus
from schema.subscription import InvoiceChange, InvoiceChangeKind
from tests.harness import Service

from .clients import CHANGED, events, looked_at, only, socket, watching

PALETTE = only("spectrocloud")


async def _next(heard: Any) -> Any:
    async with asyncio.timeout(10):
        _, answer = await anext(heard)
    assert "errors" not in answer, answer
    return answer["data"]["invoiceChanged"]


def _uids(service: Service) -> list[str]:
    uids: list[str] = service.api("spectrocloud").uids  # type: ignore[attr-defined]
    return uids


async def _open(service: Service) -> str:
    """The uid of an invoice that is not paid yet."""
    query = '{ invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) { nodes { id paymentStatus } } }'
    nodes = (await service.data(query))["invoices"]["nodes"]
    uid: str = next(node["id"] for node in nodes if node["paymentStatus"] != "PAID").rpartition("/")[2]
    return uid


def _asked(service: Service) -> list[str]:
    """The uids that Palette was asked for since it was last looked at, each as often as it was."""
    asked = [path.rpartition("/")[2] for path in service.calls("spectrocloud")]
    service.forget_calls()
    return asked


async def test_what_is_there_at_first_is_no_news_and_what_comes_is() -> None:
    async with watching() as service, events(service, {"query": CHANGED, "variables": only("fastly")}) as heard:
        news = asyncio.create_task(_next(heard))
        await looked_at(service, "fastly", 2)
        assert not news.done()

        posted = service.api("fastly").post_invoice()

        told = await news
    assert told["kind"] == "NEW"
    assert told["invoice"]["id"] == f"fastly/sandbox-fastly/invoice/{posted}"


async def test_a_payment_that_moves_reaches_two_hundred_subscribers_for_one_look_at_each_interval() -> None:
    async with watching() as service, socket(service) as one, socket(service) as other:
        moving = await _open(service)
        for client in (one, other):
            for number in range(100):
                await client.send("subscribe", str(number), {"query": CHANGED, "variables": PALETTE})
        await looked_at(service, "spectrocloud", len(_uids(service)))
        _asked(service)
        await looked_at(service, "spectrocloud")
        asked = _asked(service)

        service.api("spectrocloud").advance_payment(moving)
        told = [await client.hear() for client in (one, other) for _ in range(100)]

    assert len(set(asked)) < len(_uids(service))  # the settled ones are left alone
    assert max(asked.count(uid) for uid in asked) <= 2  # looks, of which the test may have seen two; not subscribers
    assert {message["type"] for message in told} == {"next"}
    changes = [message["payload"]["data"]["invoiceChanged"] for message in told]
    assert [change["kind"] for change in changes] == ["PAYMENT"] * 200
    assert {change["invoice"]["id"] for change in changes} == {f"spectrocloud/sandbox-palette/invoice/{moving}"}


async def test_what_a_look_reads_is_what_queries_see() -> None:
    async with watching() as service, events(service, {"query": CHANGED, "variables": PALETTE}) as heard:
        moving = await _open(service)
        news = asyncio.create_task(_next(heard))
        await looked_at(service, "spectrocloud", len(_uids(service)))
        service.api("spectrocloud").advance_payment(moving)
        told = await news
        seen = await service.data(f'{{ invoice(id: "{told["invoice"]["id"]}") {{ id paymentStatus }} }}')

    assert seen["invoice"] == told["invoice"]


async def test_a_provider_that_fails_loses_no_change() -> None:
    async with watching() as service, events(service, {"query": CHANGED, "variables": only("archera")}) as heard:
        news = asyncio.create_task(_next(heard))
        await looked_at(service, "archera")
        service.control("archera").faults.append(Fault(kind="status", status=500, times=2))
        posted = service.api("archera").post_invoice()

        assert (await news)["invoice"]["id"] == f"archera/sandbox-archera/invoice/{posted}"


async def test_accounts_that_nobody_watches_are_not_asked_and_a_watch_ends_with_its_subscribers() -> None:
    async with watching() as service:
        async with events(service, {"query": CHANGED, "variables": only("fastly")}):
            await looked_at(service, "fastly", 2)
        changes = service.app.state.runner.change_feed
        async with asyncio.timeout(10):
            while changes.subscribers or changes.polls or service.app.state.runner.streams.open:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        service.forget_calls()
        await asyncio.sleep(0.3)

        assert [service.calls(provider) for provider in ("archera", "fastly", "spectrocloud")] == [[], [], []]


async def test_a_filter_narrows_what_is_told() -> None:
    paid = {"of": {"providers": ["fastly"], "paymentStatus": ["PAID"]}}
    async with watching() as service, events(service, {"query": CHANGED, "variables": paid}) as heard:
        news = asyncio.create_task(_next(heard))
        await looked_at(service, "fastly")
        posted = service.api("fastly").post_invoice()
        await looked_at(service, "fastly", 2)
        assert not news.done()
        while service.api("fastly").advance_payment(posted) != "paid":
            pass

        told = await news
    assert (told["kind"], told["invoice"]["paymentStatus"]) == ("PAYMENT", "PAID")


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ({"totalMin": "1"}, "totalMin and totalMax require exactly one currency."),
        ({"periodFrom": "2026-02-01", "periodTo": "2026-01-01"}, "periodFrom must be on or before periodTo."),
    ],
)
async def test_a_filter_that_contradicts_itself_ends_the_stream_with_its_error(of: Any, message: str) -> None:
    async with watching() as service, events(service, {"query": CHANGED, "variables": {"of": of}}) as heard:
        told = [event async for event in heard]

    (_, answer), last = told
    assert [(error["message"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (message, "BAD_USER_INPUT")
    ]
    assert last == ("complete", None)


async def test_an_invoice_is_told_with_the_parts_that_were_selected() -> None:
    query = (
        "subscription { invoiceChanged { kind invoice { id lineItems(first: 1) { totalCount } account { name } } } }"
    )
    async with watching() as service, socket(service) as client:
        await client.send("subscribe", "1", {"query": query})
        await _first_looks(service)
        posted = service.api("archera").post_invoice()
        told = await client.hear()

    invoice = told["payload"]["data"]["invoiceChanged"]["invoice"]
    assert invoice["id"].endswith(posted)
    assert invoice["lineItems"]["totalCount"] > 0
    assert invoice["account"] == {"name": "Archera (sandbox)"}
    assert [entry["account"] for entry in told["payload"]["extensions"]["coverage"]] == ["archera/sandbox-archera"]


async def _first_looks(service: Service) -> None:
    await looked_at(service, "spectrocloud", len(_uids(service)))
    await looked_at(service, "archera")
    await looked_at(service, "fastly")


async def test_who_takes_nothing_for_long_is_ended_with_an_error() -> None:
    query = "subscription { invoiceChanged { invoice { details { reference } } } }"
    async with watching() as service, events(service, {"query": query}) as heard:
        await looked_at(service, "fastly")
        (subscriber,) = service.app.state.runner.change_feed.subscribers
        for change in await _many_changes(service):  # at once: nothing can be taken in between
            subscriber.publish(change)
        (name, answer), last = [event async for event in heard]

    assert (name, last) == ("next", ("complete", None))
    assert [(error["message"], error["extensions"]["code"]) for error in answer["errors"]] == [
        ("The subscription fell too far behind: read the list, and subscribe again.", "UNAVAILABLE")
    ]


async def test_of_many_changes_to_one_invoice_only_the_newest_is_told() -> None:
    async with watching() as service, events(service, {"query": CHANGED}) as heard:
        await looked_at(service, "fastly")
        (subscriber,) = service.app.state.runner.change_feed.subscribers
        change, *_ = await _many_changes(service)
        for status in (PaymentStatus.PENDING, PaymentStatus.FAILED, PaymentStatus.PAID):
            subscriber.publish(replace(change, invoice=replace(change.invoice, payment_status=status)))

        assert (await _next(heard))["invoice"]["paymentStatus"] == "PAID"


async def _many_changes(service: Service) -> list[InvoiceChange]:
    """One more than a subscriber may be behind, each to another invoice."""
    roster = service.app.state.runner.current_accounts()
    page = await roster["fastly/sandbox-fastly"].source.page(DateWindow(), None)
    invoices = (replace(page.invoices[0], id=f"{number}") for number in range(MAX_PENDING_CHANGES + 1))
    return [InvoiceChange(kind=InvoiceChangeKind.NEW, invoice=invoice) for invoice in invoices]
