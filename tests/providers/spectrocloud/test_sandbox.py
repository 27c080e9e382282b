"""Palette's sandbox speaks Palette's wire."""

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


def built(now: datetime = NOW, **more: Any) -> Sandbox:
    return Sandbox(now=lambda: now, **more)


@asynccontextmanager
async def asking(sandbox: Sandbox, **headers: str) -> AsyncIterator[Get]:
    async with (
        serve(sandbox) as url,
        httpx.AsyncClient(verify=False, base_url=url, headers=headers or {"ApiKey": KEY}) as client,
    ):
        yield client.get


def exact(answer: httpx.Response) -> Any:
    return json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)


async def everything(sandbox: Sandbox) -> dict[str, Any]:
    """By month, earliest first."""
    async with asking(sandbox) as get:
        invoices = [exact(await get(f"{INVOICES}/{uid}")) for uid in sandbox.uids]
    return {invoice["metadata"]["name"]: invoice for invoice in invoices}


def numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [found for part in value.values() for found in numbers(part)]
    if isinstance(value, list):
        return [found for part in value for found in numbers(part)]
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
async def test_a_key_or_a_raw_token_opens_the_door(headers: dict[str, str], status: int) -> None:
    sandbox = built()
    async with asking(sandbox, **headers) as get:
        assert (await get(f"{INVOICES}/{sandbox.uids[0]}")).status_code == status


async def test_there_is_no_list() -> None:
    async with asking(built()) as get:
        assert (await get(INVOICES)).status_code == 404


async def test_a_foreign_tenant_is_forbidden_and_an_unknown_uid_not_found() -> None:
    sandbox = built()
    async with asking(sandbox) as get:
        foreign = await get(f"/v1/tenants/someone-else/invoices/{sandbox.uids[0]}")
        unknown = await get(f"{INVOICES}/nothing")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "OperationForbidden")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ResourceNotFound")
    assert list(unknown.json()) == ["code", "message", "ref"]


async def test_too_many_requests_is_not_said_in_json() -> None:
    sandbox = built()
    sandbox.control.faults.append(Fault(kind="status", status=429))
    async with asking(sandbox) as get:
        answer = await get(INVOICES)
    assert (answer.status_code, answer.text) == (429, "Too Many Requests")


async def test_every_finished_month_has_one_invoice() -> None:
    invoices = await everything(built())
    assert len(invoices) == 36
    assert min(invoices) == "2023-11"
    assert max(invoices) == "2026-10"
    october = invoices["2026-10"]
    assert october["spec"]["billingPeriod"] == {"start": "2026-10-01T00:00:00.000Z", "end": "2026-10-31T23:59:59.000Z"}
    assert october["metadata"]["deletionTimestamp"] == "0001-01-01T00:00:00.000Z"
    assert len(october["metadata"]["uid"]) == 24


async def test_zeros_and_empty_texts_are_never_sent() -> None:
    for invoice in (await everything(built())).values():
        assert not [value for value in numbers(invoice) if value in {0, ""}]


async def test_projects_and_products_add_up_to_the_billable_amount() -> None:
    billed = [found["status"] for month, found in (await everything(built())).items() if month >= "2024-02"]
    assert len(billed) == 33
    for status in billed:
        products, projects = status["productInvoice"], status["projects"]
        assert sum(product.get("amount", 0) for product in products.values()) == status["billableAmount"]
        assert sum(project["amount"] for project in projects) == status["billableAmount"]
        for name, product in products.items():
            uses = [project["usage"].get(name, {}) for project in projects]
            assert sum(use.get("amount", 0) for use in uses) == product.get("amount", 0)
            assert sum(use.get("usedCredits", 0) for use in uses) == product.get("usedCredits", 0)
            charged = product.get("billableCredits", 0) * product["tierPrice"]
            assert product.get("amount", 0) == charged.quantize(Decimal("0.01"), "ROUND_HALF_UP")


async def test_the_history_has_what_a_client_must_stand() -> None:
    invoices = await everything(built())
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


async def test_payments_fail_are_tried_again_and_come_in_any_order() -> None:
    invoices = await everything(built())
    histories = [invoice["status"]["states"] or [] for invoice in list(invoices.values())[1:]]
    words = {state["state"] for history in histories for state in history}
    assert words == {"PaymentPending", "PaymentInProgress", "PaymentFailed", "Paid", "PaymentDisputed"}
    in_order = [history == sorted(history, key=lambda state: state["timestamp"]) for history in histories]
    assert {*in_order} == {True, False}
    failed = [state for history in histories for state in history if state["state"] == "PaymentFailed"]
    assert {state["paymentMsg"] for state in failed} == {"Your card has insufficient funds."}


async def test_what_has_not_happened_yet_is_not_shown() -> None:
    now = datetime(2026, 11, 1, 1, tzinfo=UTC)
    october = (await everything(built(now)))["2026-10"]
    assert [state["state"] for state in october["status"]["states"]] == ["PaymentPending"]
    assert len(built(datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)).uids) == 35


async def test_a_past_month_is_the_same_whatever_the_clock_and_the_history() -> None:
    known = await everything(built())
    grown = await everything(built(NOW + timedelta(days=100), first=date(2023, 9, 1)))
    settled = [month for month in known if month < "2026-10"]
    assert len(grown) == 36 + 2 + 4
    assert [grown[month] for month in settled] == [known[month] for month in settled]


async def test_a_payment_moves_one_step_at_a_time() -> None:
    sandbox = built(datetime(2026, 11, 1, 1, tzinfo=UTC))
    uid = sandbox.post_invoice()
    words = [sandbox.advance_payment(uid) for _ in range(5)]
    assert words == ["PaymentInProgress", "PaymentFailed", "PaymentInProgress", "Paid", "Paid"]
    async with asking(sandbox) as get:
        states = (await get(f"{INVOICES}/{uid}")).json()["status"]["states"]
    stamps = {state["timestamp"]: state["state"] for state in states}
    assert [stamps[at] for at in sorted(stamps)] == ["PaymentPending", *words[:4]]


async def test_a_new_uid_is_told_to_whoever_reads_the_file(tmp_path: Path) -> None:
    file = tmp_path / "uids"
    sandbox = built(uids_file=file)
    account = sandbox.account("http://127.0.0.1:9000")
    uid = sandbox.post_invoice()
    assert (account["invoice_uids_file"], file.read_text()) == (file, f"{uid}\n")
    assert uid in sandbox.uids
    assert uid not in account["invoice_uids"]  # type: ignore[operator]


async def test_the_control_tells_of_the_file_too(tmp_path: Path) -> None:
    everyone = Sandboxes([built(uids_file=tmp_path / "uids")])
    async with serve(everyone) as url, httpx.AsyncClient(verify=False) as client:
        (account,) = (await client.get(f"{url}/control")).json()["accounts"]
    assert account["invoice_uids_file"] == str(tmp_path / "uids")


@pytest.mark.parametrize("report", ["invoice/pdf", "pdf", "usage/pdf"])
async def test_reports_are_pdfs_to_save(report: str) -> None:
    sandbox = built()
    async with asking(sandbox) as get:
        answer = await get(f"{INVOICES}/{sandbox.uids[-1]}/report/{report}")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invoice-2026-10.pdf"'
