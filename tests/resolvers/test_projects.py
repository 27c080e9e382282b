"""Tests of projects: found in the invoices that name them, with their share of each."""

import json
from collections.abc import AsyncIterator
from datetime import date

import pytest

from providers.fastly.sandbox import Sandbox as Fastly
from providers.sandbox import Fault
from providers.spectrocloud.sandbox import Sandbox
from tests.harness import Service, now, running, sandbox_of

ACCOUNT = "spectrocloud/sandbox-palette"
STOREFRONT = f"{ACCOUNT}/project/5fbbf026c2d8c993e69c52d2"
NAMES = ["storefront", "ml-training", "checkout", "edge-stores"]


@pytest.fixture
async def palette() -> AsyncIterator[Service]:
    """Six invoices of one tenant, and Fastly, whose invoices name no projects."""
    apis = [Sandbox(now=now, first=date(2026, 5, 1)), Fastly(now=now)]
    async with running(sandbox_of(*apis)) as service:
        yield service


async def test_every_project_is_given_once_by_its_id(palette: Service) -> None:
    page = "totalCount nodes { id name account { id } } coverage { account { id } status code }"
    found = (await palette.data(f"{{ projects {{ {page} }} }}"))["projects"]

    assert [node["name"] for node in found["nodes"]] == NAMES
    assert [node["id"] for node in found["nodes"]] == sorted(node["id"] for node in found["nodes"])
    assert found["nodes"][0] == {"id": STOREFRONT, "name": "storefront", "account": {"id": ACCOUNT}}
    assert found["totalCount"] == 4
    assert found["coverage"] == [
        {"account": {"id": ACCOUNT}, "status": "PARTIAL", "code": "UNLISTED"},
        {"account": {"id": "fastly/sandbox-fastly"}, "status": "COMPLETE", "code": None},
    ]
    assert (len(set(palette.calls("spectrocloud"))), len(palette.calls("spectrocloud"))) == (6, 6)
    assert palette.calls("fastly") == []


async def test_pages_of_projects_give_each_once(palette: Service) -> None:
    page = "nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor }"
    document = f"query($after: String) {{ projects(first: 3, after: $after) {{ {page} }} }}"

    first = (await palette.data(document))["projects"]
    second = (await palette.data(document, {"after": first["pageInfo"]["endCursor"]}))["projects"]

    assert [node["name"] for node in first["nodes"] + second["nodes"]] == NAMES
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


@pytest.mark.parametrize(
    ("arguments", "names", "asked"),
    [
        ('search: "E-S"', ["edge-stores"], True),
        ('search: "STOREFRONT"', ["storefront"], True),
        ('search: ""', NAMES, True),
        ("search: null, accounts: null", NAMES, True),
        ('search: "none"', [], True),
        (f'accounts: ["{ACCOUNT}"], search: "out"', ["checkout"], True),
        ("accounts: []", [], False),
        ('accounts: ["fastly/sandbox-fastly"]', [], False),
        ('accounts: ["spectrocloud/nobody"]', [], False),
    ],
)
async def test_projects_can_be_searched_by_name_and_account(
    palette: Service, arguments: str, names: list[str], asked: bool
) -> None:
    found = (await palette.data(f"{{ projects({arguments}) {{ totalCount nodes {{ name }} }} }}"))["projects"]

    assert [node["name"] for node in found["nodes"]] == names
    assert found["totalCount"] == len(names)
    assert bool(palette.calls("spectrocloud")) is asked


async def test_a_projects_id_alone_is_known_without_asking(palette: Service) -> None:
    unseen = f"{ACCOUNT}/project/unseen"
    document = f"""{{
      one: project(id: "{STOREFRONT}") {{ id __typename account {{ name }} }}
      two: project(id: "{unseen}") {{ ... on Project {{ id }} ...Account }}
      node(id: "{STOREFRONT}") {{ ... on Node {{ id }} ...Account ... on Account {{ name }} ...Invoice }}
    }} fragment Account on Project {{ account {{ id }} }} fragment Invoice on Invoice {{ number }}"""

    found = await palette.data(document)

    assert found["one"] == {"id": STOREFRONT, "__typename": "Project", "account": {"name": "Palette (sandbox)"}}
    assert found["two"] == {"id": unseen, "account": {"id": ACCOUNT}}
    assert found["node"] == {"id": STOREFRONT, "account": {"id": ACCOUNT}}
    assert palette.calls("spectrocloud") == []


async def test_a_project_that_no_invoice_names_is_null(palette: Service) -> None:
    unseen = f"{ACCOUNT}/project/unseen"
    found = await palette.data(
        f'{{ project(id: "{unseen}") {{ name }} node(id: "{unseen}") {{ ... on Project {{ name }} }} }}'
    )
    assert found == {"project": None, "node": None}


async def test_a_project_that_may_stand_in_an_invoice_that_failed_is_an_error(palette: Service) -> None:
    palette.control("spectrocloud").faults.append(Fault(kind="status", status=429, times=1))

    answer = await palette.query(f'{{ project(id: "{ACCOUNT}/project/unseen") {{ name }} }}')

    assert answer["data"] == {"project": None}
    assert answer["errors"][0]["extensions"] == {
        "code": "RATE_LIMITED",
        "account": ACCOUNT,
        "provider": "spectrocloud",
    }


async def test_projects_are_not_counted_where_an_invoice_that_failed_may_name_more(palette: Service) -> None:
    palette.control("spectrocloud").faults.append(Fault(kind="status", status=500, times=1))

    found = (await palette.data("{ projects { totalCount nodes { name } coverage { status code } } }"))["projects"]

    assert (found["totalCount"], [node["name"] for node in found["nodes"]]) == (None, NAMES)
    assert found["coverage"][0] == {"status": "PARTIAL", "code": "UNAVAILABLE"}


async def test_charges_are_the_invoices_shares_newest_first(palette: Service) -> None:
    share = "name cost { amount currency } project { id } usage { product cost { amount } used { amount unit } }"
    charges = f"charges(first: 2) {{ totalCount nodes {{ {share} invoice {{ id period {{ start }} }} }} }}"
    found = (await palette.data(f'{{ project(id: "{STOREFRONT}") {{ name {charges} }} }}'))["project"]

    nodes = found["charges"]["nodes"]
    assert (found["name"], found["charges"]["totalCount"]) == ("storefront", 6)
    assert [node["invoice"]["period"]["start"][:7] for node in nodes] == ["2026-10", "2026-09"]
    shares = f"projects {{ {share} invoice {{ id period {{ start }} }} }}"
    whole = await palette.data(f'{{ invoice(id: "{nodes[0]["invoice"]["id"]}") {{ {shares} }} }}')
    assert nodes[0] in whole["invoice"]["projects"]
    assert nodes[0]["cost"] == {"amount": "258.38", "currency": "USD"}


def answer(native: str, month: str, *projects: tuple[str, str, int]) -> Fault:
    """One invoice written by hand, with its projects' uid, name and amount."""
    stated = [{"projectUid": uid, "projectName": name, "amount": amount} for uid, name, amount in projects]
    body = {
        "metadata": {"uid": native},
        "spec": {"month": f"{month}-01T00:00:00.000Z", "paymentUnit": "usd"},
        "status": {"projects": stated},
    }
    return Fault(kind="garbage", path=native, body=json.dumps(body))


async def test_a_renamed_project_has_its_newest_name_and_each_share_its_own() -> None:
    palette = Sandbox(now=now, first=date(2026, 9, 1))
    async with running(sandbox_of(palette)) as service:
        older, newer = palette.uids
        faults = [answer(older, "2026-09", ("p", "old", 1)), answer(newer, "2026-10", ("p", "new", 2))]
        service.control("spectrocloud").faults += faults

        found = await service.data("{ projects { nodes { name charges { nodes { name } } } } }")

        assert found["projects"]["nodes"] == [{"name": "new", "charges": {"nodes": [{"name": "new"}, {"name": "old"}]}}]


async def test_two_shares_of_one_invoice_keep_the_providers_order_over_pages() -> None:
    palette = Sandbox(now=now, first=date(2026, 10, 1))
    async with running(sandbox_of(palette)) as service:
        shares = [("p", "one", 1), ("q", "other", 5), ("p", "two", 2), ("p", "three", 3)]
        service.control("spectrocloud").faults.append(answer(palette.uids[0], "2026-10", *shares))
        charges = "charges(first: 1, after: $after) { nodes { name cost { amount } } pageInfo { endCursor } }"
        document = f'query($after: String) {{ project(id: "{ACCOUNT}/project/p") {{ {charges} }} }}'

        after, found = None, []
        for _ in range(3):
            page = (await service.data(document, {"after": after}))["project"]["charges"]
            found += [(node["name"], node["cost"]["amount"]) for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]

        assert found == [("one", "1"), ("two", "2"), ("three", "3")]


async def test_charges_page_and_filter_like_invoices_at_the_cost_of_one_reading(palette: Service) -> None:
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

    found = (await palette.data(f"{{ invoices({scope}) {{ {page} }} }}"))["invoices"]

    assert found["totalCount"] == 6
    assert all({"project": {"id": STOREFRONT}} in node["projects"] for node in found["nodes"])
    assert found["coverage"] == [{"account": {"id": ACCOUNT}}]
    assert palette.calls("fastly") == []


async def test_an_account_whose_provider_names_no_projects_has_null_for_them(palette: Service) -> None:
    found = await palette.data("{ accounts { projects(first: 1) { totalCount nodes { name } } } }")

    assert [account["projects"] for account in found["accounts"]] == [
        {"totalCount": 4, "nodes": [{"name": "storefront"}]},
        None,
    ]
    assert palette.calls("fastly") == []
