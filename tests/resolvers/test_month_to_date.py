"""Tests of the running invoices: who has one, in which currency, and what happens while it is being computed."""

from collections.abc import AsyncIterator

import pytest

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from providers.sandbox.data import JsonObject
from tests.harness import Service, now, running, sandbox_of

from .fastly import LIST, OWN, bill, listed

RUNNING = f"{OWN}/invoice/month-to-date"
PATH = "/billing/v3/invoices/month-to-date"
ONE_PAGE = "/billing/v3/invoices?limit=100"


class InFrancs(Sandbox):
    """An account whose configuration names a currency."""

    def account(self, base_url: str) -> JsonObject:
        return super().account(base_url) | {"currency": "CHF"}


@pytest.fixture
async def fastly() -> AsyncIterator[Service]:
    async with running(sandbox_of(Sandbox(now=now))) as service:
        yield service


async def test_only_fastly_has_a_running_invoice_and_nobody_else_is_asked(service: Service) -> None:
    selection = (
        "nodes { id status number issuedAt paymentStatus paymentStates { word } credits { id } period { start end } }"
    )
    found = await service.data(
        f"{{ monthToDate {{ {selection} coverage {{ account {{ id }} status message asOf }} }} }}"
    )

    assert found["monthToDate"]["nodes"] == [
        {
            "id": RUNNING,
            "status": "OPEN",
            "number": None,
            "issuedAt": None,
            "paymentStatus": None,
            "paymentStates": None,
            "credits": [],
            "period": {"start": "2026-11-01T00:00:00Z", "end": "2026-11-22T12:00:00Z"},
        }
    ]
    coverage = {entry["account"]["id"]: entry["message"] for entry in found["monthToDate"]["coverage"]}
    assert coverage == {
        "archera/sandbox-archera": "Archera has no running invoice: it was not asked.",
        OWN: None,
        "spectrocloud/sandbox-palette": "Spectro Cloud Palette has no running invoice: it was not asked.",
    }
    assert {entry["status"] for entry in found["monthToDate"]["coverage"]} == {"COMPLETE"}
    assert [entry["asOf"] is not None for entry in found["monthToDate"]["coverage"]] == [False, True, False]
    assert service.calls("archera") == service.calls("spectrocloud") == []


async def test_the_running_invoice_is_the_same_by_its_id_and_no_part_of_the_list(fastly: Service) -> None:
    by_id = f'a: invoice(id: "{RUNNING}") {{ id status }} b: node(id: "{RUNNING}") {{ id }}'
    found = await fastly.data(f"{{ monthToDate {{ nodes {{ id status }} }} {by_id} }}")

    assert found["monthToDate"]["nodes"] == [found["a"]] == [{"id": RUNNING, "status": "OPEN"}]
    assert found["b"] == {"id": RUNNING}
    assert fastly.calls("fastly") == [PATH]
    listed_ids = await fastly.data("{ invoices(first: 200) { nodes { id } } }")
    assert {"id": RUNNING} not in listed_ids["invoices"]["nodes"]


@pytest.mark.parametrize(
    ("accounts", "asked"), [("[]", []), ('["fastly/nobody"]', []), (f'["{OWN}"]', [PATH]), ("null", [PATH])]
)
async def test_accounts_not_named_are_not_asked(fastly: Service, accounts: str, asked: list[str]) -> None:
    found = await fastly.data(f"{{ monthToDate(accounts: {accounts}) {{ nodes {{ id }} coverage {{ status }} }} }}")

    assert (len(found["monthToDate"]["nodes"]), len(found["monthToDate"]["coverage"])) == (len(asked), len(asked))
    assert fastly.calls("fastly") == asked


@pytest.mark.parametrize(
    ("bills", "currency"),
    [
        ([bill("B", "2026-09", currency_code="EUR"), bill("A", "2026-08")], "EUR"),
        ([bill("B", "2026-09", currency_code=None), bill("A", "2026-08", currency_code="GBP")], "GBP"),
    ],
)
async def test_its_currency_is_that_of_the_newest_posted_invoice_that_names_one(
    fastly: Service, bills: list[JsonObject], currency: str
) -> None:
    fastly.control("fastly").faults.append(listed(*bills))
    selection = "total { currency } lineItems(first: 1) { nodes { cost { currency } unitPrice { currency } } }"

    [node] = (await fastly.data(f"{{ monthToDate {{ nodes {{ {selection} }} }} }}"))["monthToDate"]["nodes"]

    named = {"currency": currency}
    assert node == {"total": named, "lineItems": {"nodes": [{"cost": named, "unitPrice": named}]}}
    assert fastly.calls("fastly") == [PATH, ONE_PAGE]


async def test_without_any_currency_money_is_null(fastly: Service) -> None:
    fastly.control("fastly").faults.append(listed())

    selection = "total { amount } lineItems(first: 1) { nodes { cost { amount } quantity { unit } } }"
    [node] = (await fastly.data(f"{{ monthToDate {{ nodes {{ {selection} }} }} }}"))["monthToDate"]["nodes"]

    assert node == {"total": None, "lineItems": {"nodes": [{"cost": None, "quantity": {"unit": "Requests"}}]}}


@pytest.mark.parametrize("fault", [listed(), Fault(kind="status", status=500, path=LIST)], ids=["none", "failing"])
async def test_the_configured_currency_stands_in_where_no_posted_invoice_tells(fault: Fault) -> None:
    async with running(sandbox_of(InFrancs(now=now))) as service:
        service.control("fastly").faults.append(fault)
        found = await service.data("{ monthToDate { nodes { total { amount currency } } } }")
        assert found["monthToDate"]["nodes"] == [{"total": {"amount": "4374.40", "currency": "CHF"}}]


async def test_a_posted_invoices_currency_goes_before_the_configured_one() -> None:
    async with running(sandbox_of(InFrancs(now=now))) as service:
        found = await service.data("{ monthToDate { nodes { total { currency } } } }")
        assert found["monthToDate"]["nodes"] == [{"total": {"currency": "USD"}}]


async def test_where_the_currency_cannot_be_asked_for_the_rest_stands(fastly: Service) -> None:
    fastly.control("fastly").faults.append(Fault(kind="status", status=403, path=LIST))

    answer = await fastly.query("{ monthToDate { nodes { id total { amount } } coverage { status } } }")

    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["monthToDate", "nodes", 0, "total"], "FORBIDDEN")
    assert answer["data"]["monthToDate"] == {
        "nodes": [{"id": RUNNING, "total": None}],
        "coverage": [{"status": "COMPLETE"}],
    }


async def test_an_invoice_that_is_being_computed_is_asked_for_again(fastly: Service) -> None:
    fastly.control("fastly").faults.append(Fault(kind="status", status=202, path="month-to-date", times=1))

    found = await fastly.data("{ a: monthToDate { nodes { id } } b: monthToDate { coverage { status code } } }")

    assert found == {"a": {"nodes": [{"id": RUNNING}]}, "b": {"coverage": [{"status": "COMPLETE", "code": None}]}}
    assert fastly.calls("fastly") == [PATH, PATH]


async def test_an_invoice_that_is_computed_until_the_deadline_is_named() -> None:
    async with running(sandbox_of(Sandbox(now=now)), deadline=1) as service:
        service.control("fastly").faults.append(Fault(kind="status", status=202, path="month-to-date"))
        by_id = f'invoice(id: "{RUNNING}") {{ id }}'

        answer = await service.query(
            f"{{ monthToDate {{ nodes {{ id }} coverage {{ status code message asOf }} }} {by_id} }}"
        )

        message = "Fastly is still computing what account sandbox-fastly requested. Retry in a minute."
        entry = {"status": "MISSING", "code": "COMPUTING", "message": message, "asOf": None}
        assert answer["data"] == {"monthToDate": {"nodes": [], "coverage": [entry]}, "invoice": None}
        [error] = answer["errors"]
        assert (error["path"], error["message"], error["extensions"]["code"]) == (["invoice"], message, "COMPUTING")
        assert service.calls("fastly") == [PATH, PATH]


@pytest.mark.parametrize(("status", "code"), [(401, "UNAUTHORIZED"), (404, "NOT_FOUND"), (422, "UNAVAILABLE")])
async def test_a_refusal_is_named(fastly: Service, status: int, code: str) -> None:
    fastly.control("fastly").faults.append(Fault(kind="status", status=status, path="month-to-date"))

    found = await fastly.data("{ monthToDate { nodes { id } coverage { status code } } }")

    assert found["monthToDate"] == {"nodes": [], "coverage": [{"status": "MISSING", "code": code}]}
