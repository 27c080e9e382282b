"""`LineItem.focus`: the record of a line in the graph, with its gaps."""

import pytest

from providers import PROVIDERS
from providers.sandbox import Fault
from schema.focus_columns import INVOICE_DETAIL
from server.accounts import build_graph
from tests.harness import Service, running_service, sandbox_of
from tests.resolvers.fastly import line_payload

from .files import TERMS, add_invoice

COLUMNS = "billedCost billingAccountId billingCurrency chargeCategory invoiceDetailId invoiceId paymentTerms"
GAPS = "gaps { column kind reason }"
LINES = "{ invoices(first: 1) { nodes { lineItems { nodes { focus { %s } } } } } }"


async def focus_of(service: Service, selection: str) -> list[dict[str, object]]:
    """Return the records of the newest invoice's lines."""
    data = await service.data(LINES % selection)
    return [line["focus"] for line in data["invoices"]["nodes"][0]["lineItems"]["nodes"]]


async def test_a_record_has_the_values_of_the_file() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload())
        [record] = await focus_of(service, COLUMNS)

    assert str(record.pop("invoiceDetailId")).startswith("INV-1:")
    assert record == {
        "billedCost": "1.50",
        "billingAccountId": "C1",
        "billingCurrency": "USD",
        "chargeCategory": "Usage",
        "invoiceId": "INV-1",
        "paymentTerms": "Net 30",
    }


@pytest.mark.accounts_of("fastly")
async def test_a_gap_says_what_is_missing(service: Service) -> None:
    add_invoice(service, line_payload(amount=None))
    [record] = await focus_of(service, GAPS)

    missing = [gap for gap in record["gaps"] if gap["kind"] == "MISSING"]  # type: ignore[attr-defined]
    assert [gap["column"] for gap in missing] == ["BilledCost", "BillingCurrency", "PaymentTerms"]
    assert missing[0]["reason"] == "The line states no amount, or no currency."


async def test_a_derived_value_conforms() -> None:
    async with running_service(sandbox_of("fastly"), settings=TERMS) as service:
        add_invoice(service, line_payload())
        [record] = await focus_of(service, GAPS)

    kinds = {gap["column"]: gap["kind"] for gap in record["gaps"]}  # type: ignore[attr-defined]
    derived = ["InvoiceDetailCreated", "InvoiceDetailLastUpdated", "ReferenceInvoiceId"]
    assert kinds == dict.fromkeys(derived, "DERIVED")


@pytest.mark.accounts_of("fastly")
async def test_a_running_invoice_has_no_lasting_id(service: Service) -> None:
    query = """{ monthToDate { nodes { lineItems(first: 1) { nodes {
      focus { invoiceId invoiceIssueStatus gaps { column kind } } } } } } }"""
    [invoice] = (await service.data(query))["monthToDate"]["nodes"]
    record = invoice["lineItems"]["nodes"][0]["focus"]

    assert (record["invoiceId"], record["invoiceIssueStatus"]) == (None, "Open")
    assert {"column": "InvoiceId", "kind": "MISSING"} in record["gaps"]


async def test_a_failing_lookup_loses_the_field_only() -> None:
    async with running_service(sandbox_of("archera"), settings=TERMS) as service:
        data = await service.data("{ invoices(first: 1) { nodes { lineItems(first: 1) { nodes { id } } } } }")
        line_id = data["invoices"]["nodes"][0]["lineItems"]["nodes"][0]["id"]
        service.control("archera").faults.append(Fault(kind="status", path=r"invoices/2026/10$"))
        payload = await service.query(
            f'{{ node(id: "{line_id}") {{ id ... on LineItem {{ focus {{ invoiceId }} }} }} }}'
        )

    assert payload["data"]["node"] == {"id": line_id, "focus": None}
    assert payload["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_focus_of_a_page_costs_no_more_calls(service: Service) -> None:
    await focus_of(service, GAPS)
    with_focus = {provider: len(service.calls(provider)) for provider in PROVIDERS}
    service.reset_calls()
    await service.data(LINES.replace("focus { %s }", "id"))

    assert with_focus == {provider: len(service.calls(provider)) for provider in PROVIDERS}


def test_the_schema_has_a_field_for_each_column() -> None:
    fields = build_graph().as_str().partition("type FocusInvoiceDetail {")[2].partition("\n}")[0]

    assert [column.name for column in INVOICE_DETAIL if f"FOCUS: `{column.name}`." not in fields] == []
