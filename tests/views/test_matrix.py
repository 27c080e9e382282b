"""No byte of a foreign account: every root field, entity, filter and error, for each caller and state of the caches."""

import re
from typing import Any

import httpx
import pytest

from providers.sandbox import Fault
from providers.ttl import CacheTtl
from tests.harness import NO_CACHE_NO_RETRY, Service

from .callers import CACHED, post, service_with_callers
from .generated import operations, root_fields
from .worlds import ACCOUNTS, GRANTS, Search, World, worlds

KINDS = ("account", "provider", "invoice", "line item", "credit", "project")
EXPIRED = CacheTtl(settled=0, invoice=0, list=0, month_to_date=0, absent=0)  # of data that is kept as a fallback


async def assert_no_leak(service: Service, known: dict[str, World], documents: dict[str, str], *callers: str) -> None:
    """Send each document as each caller, in this order, and search every response for foreign values."""
    search = {caller: Search(caller, known) for caller in callers if caller != "admin"}
    for name, document in documents.items():
        for caller in callers:
            response = await post(service, caller, document)
            assert response.status_code == 200, (name, response.text)
            if caller in search:
                assert search[caller].leaks(response, document) == [], (name, caller)


def documents_of(*known: World) -> dict[str, str]:
    return {f"{name} {world.ids['account']}": text for world in known for name, text in operations(world.ids)}


async def read_everything(service: Service) -> None:
    """Fill the caches, as the caller that sees every account."""
    documents = [text for name, text in operations(dict.fromkeys(KINDS, "x")) if name in root_fields()]
    assert len(documents) > 5
    for document in documents:
        await post(service, "admin", document)


def test_the_matrix_is_the_whole_schema() -> None:
    names = {re.split(r"[ (]", name)[0] for name, _ in operations(dict.fromkeys(KINDS, "x"))}

    assert names == {*root_fields(), "Account", "Credit", "Invoice", "LineItem", "Project", "Provider"}
    assert root_fields("subscription").keys() == {"invoiceChanged"}


async def test_the_worlds_are_large_enough_to_be_seen() -> None:
    known = await worlds()
    async with service_with_callers(GRANTS) as service:
        seen = await post(service, "admin", documents_of(known["palette"])["invoices spectrocloud/sandbox-palette"])

    assert [caller for caller in GRANTS if len(Search(caller, known).values) < 200] == []
    assert len(Search("fastly", known).leaks(seen, "")) > 10


async def test_cold_answers_hold_no_foreign_byte() -> None:
    known = await worlds()
    async with service_with_callers(GRANTS, settings=NO_CACHE_NO_RETRY) as service:
        await assert_no_leak(service, known, documents_of(known["palette"]), "none", "fastly")


async def test_warm_and_hot_answers_hold_no_foreign_byte() -> None:
    known = await worlds()
    async with service_with_callers(GRANTS) as service:
        documents = documents_of(known["palette"])
        await assert_no_leak(service, known, documents, "admin", "fastly", "none")
        service.reset_calls()
        await assert_no_leak(service, known, documents, "admin", "none", "fastly")

        assert service.all_calls() == []
        assert len(service.app.state.runner.response_cache) > 150


async def test_stale_answers_hold_no_foreign_byte() -> None:
    known = await worlds()
    documents = documents_of(known["archera"])
    async with service_with_callers(GRANTS, settings={**CACHED, "freshness": EXPIRED}) as service:
        await read_everything(service)
        for provider in service.sandbox.apis:
            service.control(provider).faults.append(Fault(kind="status", status=503))
        stale = await post(service, "admin", documents["invoices archera/sandbox-archera"])
        await assert_no_leak(service, known, documents, "palette", "none", "palette")

    assert '"STALE"' in stale.text


async def test_foreign_failures_are_not_told() -> None:
    known = await worlds()
    async with service_with_callers(GRANTS, settings=NO_CACHE_NO_RETRY) as service:
        for provider in ("spectrocloud", "archera"):
            service.control(provider).faults.append(Fault(kind="status", status=401))
        documents = documents_of(known["palette"])
        failed = await post(service, "admin", documents["invoices spectrocloud/sandbox-palette"])
        await assert_no_leak(service, known, documents, "fastly", "none")

    assert '"UNAUTHORIZED"' in failed.text


@pytest.mark.parametrize(("caller", "owner"), [("none", "palette"), ("fastly", "palette"), ("archera", "fastly")])
async def test_foreign_ids_are_like_unknown_ones(caller: str, owner: str) -> None:
    known = await worlds()
    async with service_with_callers(GRANTS) as service:
        ids = known[owner].ids
        account = ACCOUNTS[owner]
        unknown = account[:-1] + "0"
        await read_everything(service)
        for name, document in operations(ids):
            if account not in document:
                continue
            service.reset_calls()
            foreign = await post(service, caller, document)
            calls = service.all_calls()
            other = await post(service, caller, document.replace(account, unknown))
            assert (calls, service.all_calls()) == ([], []), name
            assert describe(foreign, account) == describe(other, unknown), name


def describe(response: httpx.Response, account: str) -> Any:
    """Return a response without the id that the client sent, and without the time."""
    headers = {name: value for name, value in response.headers.items() if name not in {"date", "x-request-id", "age"}}
    return response.status_code, headers, response.text.replace(account, "?")
