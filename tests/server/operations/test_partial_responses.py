"""A provider that fails, in any way, does not affect the others, and its error reveals nothing internal."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers import PROVIDERS
from providers.sandbox import Fault
from tests.harness import Service, running_service, sandbox_of
from tests.server.hostile import short_history_sandbox

SHORT_DEADLINE = 2  # seconds; a busy machine needs that long to notice that they have passed
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
    async with running_service(short_history_sandbox()) as instance:
        yield instance


async def query_safely(service: Service, query: str) -> dict[str, Any]:
    """Return the response. Asserts that its text reveals no internals, no network address and no API key."""
    response = await service.post({"query": query})
    text = response.text
    assert response.status_code == 200
    assert SECRETS.findall(text) == []
    assert [api.key for api in service.sandbox.apis.values() if api.key in text] == []
    result: dict[str, Any] = response.json()
    return result


async def list_before_and_during(
    service: Service, provider: str, fault: Fault
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the invoice list before a provider fails, and while it does."""
    complete = await service.data(LIST)
    service.control(provider).faults.append(fault)
    async with asyncio.timeout(SHORT_DEADLINE + 5):
        return complete["invoices"], (await query_safely(service, LIST))["data"]["invoices"]


def assert_only_missing(provider: str, code: str, complete: dict[str, Any], partial: dict[str, Any]) -> None:
    """Assert that this provider is missing, with its code and a message, and that the others are complete."""
    others = [node for node in complete["nodes"] if node["provider"]["id"] != provider]
    coverage = {entry["account"]["provider"]["id"]: entry for entry in partial["coverage"]}
    before = {entry["account"]["provider"]["id"]: entry for entry in complete["coverage"]}
    failure = coverage.pop(provider)

    assert others
    assert partial["nodes"] == others
    assert coverage == {name: entry for name, entry in before.items() if name != provider}
    assert (failure["status"], failure["code"]) == ("MISSING", code)
    assert failure["account"] == before[provider]["account"]
    assert failure["account"]["id"].split("/")[1] in failure["message"]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_provider_is_missing_alone(service: Service, provider: str, fault: str) -> None:
    injected, code = FAULTS[fault]

    complete, partial = await list_before_and_during(service, provider, injected)

    assert_only_missing(provider, code, complete, partial)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_hanging_provider_is_missing_at_the_deadline(provider: str) -> None:
    async with running_service(short_history_sandbox(), deadline=SHORT_DEADLINE) as service:
        complete, partial = await list_before_and_during(service, provider, HANG)

    assert_only_missing(provider, "TIMED_OUT", complete, partial)


async def test_each_failing_provider_has_its_own_code() -> None:
    faults = {"archera": "401", "fastly": "500", "spectrocloud": "half"}
    async with running_service(sandbox_of(*faults)) as service:
        for provider, fault in faults.items():
            service.control(provider).faults.append(FAULTS[fault][0])

        invoices = (await query_safely(service, LIST))["data"]["invoices"]

    assert invoices["nodes"] == []
    assert [(entry["status"], entry["code"]) for entry in invoices["coverage"]] == [
        ("MISSING", "UNAUTHORIZED"),
        ("MISSING", "UNAVAILABLE"),
        ("MISSING", "UNINTELLIGIBLE"),
    ]


async def test_a_past_failure_leaves_no_trace(service: Service) -> None:
    complete = await service.data(LIST)
    service.control("fastly").faults.append(Fault(kind="reset"))
    assert await service.data(LIST) != complete

    service.control("fastly").faults.clear()

    assert await service.data(LIST) == complete


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["401", "429", "500", "half", "NaN", "reset"])
async def test_an_unavailable_invoice_is_null_with_an_error(service: Service, provider: str, fault: str) -> None:
    account_filter = f'filterBy: {{ providers: ["{provider}"] }}'
    data = await service.data(f"{{ invoices(first: 1, {account_filter}) {{ nodes {{ id account {{ id }} }} }} }}")
    [node] = data["invoices"]["nodes"]
    injected, code = FAULTS[fault]
    service.control(provider).faults.append(injected)

    result = await query_safely(service, f'{{ bill: invoice(id: "{node["id"]}") {{ number }} providers {{ id }} }}')

    [error] = result["errors"]
    assert result["data"] == {"bill": None, "providers": [{"id": name} for name in PROVIDERS]}
    assert error["path"] == ["bill"]
    assert error["extensions"] == {"code": code, "account": node["account"]["id"], "provider": provider}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_unknown_invoice_is_null_without_error(service: Service, provider: str) -> None:
    account = next(
        entry["id"] for entry in (await service.data("{ accounts { id } }"))["accounts"] if provider in entry["id"]
    )

    await service.prove_keys()

    result = await query_safely(service, f'{{ invoice(id: "{account}/invoice/2019-01") {{ id }} }}')

    assert (result["data"], result.get("errors")) == ({"invoice": None}, None)


@pytest.mark.parametrize("fault", ["403", "500", "half", "reset", "hang"])
async def test_one_failed_line_item_call_of_24_nulls_one_field(fault: str) -> None:
    query = '{ invoices(first: 24, filterBy: { providers: ["archera"] }) { nodes { id lineItems { nodes { id } } } } }'
    async with running_service(deadline=SHORT_DEADLINE) as service:
        complete = (await service.data(query))["invoices"]["nodes"]
        year, month = complete[5]["id"].rsplit("/", 1)[1].split("-")
        injected, code = FAULTS.get(fault, (HANG, "TIMED_OUT"))
        path = rf"/invoices/{year}/{int(month)}/line-items"
        service.control("archera").faults.append(Fault(kind=injected.kind, status=injected.status, path=path))
        async with asyncio.timeout(SHORT_DEADLINE + 5):
            result = await query_safely(service, query)

    [error] = result["errors"]
    assert len(complete) == 24
    assert result["data"]["invoices"]["nodes"] == [
        *complete[:5],
        {"id": complete[5]["id"], "lineItems": None},
        *complete[6:],
    ]
    assert error["path"] == ["invoices", "nodes", 5, "lineItems"]
    assert error["extensions"] == {"code": code, "account": "archera/sandbox-archera", "provider": "archera"}


async def test_one_failed_palette_invoice_is_partial_coverage(service: Service) -> None:
    query = """{
      invoices(first: 200, filterBy: { providers: ["spectrocloud"] }) {
        nodes { id } totalCount coverage { status code message }
      }
    }"""
    complete = (await service.data(query))["invoices"]
    missing_uid = complete["nodes"][3]["id"].rsplit("/", 1)[1]
    service.control("spectrocloud").faults.append(Fault(kind="status", status=500, path=missing_uid))

    partial = (await query_safely(service, query))["data"]["invoices"]

    assert partial["nodes"] == complete["nodes"][:3] + complete["nodes"][4:]
    assert (complete["totalCount"], partial["totalCount"]) == (len(complete["nodes"]), None)
    assert [(entry["status"], entry["code"]) for entry in partial["coverage"]] == [("PARTIAL", "UNAVAILABLE")]


async def test_month_to_date_in_progress_is_computing() -> None:
    async with running_service(short_history_sandbox(), deadline=SHORT_DEADLINE) as service:
        service.control("fastly").faults.append(Fault(kind="status", status=202, path="month-to-date"))
        result = await query_safely(service, "{ monthToDate { nodes { id } coverage { account { id } status code } } }")

    assert result["data"]["monthToDate"]["nodes"] == []
    assert {"account": {"id": "fastly/sandbox-fastly"}, "status": "MISSING", "code": "COMPUTING"} in result["data"][
        "monthToDate"
    ]["coverage"]
