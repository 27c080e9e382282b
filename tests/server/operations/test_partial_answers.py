"""A provider that fails, in every way that it can, takes nothing from the others and gives nothing away."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers import PROVIDERS
from providers.sandbox import Fault
from tests.harness import Service, running
from tests.server.hostile import few_months

QUICK = 2  # seconds; what a busy machine needs to notice that they are over
LIST = """{
  invoices(first: 200) {
    nodes { id number total { amount currency } provider { id } lineItems(first: 1) { totalCount } }
    coverage { account { id provider { id } } status code message }
  }
}"""
SECRETS = re.compile(
    r"://|127\.0\.0\.1|localhost|:[0-9]{4,5}\b|Traceback|\.py\b|[a-z]Error\b|\bNone\b|/v1/|/v3/", re.ASCII
)
FAULTS = {
    "401": (Fault(kind="status", status=401), "UNAUTHORIZED"),
    "403": (Fault(kind="status", status=403), "FORBIDDEN"),
    "404": (Fault(kind="status", status=404), "NOT_FOUND"),
    "429": (Fault(kind="status", status=429, headers={"Retry-After": "3600"}), "RATE_LIMITED"),
    "418": (Fault(kind="status", status=418), "UNAVAILABLE"),
    "500": (Fault(kind="status", status=500, body='Traceback: File "billing.py", see http://localhost'), "UNAVAILABLE"),
    "302": (Fault(kind="status", status=302, headers={"Location": "http://127.0.0.1:1/login"}), "UNAVAILABLE"),
    "HTML": (Fault(kind="garbage"), "UNINTELLIGIBLE"),
    "nothing": (Fault(kind="garbage", body=""), "UNINTELLIGIBLE"),
    "half": (Fault(kind="half"), "UNINTELLIGIBLE"),
    "NaN": (Fault(kind="garbage", body='{"data": [{"amount": NaN}]}'), "UNINTELLIGIBLE"),
    "null": (Fault(kind="garbage", body="null"), "UNINTELLIGIBLE"),
    "a number": (Fault(kind="garbage", body="3"), "UNINTELLIGIBLE"),
    "reset": (Fault(kind="reset"), "UNAVAILABLE"),
}
HANG = Fault(kind="hang")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running(few_months()) as running_service:
        yield running_service


async def shown(service: Service, query: str) -> dict[str, Any]:
    """The answer, in whose text there is nothing of ours, of the network or of a key."""
    response = await service.post({"query": query})
    text = response.text
    assert response.status_code == 200
    assert SECRETS.findall(text) == []
    assert [api.key for api in service.sandbox.apis.values() if api.key in text] == []
    answer: dict[str, Any] = response.json()
    return answer


async def partial(service: Service, provider: str, fault: Fault) -> tuple[dict[str, Any], dict[str, Any]]:
    """The list before a provider fails, and while it does."""
    whole = await service.data(LIST)
    service.control(provider).faults.append(fault)
    async with asyncio.timeout(QUICK + 5):
        return whole["invoices"], (await shown(service, LIST))["data"]["invoices"]


def assert_only(provider: str, code: str, whole: dict[str, Any], answer: dict[str, Any]) -> None:
    """The other providers are complete; this one is missing, with its code and a sentence."""
    others = [node for node in whole["nodes"] if node["provider"]["id"] != provider]
    covered = {entry["account"]["provider"]["id"]: entry for entry in answer["coverage"]}
    before = {entry["account"]["provider"]["id"]: entry for entry in whole["coverage"]}
    failed = covered.pop(provider)

    assert others
    assert answer["nodes"] == others
    assert covered == {name: entry for name, entry in before.items() if name != provider}
    assert (failed["status"], failed["code"]) == ("MISSING", code)
    assert failed["account"] == before[provider]["account"]
    assert failed["account"]["id"].split("/")[1] in failed["message"]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_provider_that_fails_is_named_and_the_others_are_complete(
    service: Service, provider: str, fault: str
) -> None:
    order, code = FAULTS[fault]

    whole, answer = await partial(service, provider, order)

    assert_only(provider, code, whole, answer)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_provider_that_never_answers_is_named_within_the_deadline(provider: str) -> None:
    async with running(few_months(), deadline=QUICK) as service:
        whole, answer = await partial(service, provider, HANG)

    assert_only(provider, "TIMED_OUT", whole, answer)


async def test_all_providers_failing_at_once_are_each_named_with_their_own_code(service: Service) -> None:
    for provider, fault in zip(PROVIDERS, ("401", "500", "half"), strict=True):
        service.control(provider).faults.append(FAULTS[fault][0])

    answer = (await shown(service, LIST))["data"]["invoices"]

    assert answer["nodes"] == []
    assert [(entry["status"], entry["code"]) for entry in answer["coverage"]] == [
        ("MISSING", "UNAUTHORIZED"),
        ("MISSING", "UNAVAILABLE"),
        ("MISSING", "UNINTELLIGIBLE"),
    ]


async def test_a_failure_that_is_over_leaves_no_trace(service: Service) -> None:
    whole = await service.data(LIST)
    service.control("fastly").faults.append(Fault(kind="reset"))
    assert await service.data(LIST) != whole

    service.control("fastly").faults.clear()

    assert await service.data(LIST) == whole


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["401", "429", "500", "half", "NaN", "reset"])
async def test_one_invoice_that_cannot_be_asked_for_is_null_beside_an_error(
    service: Service, provider: str, fault: str
) -> None:
    account = f'filterBy: {{ providers: ["{provider}"] }}'
    found = await service.data(f"{{ invoices(first: 1, {account}) {{ nodes {{ id account {{ id }} }} }} }}")
    [node] = found["invoices"]["nodes"]
    order, code = FAULTS[fault]
    service.control(provider).faults.append(order)

    answer = await shown(service, f'{{ bill: invoice(id: "{node["id"]}") {{ number }} providers {{ id }} }}')

    [error] = answer["errors"]
    assert answer["data"] == {"bill": None, "providers": [{"id": name} for name in PROVIDERS]}
    assert error["path"] == ["bill"]
    assert error["extensions"] == {"code": code, "account": node["account"]["id"], "provider": provider}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_invoice_that_its_provider_does_not_know_is_null_without_an_error(
    service: Service, provider: str
) -> None:
    account = next(
        entry["id"] for entry in (await service.data("{ accounts { id } }"))["accounts"] if provider in entry["id"]
    )

    answer = await shown(service, f'{{ invoice(id: "{account}/invoice/2019-01") {{ id }} }}')

    assert (answer["data"], answer.get("errors")) == ({"invoice": None}, None)


@pytest.mark.parametrize("fault", ["403", "500", "half", "reset", "hang"])
async def test_one_of_24_line_item_calls_failing_nulls_the_lines_of_that_invoice_and_nothing_else(fault: str) -> None:
    query = '{ invoices(first: 24, filterBy: { providers: ["archera"] }) { nodes { id lineItems { nodes { id } } } } }'
    async with running(deadline=QUICK) as service:
        whole = (await service.data(query))["invoices"]["nodes"]
        year, month = whole[5]["id"].rsplit("/", 1)[1].split("-")
        kind, code = FAULTS.get(fault, (HANG, "TIMED_OUT"))
        path = rf"/invoices/{year}/{int(month)}/line-items"
        service.control("archera").faults.append(Fault(kind=kind.kind, status=kind.status, path=path))
        async with asyncio.timeout(QUICK + 5):
            answer = await shown(service, query)

    [error] = answer["errors"]
    assert len(whole) == 24
    assert answer["data"]["invoices"]["nodes"] == [*whole[:5], {"id": whole[5]["id"], "lineItems": None}, *whole[6:]]
    assert error["path"] == ["invoices", "nodes", 5, "lineItems"]
    assert error["extensions"] == {"code": code, "account": "archera/sandbox-archera", "provider": "archera"}


async def test_one_palette_invoice_failing_leaves_the_others_and_makes_the_account_partial(service: Service) -> None:
    query = """{
      invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) {
        nodes { id } totalCount coverage { status code message }
      }
    }"""
    whole = (await service.data(query))["invoices"]
    gone = whole["nodes"][3]["id"].rsplit("/", 1)[1]
    service.control("spectrocloud").faults.append(Fault(kind="status", status=500, path=gone))

    answer = (await shown(service, query))["data"]["invoices"]

    assert answer["nodes"] == whole["nodes"][:3] + whole["nodes"][4:]
    assert (whole["totalCount"], answer["totalCount"]) == (len(whole["nodes"]), None)
    assert [(entry["status"], entry["code"]) for entry in answer["coverage"]] == [("PARTIAL", "UNAVAILABLE")]


async def test_a_running_invoice_that_is_still_computed_at_the_deadline_is_said_to_be() -> None:
    async with running(few_months(), deadline=QUICK) as service:
        service.control("fastly").faults.append(Fault(kind="status", status=202, path="month-to-date"))
        answer = await shown(service, "{ monthToDate { nodes { id } coverage { account { id } status code } } }")

    assert answer["data"]["monthToDate"]["nodes"] == []
    assert {"account": {"id": "fastly/sandbox-fastly"}, "status": "MISSING", "code": "COMPUTING"} in answer["data"][
        "monthToDate"
    ]["coverage"]
