"""Facts of Archera's line items: the keys of their money are not published."""

from typing import Any

import pytest
import structlog

from providers.sandbox import Fault
from providers.sandbox.data import encode
from tests.harness import Service

pytestmark = pytest.mark.accounts_of("archera")
UNKNOWN_KEYS = "Line items have amounts under unknown keys."
COST = {"breakdown": {"archera_premium": 10.5}}


async def september(service: Service, *lines: dict[str, Any], selection: str) -> Any:
    """Return the selected fields of an invoice with these lines."""
    fault = Fault(kind="garbage", body=encode(lines).decode(), path="line-items")
    service.control("archera").faults.append(fault)
    data = await service.data(f'{{ invoice(id: "archera/sandbox-archera/invoice/2026-09") {{ {selection} }} }}')
    return data["invoice"]


@pytest.mark.parametrize("block", ["commitment_financials", "commitment_financials_monthly_rate", "anything"])
async def test_a_block_of_money_may_have_any_name(service: Service, block: str) -> None:
    line = {"id": "1", block: {"commitment_cost": COST}, "covered": {"other": 1}}

    invoice = await september(service, line, selection="lineItems { nodes { cost { amount } } }")

    assert invoice["lineItems"]["nodes"] == [{"cost": {"amount": "10.5"}}]


async def test_the_monthly_rate_block_of_the_sandbox_is_read(service: Service) -> None:
    savings = "details { ... on ArcheraLineItemDetails { netSavings { amount } } }"
    fields = (
        f"credits {{ value {{ ... on Money {{ amount }} }} }} lineItems {{ nodes {{ cost {{ amount }} {savings} }} }}"
    )
    document = f'{{ invoice(id: "archera/sandbox-archera/invoice/2026-10") {{ {fields} }} }}'
    usual = await service.data(document)
    service.control("archera").faults.append(Fault(kind="shape", shape="monthly_rate", path="line-items"))

    assert await service.data(document) == usual


async def test_credits_are_null_if_no_line_states_a_rebate(service: Service) -> None:
    premium, rebate = {"id": "1", "archera_premiums": 1}, {"id": "2", "rebates": 0}

    assert await september(service, premium, selection="credits { id }") == {"credits": None}
    service.control("archera").reset()
    assert await september(service, premium, rebate, selection="credits { id }") == {"credits": []}


async def test_unknown_money_is_one_warning_without_values(service: Service) -> None:
    line = {"utilization": 0.9, "fee": 12.34, "block": {"new_premium": {"total": "56.78"}, "total_days": None}}

    with structlog.testing.capture_logs() as logs:
        invoice = await september(service, line, line, selection="lineItems { nodes { cost { amount } } }")

    assert invoice["lineItems"]["nodes"] == [{"cost": None}, {"cost": None}]
    [warning] = [entry for entry in logs if entry["event"] == UNKNOWN_KEYS]
    assert warning["keys"] == ["fee", "block.new_premium.total"]
    assert (warning["account"], warning["invoice"]) == ("archera/sandbox-archera", "2026-09")
    assert "12.34" not in str(logs)


async def test_a_line_without_money_is_no_warning(service: Service) -> None:
    with structlog.testing.capture_logs() as logs:
        await september(service, {"id": "1", "utilization": 1}, selection="lineItems { nodes { cost { amount } } }")

    assert [entry for entry in logs if entry["event"] == UNKNOWN_KEYS] == []
