"""Real gateways join rows of another subgraph to this one: by one request, and by no call made twice."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers import PROVIDERS
from tests.harness import Service

from .supergraph import Supergraph, supergraph

GATEWAYS = ["Apollo", "Hive"]
ROWS = "{ bookings(first: 50) { nodes { id %s } } }"


@pytest.fixture
async def joined(service: Service) -> AsyncIterator[Supergraph]:
    async with supergraph(service) as running:
        yield running


async def rows(joined: Supergraph, gateway: str, selected: str) -> list[Any]:
    """The fifty rows, for which this subgraph was asked once, and each resource of a provider at most once."""
    found = (await joined.data(gateway, ROWS % selected))["bookings"]["nodes"]
    calls = called(joined)
    assert len(found) == 50
    assert [asked["query"].count("_entities(") for asked in joined.relay.asked] == [1]
    assert sorted(calls) == sorted(set(calls))
    return list(found)


def called(joined: Supergraph) -> list[str]:
    return [path for provider in PROVIDERS for path in joined.service.calls(provider)]


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_fifty_rows_are_joined_to_their_invoices(joined: Supergraph, gateway: str) -> None:
    found = await rows(joined, gateway, "invoice { id number total { amount } }")
    invoices = {row["invoice"]["id"] for row in found}

    assert len(invoices) == len(called(joined)) == 17
    assert found[0]["invoice"]["total"] == {"amount": "3553.56"}
    assert found[5]["invoice"]["number"] == "INV-317150"


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_fifty_rows_are_joined_to_their_projects(joined: Supergraph, gateway: str) -> None:
    found = await rows(joined, gateway, "project { name account { name } }")
    await joined.service.data('{ projects(accounts: ["spectrocloud/sandbox-palette"]) { nodes { name } } }')
    twice = called(joined)

    assert [row["project"] and row["project"]["name"] for row in found][:6] == [
        "storefront", "checkout", "ml-training", "edge-stores", "legacy-batch", None,
    ]  # fmt: skip
    assert len(twice) == 2 * len(set(twice)), "all projects of an account cost what the list of them costs"


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_fifty_rows_are_joined_to_their_accounts(joined: Supergraph, gateway: str) -> None:
    found = await rows(joined, gateway, "account { name sandbox provider { name } }")

    assert {row["account"]["name"] for row in found} == {"Palette (sandbox)", "Fastly (sandbox)"}
    assert called(joined) == []


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_fifty_rows_are_joined_to_their_lines_their_grants_and_their_providers(
    joined: Supergraph, gateway: str
) -> None:
    lines = await rows(joined, gateway, "lineItem { product }")
    assert [row["lineItem"] for row in lines if row["lineItem"]][:1] == [{"product": "North America Requests"}]
    assert len(called(joined)) == 8

    grants = await rows(joined, gateway, "credit { kind }")
    assert [row["credit"] for row in grants][4:7] == [{"kind": "FREE"}, None, {"kind": "FREE"}]
    assert len(called(joined)) == 9

    named = await rows(joined, gateway, "provider { name }")
    assert [row["provider"]["name"] for row in named][4:7] == [
        "Spectro Cloud Palette", "Fastly", "Spectro Cloud Palette",
    ]  # fmt: skip
    assert called(joined) == []


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_another_subgraph_extends_projects_and_accounts(joined: Supergraph, gateway: str) -> None:
    found = await joined.data(
        gateway, "{ accounts { id team { name } } projects { nodes { name team { budget { amount currency } } } } }"
    )

    assert found["accounts"] == [
        {"id": "archera/sandbox-archera", "team": None},
        {"id": "fastly/sandbox-fastly", "team": {"name": "Platform"}},
        {"id": "spectrocloud/sandbox-palette", "team": {"name": "Platform"}},
    ]
    assert found["projects"]["nodes"][0] == {
        "name": "storefront",
        "team": {"budget": {"amount": "2000", "currency": "USD"}},
    }
