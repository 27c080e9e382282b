"""Tests of projects, which are collected from invoices, and of their charges."""

import json
from collections.abc import AsyncIterator
from datetime import date

import pytest

from providers.fastly.sandbox import Sandbox as Fastly
from providers.sandbox import Fault
from providers.spectrocloud.sandbox import Sandbox
from tests.harness import Service, create_sandbox, now, running_service

ACCOUNT = "spectrocloud/sandbox-palette"
STOREFRONT = f"{ACCOUNT}/project/5fbbf026c2d8c993e69c52d2"
NAMES = ["storefront", "ml-training", "checkout", "edge-stores"]


@pytest.fixture
async def palette() -> AsyncIterator[Service]:
    """Six invoices of one tenant, and Fastly, whose invoices name no projects."""
    apis = [Sandbox(now=now, first=date(2026, 5, 1)), Fastly(now=now)]
    async with running_service(create_sandbox(*apis)) as service:
        yield service


async def test_every_project_appears_once_sorted_by_id(palette: Service) -> None:
    page = "totalCount nodes { id name account { id } } coverage { account { id } status code }"
    result = (await palette.data(f"{{ projects {{ {page} }} }}"))["projects"]

    assert [node["name"] for node in result["nodes"]] == NAMES
    assert [node["id"] for node in result["nodes"]] == sorted(node["id"] for node in result["nodes"])
    assert result["nodes"][0] == {"id": STOREFRONT, "name": "storefront", "account": {"id": ACCOUNT}}
    assert result["totalCount"] == 4
    assert result["coverage"] == [
        {"account": {"id": ACCOUNT}, "status": "PARTIAL", "code": "UNLISTED"},
        {"account": {"id": "fastly/sandbox-fastly"}, "status": "COMPLETE", "code": None},
    ]
    assert (len(set(palette.calls("spectrocloud"))), len(palette.calls("spectrocloud"))) == (6, 6)
    assert palette.calls("fastly") == []


async def test_pages_return_every_project_once(palette: Service) -> None:
    page = "nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor }"
    document = f"query($after: String) {{ projects(first: 3, after: $after) {{ {page} }} }}"

    first = (await palette.data(document))["projects"]
    second = (await palette.data(document, {"after": first["pageInfo"]["endCursor"]}))["projects"]

    assert [node["name"] for node in first["nodes"] + second["nodes"]] == NAMES
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


@pytest.mark.parametrize(
    ("arguments", "names", "is_called"),
    [
        ('search: "E-S"', ["edge-stores"], True),
        ('search: "STOREFRONT"', ["storefront"], True),
        ('search: ""', NAMES, True),
        ("search: null, accounts: null", NAMES, True),
        ('search: "none"', [], True),
        (f'accounts: ["{ACCOUNT}"], search: "out"', ["checkout"], True),
        ("accounts: []", [], False),
        ('accounts: ["fastly/sandbox-fastly"]', [], False),
        ('accounts: ["spectrocloud/unknown"]', [], False),
    ],
)
async def test_projects_can_be_searched_by_name_and_account(
    palette: Service, arguments: str, names: list[str], is_called: bool
) -> None:
    result = (await palette.data(f"{{ projects({arguments}) {{ totalCount nodes {{ name }} }} }}"))["projects"]

    assert [node["name"] for node in result["nodes"]] == names
    assert result["totalCount"] == len(names)
    assert bool(palette.calls("spectrocloud")) is is_called


async def test_id_and_account_need_no_call(palette: Service) -> None:
    unknown_id = f"{ACCOUNT}/project/missing"
    document = f"""{{
      one: project(id: "{STOREFRONT}") {{ id __typename account {{ name }} }}
      two: project(id: "{unknown_id}") {{ ... on Project {{ id }} ...Account }}
      node(id: "{STOREFRONT}") {{ ... on Node {{ id }} ...Account ... on Account {{ name }} ...Invoice }}
    }} fragment Account on Project {{ account {{ id }} }} fragment Invoice on Invoice {{ number }}"""

    result = await palette.data(document)

    assert result["one"] == {"id": STOREFRONT, "__typename": "Project", "account": {"name": "Palette (sandbox)"}}
    assert result["two"] == {"id": unknown_id, "account": {"id": ACCOUNT}}
    assert result["node"] == {"id": STOREFRONT, "account": {"id": ACCOUNT}}
    assert palette.calls("spectrocloud") == []


async def test_project_without_invoices_is_null(palette: Service) -> None:
    unknown_id = f"{ACCOUNT}/project/missing"
    result = await palette.data(
        f'{{ project(id: "{unknown_id}") {{ name }} node(id: "{unknown_id}") {{ ... on Project {{ name }} }} }}'
    )
    assert result == {"project": None, "node": None}


async def test_failed_invoice_makes_project_lookup_fail(palette: Service) -> None:
    palette.control("spectrocloud").faults.append(Fault(kind="status", status=429, times=1))

    response = await palette.query(f'{{ project(id: "{ACCOUNT}/project/missing") {{ name }} }}')

    assert response["data"] == {"project": None}
    assert response["errors"][0]["extensions"] == {
        "code": "RATE_LIMITED",
        "account": ACCOUNT,
        "provider": "spectrocloud",
    }


async def test_failed_invoice_makes_project_count_null(palette: Service) -> None:
    palette.control("spectrocloud").faults.append(Fault(kind="status", status=500, times=1))

    result = (await palette.data("{ projects { totalCount nodes { name } coverage { status code } } }"))["projects"]

    assert (result["totalCount"], [node["name"] for node in result["nodes"]]) == (None, NAMES)
    assert result["coverage"][0] == {"status": "PARTIAL", "code": "UNAVAILABLE"}


async def test_charges_are_sorted_newest_invoice_first(palette: Service) -> None:
    share = "name cost { amount currency } project { id } usage { product cost { amount } used { amount unit } }"
    charges = f"charges(first: 2) {{ totalCount nodes {{ {share} invoice {{ id period {{ start }} }} }} }}"
    result = (await palette.data(f'{{ project(id: "{STOREFRONT}") {{ name {charges} }} }}'))["project"]

    nodes = result["charges"]["nodes"]
    assert (result["name"], result["charges"]["totalCount"]) == ("storefront", 6)
    assert [node["invoice"]["period"]["start"][:7] for node in nodes] == ["2026-10", "2026-09"]
    shares = f"projects {{ {share} invoice {{ id period {{ start }} }} }}"
    newest = await palette.data(f'{{ invoice(id: "{nodes[0]["invoice"]["id"]}") {{ {shares} }} }}')
    assert nodes[0] in newest["invoice"]["projects"]
    assert nodes[0]["cost"] == {"amount": "258.38", "currency": "USD"}


def invoice_fault(uid: str, month: str, *projects: tuple[str, str, int]) -> Fault:
    """Return a handwritten invoice whose projects have this UID, name and amount."""
    rows = [
        {"projectUid": project_uid, "projectName": name, "amount": amount} for project_uid, name, amount in projects
    ]
    body = {
        "metadata": {"uid": uid},
        "spec": {"month": f"{month}-01T00:00:00.000Z", "paymentUnit": "usd"},
        "status": {"projects": rows},
    }
    return Fault(kind="garbage", path=uid, body=json.dumps(body))


async def test_renamed_project_has_its_newest_name() -> None:
    palette = Sandbox(now=now, first=date(2026, 9, 1))
    async with running_service(create_sandbox(palette)) as service:
        older, newer = palette.uids
        faults = [invoice_fault(older, "2026-09", ("p", "old", 1)), invoice_fault(newer, "2026-10", ("p", "new", 2))]
        service.control("spectrocloud").faults += faults

        result = await service.data("{ projects { nodes { name charges { nodes { name } } } } }")

        assert result["projects"]["nodes"] == [
            {"name": "new", "charges": {"nodes": [{"name": "new"}, {"name": "old"}]}}
        ]


async def test_charges_of_one_invoice_keep_providers_order() -> None:
    palette = Sandbox(now=now, first=date(2026, 10, 1))
    async with running_service(create_sandbox(palette)) as service:
        shares = [("p", "one", 1), ("q", "other", 5), ("p", "two", 2), ("p", "three", 3)]
        service.control("spectrocloud").faults.append(invoice_fault(palette.uids[0], "2026-10", *shares))
        charges = "charges(first: 1, after: $after) { nodes { name cost { amount } } pageInfo { endCursor } }"
        document = f'query($after: String) {{ project(id: "{ACCOUNT}/project/p") {{ {charges} }} }}'

        after, names_and_costs = None, []
        for _ in range(3):
            page = (await service.data(document, {"after": after}))["project"]["charges"]
            names_and_costs += [(node["name"], node["cost"]["amount"]) for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]

        assert names_and_costs == [("one", "1"), ("two", "2"), ("three", "3")]


async def test_charges_are_paginated_and_filtered_in_one_scan(palette: Service) -> None:
    scope = 'filterBy: { periodFrom: "2026-06-01", periodTo: "2026-09-30" }'
    page = "nodes { invoice { period { start } } } pageInfo { hasNextPage endCursor } coverage { status }"
    charges = f"charges(first: 3, after: $after, {scope}) {{ {page} }}"
    document = f'query($after: String) {{ project(id: "{STOREFRONT}") {{ {charges} }} }}'

    first = (await palette.data(document))["project"]["charges"]
    assert len(palette.calls("spectrocloud")) == 6
    second = (await palette.data(document, {"after": first["pageInfo"]["endCursor"]}))["project"]["charges"]

    months = [node["invoice"]["period"]["start"][5:7] for node in first["nodes"] + second["nodes"]]
    assert months == ["09", "08", "07", "06"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_invoices_can_be_filtered_by_project(palette: Service) -> None:
    scope = f'filterBy: {{ projects: ["{STOREFRONT}", "nonsense"] }}'
    page = "totalCount nodes { projects { project { id } } } coverage { account { id } }"

    result = (await palette.data(f"{{ invoices({scope}) {{ {page} }} }}"))["invoices"]

    assert result["totalCount"] == 6
    assert all({"project": {"id": STOREFRONT}} in node["projects"] for node in result["nodes"])
    assert result["coverage"] == [{"account": {"id": ACCOUNT}}]
    assert palette.calls("fastly") == []


async def test_account_without_projects_has_null(palette: Service) -> None:
    result = await palette.data("{ accounts { projects(first: 1) { totalCount nodes { name } } } }")

    assert [account["projects"] for account in result["accounts"]] == [
        {"totalCount": 4, "nodes": [{"name": "storefront"}]},
        None,
    ]
    assert palette.calls("fastly") == []
