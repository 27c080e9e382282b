"""Callers see the accounts of their grants only. Equal views share calls and answers, different ones no answer."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from providers.sandbox import Fault
from resolvers.grants import EVERYTHING, Grants
from resolvers.views import Views
from schema.scopes import Scope
from server.config.settings import SubscriptionSettings
from tests.harness import Service, running_service
from tests.streams.clients import CHANGED, events, wait_for_polls

from .callers import ARCHERA, FASTLY, PALETTE, READ, data, key_header, post, read, service_with_callers, socket_of

SUBSCRIPTIONS = SubscriptionSettings(poll=0.1)
LIST = "{ invoices(first: 3) { nodes { id } coverage { account { id } } } }"
IDS = "{ accounts { id } providers { id accounts { id } } }"
GRANTS = {"one": read(FASTLY), "twin": read("fastly/*"), "two": read(FASTLY, ARCHERA), "none": read()}


def kept_answers(service: Service) -> int:
    return len(service.app.state.runner.response_cache)


def accounts_of(payload: Any) -> set[str]:
    return {entry["account"]["id"] for entry in payload["invoices"]["coverage"]}


@pytest.mark.parametrize(
    ("caller", "accounts"),
    [
        ("one", {FASTLY}),
        ("twin", {FASTLY}),
        ("two", {FASTLY, ARCHERA}),
        ("none", set()),
        ("admin", {FASTLY, ARCHERA, PALETTE}),
    ],
)
async def test_a_caller_sees_granted_accounts_only(caller: str, accounts: set[str]) -> None:
    async with service_with_callers(GRANTS) as service:
        lists, invoices = await data(service, caller, IDS), await data(service, caller, LIST)
        called = {provider for provider in service.sandbox.apis if service.calls(provider)}

    assert {account["id"] for account in lists["accounts"]} == accounts
    assert {account["id"] for provider in lists["providers"] for account in provider["accounts"]} == accounts
    assert [provider["id"] for provider in lists["providers"]] == ["archera", "fastly", "spectrocloud"]
    assert accounts_of(invoices) == accounts
    assert called == {account.split("/")[0] for account in accounts}


async def test_equal_views_share_call_and_answer() -> None:
    async with service_with_callers(GRANTS) as service:
        responses = [await post(service, caller, LIST) for caller in ("one", "twin", "one")]

        assert len({response.content for response in responses}) == 1
        assert (len(service.all_calls()), kept_answers(service)) == (1, 1)


async def test_equal_views_share_one_execution() -> None:
    async with service_with_callers(GRANTS) as service:
        service.control("fastly").faults.append(Fault(kind="delay", seconds=0.3))
        requests = [asyncio.create_task(post(service, caller, LIST)) for caller in ("one", "twin") * 5]
        await service.control("fastly").wait_for_in_flight(in_flight=1)
        await asyncio.sleep(0.1)

        assert service.app.state.runner.coalescer.in_progress == 1
        await asyncio.gather(*requests)
        assert len(service.calls("fastly")) == 1


async def test_different_views_share_the_data_but_no_answer() -> None:
    async with service_with_callers(GRANTS) as service:
        seen = [accounts_of(await data(service, caller, LIST)) for caller in ("one", "two", "none", "one", "two")]

        assert seen == [{FASTLY}, {FASTLY, ARCHERA}, set(), {FASTLY}, {FASTLY, ARCHERA}]
        assert kept_answers(service) == 3
        assert (len(service.calls("fastly")), len(service.calls("archera"))) == (1, 1)


async def test_views_with_different_scopes_share_no_answer() -> None:
    grants = {"one": read(FASTLY), "more": Grants(frozenset({FASTLY}), READ | {Scope.RAW_READ})}
    async with service_with_callers(grants) as service:
        assert len({(await post(service, caller, LIST)).content for caller in grants}) == 1
        assert kept_answers(service) == 2


async def test_an_etag_of_another_view_is_no_match() -> None:
    async with service_with_callers(GRANTS) as service:
        first = await service.get({"query": LIST}, **key_header("admin"))
        known = {"If-None-Match": first.headers["etag"]}
        statuses = [
            (await service.get({"query": LIST}, **{**key_header(caller), **known})).status_code
            for caller in ("admin", "one", "none")
        ]

    assert statuses == [304, 200, 200]


@pytest.mark.parametrize(
    "query",
    [
        '{ account(id: "%s") { name } }',
        '{ node(id: "%s") { id } }',
        '{ node(id: "%s/invoice/317150") { id } }',
        '{ invoice(id: "%s/invoice/317150") { id } }',
        '{ project(id: "%s/project/storefront") { id } }',
        '{ invoices(filterBy: { accounts: ["%s"] }) { totalCount coverage { status } } }',
        '{ invoices(filterBy: { projects: ["%s/project/x"] }) { totalCount coverage { status } } }',
        '{ monthToDate(accounts: ["%s"]) { nodes { id } } }',
        '{ projects(accounts: ["%s"]) { nodes { id } } }',
        '{ credits(filterBy: { accounts: ["%s"] }) { nodes { id } } }',
        '{ _entities(representations: [{ __typename: "Account", id: "%s" }]) { __typename } }',
        '{ _entities(representations: [{ __typename: "Invoice", id: "%s/invoice/317150" }]) { __typename } }',
    ],
)
async def test_a_foreign_id_is_like_an_unknown_one(query: str) -> None:
    async with service_with_callers(GRANTS) as service:
        await post(service, "admin", query % PALETTE)
        service.reset_calls()
        foreign, unknown = [
            (await post(service, "one", query % account)).text.replace(account, "?")
            for account in (PALETTE, "spectrocloud/sandbox-unknown")
        ]
        assert service.all_calls() == []

    assert foreign == unknown


async def test_no_suggestion_names_a_foreign_account() -> None:
    async with service_with_callers(GRANTS) as service:
        payload = (await post(service, "one", '{ monthToDate(accounts: ["sandbox-palette"]) { nodes { id } } }')).json()

    assert [warning["nearestId"] for warning in payload["extensions"]["warnings"]] == [FASTLY]


async def test_subscribers_get_the_changes_of_their_accounts() -> None:
    grants = {"one": read(FASTLY), "other": read(PALETTE)}
    async with (
        service_with_callers(grants, subscriptions=SUBSCRIPTIONS) as service,
        events(service, {"query": CHANGED}, **key_header("admin")) as all_changes,
        events(service, {"query": CHANGED}, **key_header("one")) as changes,
        events(service, {"query": CHANGED}, **key_header("other")) as other_changes,
    ):
        pending: asyncio.Future[Any] = asyncio.ensure_future(anext(other_changes))
        await wait_for_polls(service, "fastly", 2)
        new_id = f"{FASTLY}/invoice/{service.api('fastly').post_invoice()}"
        async with asyncio.timeout(10):
            seen = [(await anext(stream))[1]["data"]["invoiceChanged"] for stream in (all_changes, changes)]
        await wait_for_polls(service, "fastly", 1)

        assert [change["invoice"]["id"] for change in seen] == [new_id, new_id]
        assert not pending.done()
        assert set(service.app.state.runner.change_feed.polls) == {FASTLY, PALETTE, ARCHERA}
        pending.cancel()


async def test_a_websocket_sees_its_caller_view() -> None:
    async with (
        service_with_callers(GRANTS) as service,
        socket_of(service, "one") as one,
        socket_of(service, "two") as two,
    ):
        for client in (one, two):
            await client.send("subscribe", "1", {"query": LIST})
        seen = [accounts_of((await client.receive())["payload"]["data"]) for client in (one, two)]

    assert seen == [{FASTLY}, {FASTLY, ARCHERA}]


async def test_each_element_of_a_batch_sees_the_view() -> None:
    async with service_with_callers(GRANTS) as service:
        batch = [{"query": LIST}, {"query": LIST}]
        payloads = (await service.post(batch, **key_header("two"))).json()

    assert [accounts_of(payload["data"]) for payload in payloads] == [{FASTLY, ARCHERA}] * 2


async def test_equal_views_are_one_object() -> None:
    async with running_service() as service:
        views: Views = service.app.state.runner.views
        one, twin, other = views.of(read(FASTLY)), views.of(read("fastly/*")), views.of(read(PALETTE))

        assert one is twin
        assert one is not other
        assert views.of(EVERYTHING) is views.of(replace(EVERYTHING, accounts=frozenset({FASTLY, PALETTE, ARCHERA})))


async def test_a_view_without_read_scope_is_empty() -> None:
    async with running_service() as service:
        view = service.app.state.runner.views.of(Grants(frozenset({"*"}), frozenset({Scope.EXPORT})))

        assert list(view.accounts) == []
