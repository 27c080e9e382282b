"""Real gateways join rows of another subgraph to this one with one request and no repeated provider call."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.harness import Service

from .supergraph import Supergraph, supergraph

GATEWAYS = ["Apollo", "Hive"]
ROWS = "{ bookings(first: 50) { nodes { id %s } } }"


@pytest.fixture
async def federated(service: Service) -> AsyncIterator[Supergraph]:
    async with supergraph(service) as running_supergraph:
        yield running_supergraph


async def fetch_rows(federated: Supergraph, gateway: str, selection: str) -> list[Any]:
    """Return the fifty rows. Checks that they cost one request to this subgraph and no repeated provider call."""
    rows = (await federated.data(gateway, ROWS % selection))["bookings"]["nodes"]
    calls = provider_calls(federated)
    assert len(rows) == 50
    assert [request["query"].count("_entities(") for request in federated.proxy.requests] == [1]
    assert sorted(calls) == sorted(set(calls))
    return list(rows)


def provider_calls(federated: Supergraph) -> list[str]:
    return federated.service.all_calls()


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_rows_are_joined_to_invoices(federated: Supergraph, gateway: str) -> None:
    rows = await fetch_rows(federated, gateway, "invoice { id number total { amount } }")
    invoices = {row["invoice"]["id"] for row in rows}

    assert len(invoices) == len(provider_calls(federated)) == 17
    assert rows[0]["invoice"]["total"] == {"amount": "3553.56"}
    assert rows[5]["invoice"]["number"] == "INV-317150"


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_rows_are_joined_to_projects(federated: Supergraph, gateway: str) -> None:
    rows = await fetch_rows(federated, gateway, "project { name account { name } }")
    await federated.service.data('{ projects(accounts: ["spectrocloud/sandbox-palette"]) { nodes { name } } }')
    calls = provider_calls(federated)

    assert [row["project"] and row["project"]["name"] for row in rows][:6] == [
        "storefront", "checkout", "ml-training", "edge-stores", "legacy-batch", None,
    ]  # fmt: skip
    assert len(calls) == 2 * len(set(calls)), "joining the projects makes the calls of the project list, once"


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_rows_are_joined_to_accounts(federated: Supergraph, gateway: str) -> None:
    rows = await fetch_rows(federated, gateway, "account { name sandbox provider { name } }")

    assert {row["account"]["name"] for row in rows} == {"Palette (sandbox)", "Fastly (sandbox)"}
    assert provider_calls(federated) == []


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_rows_are_joined_to_lines_credits_and_providers(federated: Supergraph, gateway: str) -> None:
    line_rows = await fetch_rows(federated, gateway, "lineItem { product }")
    assert [row["lineItem"] for row in line_rows if row["lineItem"]][:1] == [{"product": "North America Requests"}]
    assert len(provider_calls(federated)) == 8

    credit_rows = await fetch_rows(federated, gateway, "credit { kind }")
    assert [row["credit"] for row in credit_rows][4:7] == [{"kind": "FREE"}, None, {"kind": "FREE"}]
    assert len(provider_calls(federated)) == 9

    provider_rows = await fetch_rows(federated, gateway, "provider { name }")
    assert [row["provider"]["name"] for row in provider_rows][4:7] == [
        "Spectro Cloud Palette", "Fastly", "Spectro Cloud Palette",
    ]  # fmt: skip
    assert provider_calls(federated) == []


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_other_subgraph_extends_projects_and_accounts(federated: Supergraph, gateway: str) -> None:
    data = await federated.data(
        gateway, "{ accounts { id team { name } } projects { nodes { name team { budget { amount currency } } } } }"
    )

    assert data["accounts"] == [
        {"id": "archera/sandbox-archera", "team": None},
        {"id": "fastly/sandbox-fastly", "team": {"name": "Platform"}},
        {"id": "spectrocloud/sandbox-palette", "team": {"name": "Platform"}},
    ]
    assert data["projects"]["nodes"][0] == {
        "name": "storefront",
        "team": {"budget": {"amount": "2000", "currency": "USD"}},
    }
