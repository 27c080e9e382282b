"""Palette's sandbox returns what Palette documents."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.sandbox import Fault, serve
from providers.sandbox import Sandbox as Sandboxes
from providers.spectrocloud.sandbox import KEY, TENANT, Sandbox

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
INVOICES = f"/v1/tenants/{TENANT}/invoices"
Get = Callable[[str], Awaitable[httpx.Response]]


def sandbox_at(now: datetime = NOW, **options: Any) -> Sandbox:
    return Sandbox(now=lambda: now, **options)


@asynccontextmanager
async def client_of(sandbox: Sandbox, **headers: str) -> AsyncIterator[Get]:
    async with (
        serve(sandbox) as url,
        httpx.AsyncClient(verify=False, base_url=url, headers=headers or {"ApiKey": KEY}) as client,
    ):
        yield client.get


def decode_exactly(response: httpx.Response) -> Any:
    return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)


async def fetch_all(sandbox: Sandbox) -> dict[str, Any]:
    """Return the invoices by month, earliest first."""
    async with client_of(sandbox) as get:
        invoices = [decode_exactly(await get(f"{INVOICES}/{uid}")) for uid in sandbox.uids]
    return {invoice["metadata"]["name"]: invoice for invoice in invoices}


def scalars(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [scalar for part in value.values() for scalar in scalars(part)]
    if isinstance(value, list):
        return [scalar for part in value for scalar in scalars(part)]
    return [value]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"ApiKey": KEY}, 200),
        ({"apikey": KEY}, 200),
        ({"Authorization": KEY}, 200),
        ({"Authorization": f"Bearer {KEY}"}, 401),
        ({"ApiKey": "wrong"}, 401),
    ],
)
async def test_key_or_raw_token_is_accepted(headers: dict[str, str], status: int) -> None:
    sandbox = sandbox_at()
    async with client_of(sandbox, **headers) as get:
        assert (await get(f"{INVOICES}/{sandbox.uids[0]}")).status_code == status


async def test_there_is_no_list_endpoint() -> None:
    async with client_of(sandbox_at()) as get:
        assert (await get(INVOICES)).status_code == 404


async def test_other_tenant_is_403_and_unknown_uid_404() -> None:
    sandbox = sandbox_at()
    async with client_of(sandbox) as get:
        other_tenant = await get(f"/v1/tenants/another-tenant/invoices/{sandbox.uids[0]}")
        unknown_uid = await get(f"{INVOICES}/nothing")
    assert (other_tenant.status_code, other_tenant.json()["code"]) == (403, "OperationForbidden")
    assert (unknown_uid.status_code, unknown_uid.json()["code"]) == (404, "ResourceNotFound")
    assert list(unknown_uid.json()) == ["code", "message", "ref"]


async def test_too_many_requests_is_plain_text() -> None:
    sandbox = sandbox_at()
    sandbox.control.faults.append(Fault(kind="status", status=429))
    async with client_of(sandbox) as get:
        response = await get(INVOICES)
    assert (response.status_code, response.text) == (429, "Too Many Requests")


async def test_each_finished_month_has_one_invoice() -> None:
    invoices = await fetch_all(sandbox_at())
    assert len(invoices) == 36
    assert min(invoices) == "2023-11"
    assert max(invoices) == "2026-10"
    october = invoices["2026-10"]
    assert october["spec"]["billingPeriod"] == {"start": "2026-10-01T00:00:00.000Z", "end": "2026-10-31T23:59:59.000Z"}
    assert october["metadata"]["deletionTimestamp"] == "0001-01-01T00:00:00.000Z"
    assert len(october["metadata"]["uid"]) == 24


async def test_zeros_and_empty_texts_are_omitted() -> None:
    for invoice in (await fetch_all(sandbox_at())).values():
        assert not [value for value in scalars(invoice) if value in {0, ""}]


async def test_products_and_projects_add_up() -> None:
    statuses = [invoice["status"] for month, invoice in (await fetch_all(sandbox_at())).items() if month >= "2024-02"]
    assert len(statuses) == 33
    for status in statuses:
        products, projects = status["productInvoice"], status["projects"]
        assert sum(product.get("amount", 0) for product in products.values()) == status["billableAmount"]
        assert sum(project["amount"] for project in projects) == status["billableAmount"]
        for name, product in products.items():
            usages = [project["usage"].get(name, {}) for project in projects]
            assert sum(usage.get("amount", 0) for usage in usages) == product.get("amount", 0)
            assert sum(usage.get("usedCredits", 0) for usage in usages) == product.get("usedCredits", 0)
            amount = product.get("billableCredits", 0) * product["tierPrice"]
            assert product.get("amount", 0) == amount.quantize(Decimal("0.01"), "ROUND_HALF_UP")


async def test_history_has_every_known_peculiarity() -> None:
    invoices = await fetch_all(sandbox_at())
    plans = {invoice["spec"]["plan"]["plantype"] for invoice in invoices.values()}
    assert plans == {"Trial", "MonthlyOnDemand", "AnnualSubscription"}
    assert "OnPrem" in {invoice["spec"]["envType"] for invoice in invoices.values()}
    assert "status" not in invoices["2023-11"]
    assert invoices["2023-12"]["status"] == {"projects": None, "states": None}
    sla = [invoice["spec"]["plan"]["slaCredits"] for invoice in invoices.values()]
    assert None in sla
    assert any(sla)
    projects = [project for invoice in invoices.values() for project in invoice.get("status", {}).get("projects") or []]
    assert any("projectUid" not in project for project in projects)
    assert all("usage" in project for project in projects)
    june, july = ([p.get("projectName") for p in invoices[m]["status"]["projects"]] for m in ("2025-06", "2025-07"))
    assert ("legacy-batch" in june, "legacy-batch" in july) == (True, False)


async def test_payments_fail_and_are_retried_in_any_order() -> None:
    invoices = await fetch_all(sandbox_at())
    histories = [invoice["status"]["states"] or [] for invoice in list(invoices.values())[1:]]
    words = {state["state"] for history in histories for state in history}
    assert words == {"PaymentPending", "PaymentInProgress", "PaymentFailed", "Paid", "PaymentDisputed"}
    in_order = [history == sorted(history, key=lambda state: state["timestamp"]) for history in histories]
    assert {*in_order} == {True, False}
    failed_states = [state for history in histories for state in history if state["state"] == "PaymentFailed"]
    assert {state["paymentMsg"] for state in failed_states} == {"Your card has insufficient funds."}


async def test_future_states_are_not_shown() -> None:
    now = datetime(2026, 11, 1, 1, tzinfo=UTC)
    october = (await fetch_all(sandbox_at(now)))["2026-10"]
    assert [state["state"] for state in october["status"]["states"]] == ["PaymentPending"]
    assert len(sandbox_at(datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)).uids) == 35


async def test_past_months_do_not_change() -> None:
    earlier = await fetch_all(sandbox_at())
    later = await fetch_all(sandbox_at(NOW + timedelta(days=100), first=date(2023, 9, 1)))
    past_months = [month for month in earlier if month < "2026-10"]
    assert len(later) == 36 + 2 + 4
    assert [later[month] for month in past_months] == [earlier[month] for month in past_months]


async def test_payment_advances_step_by_step() -> None:
    sandbox = sandbox_at(datetime(2026, 11, 1, 1, tzinfo=UTC))
    uid = sandbox.post_invoice()
    words = [sandbox.advance_payment(uid) for _ in range(5)]
    assert words == ["PaymentInProgress", "PaymentFailed", "PaymentInProgress", "Paid", "Paid"]
    async with client_of(sandbox) as get:
        states = (await get(f"{INVOICES}/{uid}")).json()["status"]["states"]
    words_by_timestamp = {state["timestamp"]: state["state"] for state in states}
    assert [words_by_timestamp[timestamp] for timestamp in sorted(words_by_timestamp)] == ["PaymentPending", *words[:4]]


async def test_new_uid_is_appended_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    sandbox = sandbox_at(uids_file=file)
    account = sandbox.account("http://127.0.0.1:9000")
    uid = sandbox.post_invoice()
    assert (account["invoice_uids_file"], file.read_text()) == (file, f"{uid}\n")
    assert uid in sandbox.uids
    assert uid not in account["invoice_uids"]  # type: ignore[operator]


async def test_control_shows_the_uids_file(tmp_path: Path) -> None:
    sandboxes = Sandboxes([sandbox_at(uids_file=tmp_path / "uids")])
    async with serve(sandboxes) as url, httpx.AsyncClient(verify=False) as client:
        (account,) = (await client.get(f"{url}/control")).json()["accounts"]
    assert account["invoice_uids_file"] == str(tmp_path / "uids")


@pytest.mark.parametrize("report", ["invoice/pdf", "pdf", "usage/pdf"])
async def test_reports_are_pdf_attachments(report: str) -> None:
    sandbox = sandbox_at()
    async with client_of(sandbox) as get:
        response = await get(f"{INVOICES}/{sandbox.uids[-1]}/report/{report}")
    assert response.content.startswith(b"%PDF-")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="invoice-2026-10.pdf"'
