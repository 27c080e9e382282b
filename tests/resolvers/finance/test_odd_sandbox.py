"""The sandbox accounts whose invoices do not add up: they have every discrepancy, and are off by default."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers import PROVIDERS
from schema.reconciliation import CheckCode
from server.accounts import configured_accounts
from server.config.loading import load
from tests.harness import Service, create_sandbox, now, running_service

from .checking import DISCREPANCIES, short

DETAILS = "{ accounts { id name sandbox } invoices(first: 200) { nodes { raw } } }"
NAMES = {"archera/odd-archera", "fastly/odd-fastly", "spectrocloud/odd-palette"}


@pytest.fixture
async def odd() -> AsyncIterator[Service]:
    """The further accounts only."""
    apis = [spec.odd_sandbox(now=now) for spec in PROVIDERS.values() if spec.odd_sandbox]
    async with running_service(create_sandbox(*apis), settings={"attempts": 1, "rate_limit": None}) as service:
        yield service


async def test_they_have_every_discrepancy(odd: Service) -> None:
    invoices = (await odd.data("{ invoices(first: 200) { nodes { id } } }"))["invoices"]["nodes"]
    for invoice in invoices:  # afterwards the list and the detail can be compared
        await odd.data("query($id: ID!) { invoice(id: $id) { number } }", {"id": invoice["id"]})

    nodes = (await odd.data(DISCREPANCIES, {"first": 200}))["discrepancies"]["nodes"]

    mismatches = {node["check"]["code"] for node in nodes if node["check"]["verdict"] == "MISMATCH"}
    assert mismatches == {code.name for code in CheckCode}


async def test_they_are_labelled(odd: Service) -> None:
    accounts = (await odd.data(DETAILS))["accounts"]

    assert {account["id"] for account in accounts} == NAMES
    assert all("with discrepancies (sandbox)" in account["name"] for account in accounts)
    assert all(account["sandbox"] for account in accounts)


@pytest.mark.parametrize("is_odd", [False, True])
async def test_they_are_off_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, is_odd: bool) -> None:
    if is_odd:
        monkeypatch.setenv("INVOICEGRAPH_SERVER__ODD_SANDBOX", "true")

    async with configured_accounts(load(sandbox=True))() as accounts:
        ids = {account.account_ref.id for account in accounts}

    assert (NAMES & ids) == (NAMES if is_odd else set())
    assert len(ids) == (6 if is_odd else 3)


async def test_the_same_figures_at_every_start(odd: Service) -> None:
    first = (await odd.data(DISCREPANCIES, {"first": 200}))["discrepancies"]["nodes"]
    apis = [spec.odd_sandbox(now=now) for spec in PROVIDERS.values() if spec.odd_sandbox]
    async with running_service(create_sandbox(*apis)) as service:
        again = (await service.data(DISCREPANCIES, {"first": 200}))["discrepancies"]["nodes"]

    assert [short(node["check"]) for node in first] == [short(node["check"]) for node in again]
