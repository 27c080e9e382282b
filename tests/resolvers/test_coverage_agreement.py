"""`extensions.coverage` agrees with the field `coverage` of the one list that an operation reads."""

from typing import Any

import pytest

from providers.sandbox import Fault
from tests.harness import Service

from .fastly import LIST, invoice_payload, list_fault

ENTRY = "coverage { account { id } status code asOf }"
LISTS = {
    "invoices": f"{{ list: invoices(first: 5) {{ {ENTRY} }} }}",
    "a filter on payment": f"{{ list: invoices(first: 5, filterBy: {{ paymentStatus: [PAID] }}) {{ {ENTRY} }} }}",
    "a filter on projects": f'{{ list: invoices(filterBy: {{ projects: ["x"] }}) {{ {ENTRY} }} }}',
    "a filter that matches nothing": f"{{ list: invoices(filterBy: {{ currency: [] }}) {{ {ENTRY} }} }}",
    "projects": f"{{ list: projects {{ {ENTRY} }} }}",
    "month to date": f"{{ list: monthToDate {{ {ENTRY} }} }}",
}
UNSTATED = invoice_payload("A", payment_status=None)
UNREADABLE: dict[str, Any] = {"invoice_id": "B"}
FAULTS: dict[str, list[tuple[str, Fault]]] = {
    "nothing": [],
    "every call": [(name, Fault(kind="status", status=500)) for name in ("archera", "fastly", "spectrocloud")],
    "one Palette invoice": [("spectrocloud", Fault(kind="status", status=500, times=1))],
    "a missing Palette invoice": [("spectrocloud", Fault(kind="status", status=404, times=1))],
    "every Palette invoice is missing": [("spectrocloud", Fault(kind="status", status=404))],
    "no month to date": [("fastly", Fault(kind="status", status=404))],
    "an invoice without payment": [("fastly", list_fault(UNSTATED))],
    "an unreadable invoice": [("fastly", list_fault(invoice_payload("A"), UNREADABLE))],
    "a list of unreadable invoices": [("fastly", list_fault(UNREADABLE, UNREADABLE))],
    "an empty list": [("fastly", list_fault())],
    "the same cursor twice": [("fastly", list_fault(invoice_payload("A"), next_cursor="x", total=200))],
    "a second page that fails": [
        ("fastly", list_fault(invoice_payload("A"), next_cursor="x", total=200, times=1)),
        ("fastly", Fault(kind="status", status=403, path=LIST)),
    ],
}


@pytest.mark.parametrize("selection", LISTS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_both_coverages_agree(service: Service, selection: str, fault: str) -> None:
    for provider, injected in FAULTS[fault]:
        service.control(provider).faults.append(injected)

    payload = await service.query(LISTS[selection])

    of_list = {entry.pop("account")["id"]: entry for entry in payload["data"]["list"]["coverage"]}
    of_operation = {entry.pop("account"): entry for entry in payload.get("extensions", {}).get("coverage", [])}
    assert of_operation == {account: of_list[account] for account in of_operation}
    unread = {"status": "COMPLETE", "code": None, "asOf": None}
    assert [entry for account, entry in of_list.items() if account not in of_operation and entry != unread] == []
