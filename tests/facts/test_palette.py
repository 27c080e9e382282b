"""Facts of Palette's invoices: Palette omits zeros."""

from typing import Any

import pytest

from providers.sandbox import Fault
from providers.sandbox.data import encode
from tests.harness import NO_CACHE_NO_RETRY, Service, running_service, sandbox_of

pytestmark = pytest.mark.accounts_of("spectrocloud")


async def newest(service: Service, selection: str, status: Any = None, plan: Any = None) -> Any:
    """Return the selected fields of an invoice with this `status` and this plan."""
    payload = {
        "metadata": {"uid": "U1"},
        "spec": {"month": "2026-10-01T00:00:00Z", "paymentUnit": "usd", "plan": plan},
        "status": status,
    }
    service.control("spectrocloud").faults.append(Fault(kind="garbage", body=encode(payload).decode(), path="/U1$"))
    data = await service.data(f'{{ invoice(id: "spectrocloud/sandbox-palette/invoice/U1") {{ {selection} }} }}')
    return data["invoice"]


async def test_a_free_month_has_a_total_of_zero(service: Service) -> None:
    uid = service.api("spectrocloud").uids[-1]  # type: ignore[attr-defined]
    service.control("spectrocloud").faults.append(Fault(kind="shape", shape="free_month", path=uid))
    filter_by = '{ periodFrom: "2026-10-01", currency: [USD], totalMax: "0.00" }'.replace("[USD]", '["USD"]')

    data = await service.data(
        f"{{ invoices(filterBy: {filter_by}) {{ nodes {{ total {{ amount currency }} }} coverage {{ code }} }} }}"
    )

    assert data["invoices"]["nodes"] == [{"total": {"amount": "0", "currency": "USD"}}]
    assert data["invoices"]["coverage"] == [{"code": "UNLISTED"}]


@pytest.mark.parametrize(
    ("status", "total"),
    [
        (None, None),
        ({}, None),
        ({"productInvoice": None}, None),
        ({"productInvoice": {}}, {"amount": "0"}),
        ({"productInvoice": {"pure": {}}}, {"amount": "0"}),
        ({"productInvoice": {"pure": {}}, "billableAmount": None}, None),
        ({"billableAmount": 5}, {"amount": "5"}),
    ],
)
async def test_an_omitted_total_is_zero_beside_products(service: Service, status: Any, total: Any) -> None:
    assert await newest(service, "total { amount }", status) == {"total": total}


async def test_an_unused_credit_has_all_of_it_remaining(service: Service) -> None:
    fields = "value { ... on Quantity { amount } } used { ... on Quantity { amount } } "
    plan = {"slaCredits": [{"planCredit": {"creditUid": "C1", "cpuCoreHours": 500}}, {"totalCpuCoreHours": 5}]}

    credits = await newest(service, f"credits {{ {fields} remaining {{ ... on Quantity {{ amount }} }} }}", plan=plan)

    assert credits["credits"] == [
        {"value": {"amount": "500"}, "used": {"amount": "0"}, "remaining": {"amount": "500"}},
        {"value": None, "used": {"amount": "5"}, "remaining": None},
    ]


async def test_omitted_numbers_of_a_product_are_zero(service: Service) -> None:
    numbers = (
        "amount { amount } allocatedCredits freeCredits usedCredits totalUsedCredits billableCredits breachedCredits"
    )
    selection = f"details {{ ... on SpectroCloudInvoiceDetails {{ products {{ product {numbers} }} }} }}"

    invoice = await newest(service, selection, {"productInvoice": {"pure": {"tierName": "Tier 1"}}})

    assert invoice["details"]["products"] == [
        {
            "product": "Pure",
            "amount": {"amount": "0"},
            "allocatedCredits": "0",
            "freeCredits": "0",
            "usedCredits": "0",
            "totalUsedCredits": "0",
            "billableCredits": "0",
            "breachedCredits": "0",
        }
    ]


async def test_coverage_is_complete_once_the_operator_says_so() -> None:
    settings = {"invoice_uids_complete": True} | NO_CACHE_NO_RETRY
    document = "{ invoices(first: 1) { coverage { status code message } } }"
    async with running_service(sandbox_of("spectrocloud"), settings=settings) as service:
        payload = await service.query(document)

    note = "Spectro Cloud Palette has no list of invoices. According to the configuration, it names all of them."
    assert payload["data"]["invoices"]["coverage"] == [{"status": "COMPLETE", "code": None, "message": note}]
    [entry] = payload["extensions"]["coverage"]
    assert (entry["status"], entry["code"]) == ("COMPLETE", None)
