"""Month-to-date invoices: their accounts, their currency, and what happens while one is being computed."""

from collections.abc import AsyncIterator

import pytest

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from providers.sandbox.data import JsonObject
from tests.harness import Service, create_sandbox, now, running_service

from .fastly import ACCOUNT_ID, LIST, invoice_payload, list_fault

MONTH_TO_DATE = f"{ACCOUNT_ID}/invoice/month-to-date"
PATH = "/billing/v3/invoices/month-to-date"
ONE_PAGE = "/billing/v3/invoices?limit=100"


class FrancSandbox(Sandbox):
    """An account whose configuration names a currency."""

    def account(self, base_url: str) -> JsonObject:
        return super().account(base_url) | {"currency": "CHF"}


@pytest.fixture
async def fastly_service() -> AsyncIterator[Service]:
    async with running_service(create_sandbox(Sandbox(now=now))) as service:
        yield service


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
async def test_only_fastly_has_a_month_to_date_invoice(service: Service) -> None:
    selection = (
        "nodes { id status number issuedAt paymentStatus paymentStates { word } credits { id } period { start end } }"
    )
    data = await service.data(
        f"{{ monthToDate {{ {selection} coverage {{ account {{ id }} status message asOf }} }} }}"
    )

    assert data["monthToDate"]["nodes"] == [
        {
            "id": MONTH_TO_DATE,
            "status": "OPEN",
            "number": None,
            "issuedAt": None,
            "paymentStatus": None,
            "paymentStates": None,
            "credits": None,
            "period": {"start": "2026-11-01T00:00:00Z", "end": "2026-11-22T12:00:00Z"},
        }
    ]
    coverage = {entry["account"]["id"]: entry["message"] for entry in data["monthToDate"]["coverage"]}
    assert coverage == {
        "archera/sandbox-archera": "Archera is not called: it has no month-to-date invoice.",
        ACCOUNT_ID: None,
        "spectrocloud/sandbox-palette": "Spectro Cloud Palette is not called: it has no month-to-date invoice.",
    }
    assert {entry["status"] for entry in data["monthToDate"]["coverage"]} == {"COMPLETE"}
    assert [entry["asOf"] is not None for entry in data["monthToDate"]["coverage"]] == [False, True, False]
    assert service.calls("archera") == service.calls("spectrocloud") == []


async def test_it_has_an_id_but_is_not_in_the_list(fastly_service: Service) -> None:
    by_id = f'a: invoice(id: "{MONTH_TO_DATE}") {{ id status }} b: node(id: "{MONTH_TO_DATE}") {{ id }}'
    data = await fastly_service.data(f"{{ monthToDate {{ nodes {{ id status }} }} {by_id} }}")

    assert data["monthToDate"]["nodes"] == [data["a"]] == [{"id": MONTH_TO_DATE, "status": "OPEN"}]
    assert data["b"] == {"id": MONTH_TO_DATE}
    assert fastly_service.calls("fastly") == [PATH]
    invoices = await fastly_service.data("{ invoices(first: 200) { nodes { id } } }")
    assert {"id": MONTH_TO_DATE} not in invoices["invoices"]["nodes"]


@pytest.mark.parametrize(
    ("accounts", "calls"), [("[]", []), ('["fastly/unknown"]', []), (f'["{ACCOUNT_ID}"]', [PATH]), ("null", [PATH])]
)
async def test_only_selected_accounts_are_called(fastly_service: Service, accounts: str, calls: list[str]) -> None:
    data = await fastly_service.data(
        f"{{ monthToDate(accounts: {accounts}) {{ nodes {{ id }} coverage {{ status }} }} }}"
    )

    assert (len(data["monthToDate"]["nodes"]), len(data["monthToDate"]["coverage"])) == (len(calls), len(calls))
    assert fastly_service.calls("fastly") == calls


@pytest.mark.parametrize(
    ("payloads", "currency"),
    [
        ([invoice_payload("B", "2026-09", currency_code="EUR"), invoice_payload("A", "2026-08")], "EUR"),
        (
            [invoice_payload("B", "2026-09", currency_code=None), invoice_payload("A", "2026-08", currency_code="GBP")],
            "GBP",
        ),
    ],
)
async def test_the_newest_stated_currency_applies(
    fastly_service: Service, payloads: list[JsonObject], currency: str
) -> None:
    fastly_service.control("fastly").faults.append(list_fault(*payloads))
    selection = "total { currency } lineItems(first: 1) { nodes { cost { currency } unitPrice { currency } } }"

    [node] = (await fastly_service.data(f"{{ monthToDate {{ nodes {{ {selection} }} }} }}"))["monthToDate"]["nodes"]

    money = {"currency": currency}
    assert node == {"total": money, "lineItems": {"nodes": [{"cost": money, "unitPrice": money}]}}
    assert fastly_service.calls("fastly") == [PATH, ONE_PAGE]


async def test_without_any_currency_money_is_null(fastly_service: Service) -> None:
    fastly_service.control("fastly").faults.append(list_fault())

    selection = "total { amount } lineItems(first: 1) { nodes { cost { amount } quantity { unit } } }"
    [node] = (await fastly_service.data(f"{{ monthToDate {{ nodes {{ {selection} }} }} }}"))["monthToDate"]["nodes"]

    assert node == {"total": None, "lineItems": {"nodes": [{"cost": None, "quantity": {"unit": None}}]}}


@pytest.mark.parametrize("fault", [list_fault(), Fault(kind="status", status=500, path=LIST)], ids=["none", "failing"])
async def test_the_configured_currency_is_the_fallback(fault: Fault) -> None:
    async with running_service(create_sandbox(FrancSandbox(now=now))) as service:
        service.control("fastly").faults.append(fault)
        data = await service.data("{ monthToDate { nodes { total { amount currency } } } }")
        assert data["monthToDate"]["nodes"] == [{"total": {"amount": "4374.40", "currency": "CHF"}}]


async def test_an_issued_invoice_overrides_the_configuration() -> None:
    async with running_service(create_sandbox(FrancSandbox(now=now))) as service:
        data = await service.data("{ monthToDate { nodes { total { currency } } } }")
        assert data["monthToDate"]["nodes"] == [{"total": {"currency": "USD"}}]


async def test_a_failed_list_nulls_only_the_money(fastly_service: Service) -> None:
    fastly_service.control("fastly").faults.append(Fault(kind="status", status=403, path=LIST))

    response = await fastly_service.query("{ monthToDate { nodes { id total { amount } } coverage { status } } }")

    [error] = response["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["monthToDate", "nodes", 0, "total"], "FORBIDDEN")
    assert response["data"]["monthToDate"] == {
        "nodes": [{"id": MONTH_TO_DATE, "total": None}],
        "coverage": [{"status": "COMPLETE"}],
    }


async def test_a_computing_invoice_is_requested_again(fastly_service: Service) -> None:
    fastly_service.control("fastly").faults.append(Fault(kind="status", status=202, path="month-to-date", times=1))

    data = await fastly_service.data("{ a: monthToDate { nodes { id } } b: monthToDate { coverage { status code } } }")

    assert data == {"a": {"nodes": [{"id": MONTH_TO_DATE}]}, "b": {"coverage": [{"status": "COMPLETE", "code": None}]}}
    assert fastly_service.calls("fastly") == [PATH, PATH]


async def test_computing_until_the_deadline_is_reported() -> None:
    async with running_service(create_sandbox(Sandbox(now=now)), deadline=1) as service:
        service.control("fastly").faults.append(Fault(kind="status", status=202, path="month-to-date"))
        by_id = f'invoice(id: "{MONTH_TO_DATE}") {{ id }}'

        response = await service.query(
            f"{{ monthToDate {{ nodes {{ id }} coverage {{ status code message asOf }} }} {by_id} }}"
        )

        message = "Fastly is still computing what account sandbox-fastly requested. Retry in a minute."
        entry = {"status": "MISSING", "code": "COMPUTING", "message": message, "asOf": None}
        assert response["data"] == {"monthToDate": {"nodes": [], "coverage": [entry]}, "invoice": None}
        [error] = response["errors"]
        assert (error["path"], error["message"], error["extensions"]["code"]) == (["invoice"], message, "COMPUTING")
        assert service.calls("fastly") == [PATH, PATH]


@pytest.mark.parametrize(("status", "code"), [(401, "UNAUTHORIZED"), (404, "NOT_FOUND"), (422, "UNAVAILABLE")])
async def test_a_rejected_call_is_missing_coverage(fastly_service: Service, status: int, code: str) -> None:
    fastly_service.control("fastly").faults.append(Fault(kind="status", status=status, path="month-to-date"))

    data = await fastly_service.data("{ monthToDate { nodes { id } coverage { status code } } }")

    assert data["monthToDate"] == {"nodes": [], "coverage": [{"status": "MISSING", "code": code}]}
