"""Tests of the roots that give one object or what is known without asking: by id, by account, by provider."""

from typing import Any

import pytest

from providers.archera.sandbox import ORG
from tests.harness import Service

from .fastly import OWN, bill, got, invoice, line, listed

ACCOUNTS = {
    "archera/sandbox-archera": "Archera (sandbox)",
    OWN: "Fastly (sandbox)",
    "spectrocloud/sandbox-palette": "Palette (sandbox)",
}
NONSENSE = [
    "",
    "/",
    "fastly",
    "fastly/",
    "fastly/nobody",
    "nobody/sandbox-fastly",
    f"{OWN}/",
    f"{OWN}/invoice",
    f"{OWN}/invoice/",
    f"{OWN}/invoice/INV-321156/",
    f"{OWN}/invoice/INV-321156/x",
    f"{OWN}/invoice/INV%2D321156",
    f"{OWN}/invoice/.",
    f"{OWN}/invoice/..",
    f"{OWN}/invoice/ä",
    f"{OWN}/invoice/%",
    f"{OWN}/invoice/%ff",
    f"{OWN}/invoice/{'9' * 2_000}",
    f"{OWN}/Invoice/INV-321156",
    f"{OWN}/nothing/INV-321156",
    f"{OWN}/project/1",
    "archera/sandbox-fastly/invoice/INV-321156",
    "archera/sandbox-archera/invoice/2026-13",
    "archera/sandbox-archera/invoice/2026-9",
    "archera/sandbox-archera/project/1",
    "fastly//invoice/INV-321156",
    "//invoice/INV-321156",
    f" {OWN}",
    f"{OWN}\n",
    "\x00",
    "SW52b2ljZTox",
]


def calls(service: Service) -> list[str]:
    return [path for api in service.sandbox.apis for path in service.calls(api)]


@pytest.mark.parametrize("text", NONSENSE)
async def test_an_id_that_names_nothing_is_null_and_nobody_is_asked(service: Service, text: str) -> None:
    document = """query($id: ID!) {
      node(id: $id) { id } invoice(id: $id) { id } account(id: $id) { id } project(id: $id) { id name }
    }"""

    assert await service.data(document, {"id": text}) == {
        "node": None,
        "invoice": None,
        "account": None,
        "project": None,
    }
    assert calls(service) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (invoice("INV-0"), "/billing/v3/invoices/INV-0"),
        (invoice("a%2Fb%3Fc"), "/billing/v3/invoices/a%2Fb%3Fc"),
        ("archera/sandbox-archera/invoice/2030-01", f"/beta/v1/org/{ORG}/invoices/2030/1"),
        (f"{OWN}/line-item/INV-0/x", "/billing/v3/invoices/INV-0"),
        (f"{OWN}/credit/INV-0/X/1", "/billing/v3/invoices/INV-0"),
        ("archera/sandbox-archera/line-item/2030-01/x", f"/beta/v1/org/{ORG}/invoices/2030/1/line-items"),
        ("archera/sandbox-archera/credit/2030-01/x/1", f"/beta/v1/org/{ORG}/invoices/2030/1/line-items"),
        (f"{OWN}/line-item/INV-321156/x", "/billing/v3/invoices/INV-321156"),
        (f"{OWN}/credit/INV-321156/X/1", "/billing/v3/invoices/INV-321156"),
    ],
)
async def test_an_id_that_a_provider_does_not_know_is_null_without_an_error(
    service: Service, text: str, asked: str
) -> None:
    assert await service.data("query($id: ID!) { node(id: $id) { id } }", {"id": text}) == {"node": None}
    assert calls(service) == [asked]


async def test_an_id_of_another_kind_is_null(service: Service) -> None:
    found = await service.data(f'{{ invoice(id: "{OWN}") {{ id }} account(id: "{invoice("INV-321156")}") {{ id }} }}')
    assert found == {"invoice": None, "account": None}
    assert calls(service) == []


async def test_every_object_can_be_asked_for_again_by_its_id(service: Service) -> None:
    parts = "id account { id } lineItems(first: 2) { nodes { id } } credits { id } projects { project { id } }"
    found = await service.data(f"{{ invoices(first: 24) {{ nodes {{ {parts} }} }} }}")
    ids: dict[str, str] = {}  # one of each kind and provider is enough
    for node in found["invoices"]["nodes"]:
        provider = node["id"].partition("/")[0]
        charged = [charge["project"] for charge in node["projects"] or () if charge["project"]]
        named = {"Invoice": [node], "Account": [node["account"]], "Project": charged, "Credit": node["credits"]}
        for kind, objects in (named | {"LineItem": node["lineItems"]["nodes"]}).items():
            if objects:
                ids.setdefault(f"{kind}_{provider}", objects[-1]["id"])
    assert len(ids) == 4 * 3 + 1

    asked = " ".join(f'{kind}: node(id: "{text}") {{ id __typename }}' for kind, text in ids.items())

    again = await service.data(f"{{ {asked} }}")
    assert again == {kind: {"id": text, "__typename": kind.partition("_")[0]} for kind, text in ids.items()}


async def test_an_object_is_the_same_from_the_list_and_by_its_id(service: Service) -> None:
    selection = """id number period { start end } issuedAt status total { amount currency } paymentStatus
      paymentStates { status word message at } details { reference } raw stale
      lineItems { totalCount nodes { id cost { amount } raw } } credits { id } projects { name cost { amount } }"""
    listing = await service.data(f"{{ invoices(first: 6) {{ nodes {{ {selection} }} }} }}")

    for node in listing["invoices"]["nodes"]:
        found = await service.data(f'{{ invoice(id: "{node["id"]}") {{ {selection} }} }}')
        assert found["invoice"] == node


async def test_a_part_by_its_id_leads_back_to_its_invoice(service: Service) -> None:
    row = bill("A", "2026-09", line(credit_coupon_code="X", amount=-1))
    service.control("fastly").faults += [listed(row), got("A", row)]
    page = f'invoices(filterBy: {{ accounts: ["{OWN}"] }})'
    found = await service.data(f"{{ {page} {{ nodes {{ lineItems {{ nodes {{ id }} }} credits {{ id }} }} }} }}")
    [node] = found["invoices"]["nodes"]
    service.forget_calls()

    up = "invoice { number account { id } }"
    found = await service.data(
        f'{{ line: node(id: "{node["lineItems"]["nodes"][0]["id"]}") {{ ... on LineItem {{ {up} }} }} '
        f'credit: node(id: "{node["credits"][0]["id"]}") {{ ... on Credit {{ {up} reference }} }} }}'
    )

    parent = {"number": "A", "account": {"id": OWN}}
    assert found == {"line": {"invoice": parent}, "credit": {"invoice": parent, "reference": "X"}}
    assert calls(service) == ["/billing/v3/invoices/A"]


async def test_an_answer_about_another_invoice_is_no_answer(service: Service) -> None:
    service.control("fastly").faults.append(got("A", bill("B")))

    answer = await service.query(f'{{ invoice(id: "{invoice("A")}") {{ id }} }}')

    assert answer["data"] == {"invoice": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNINTELLIGIBLE"


async def test_accounts_are_those_of_the_configuration_in_its_order(service: Service) -> None:
    found = await service.data("{ accounts { id name sandbox provider { id } } }")

    expected = [{"id": id, "name": name, "sandbox": True} for id, name in ACCOUNTS.items()]
    assert [{key: account[key] for key in ("id", "name", "sandbox")} for account in found["accounts"]] == expected
    assert [account["provider"]["id"] for account in found["accounts"]] == ["archera", "fastly", "spectrocloud"]


@pytest.mark.parametrize(
    ("providers", "expected"),
    [
        ('["fastly"]', [OWN]),
        ('["spectrocloud", "archera"]', ["archera/sandbox-archera", "spectrocloud/sandbox-palette"]),
        ('["nobody"]', []),
        ("[]", []),
        ("null", list(ACCOUNTS)),
    ],
)
async def test_accounts_can_be_asked_for_by_provider(service: Service, providers: str, expected: list[str]) -> None:
    found = await service.data(f"{{ accounts(providers: {providers}) {{ id }} }}")
    assert [account["id"] for account in found["accounts"]] == expected
    assert calls(service) == []


async def test_an_account_lists_its_own_invoices_and_its_filter_cannot_widen_that(service: Service) -> None:
    narrow = "invoices(first: 2) { totalCount nodes { account { id } } coverage { account { id } } }"
    other = 'other: invoices(filterBy: { accounts: ["archera/sandbox-archera"] }) { totalCount coverage { status } }'

    account = (await service.data(f'{{ account(id: "{OWN}") {{ {narrow} {other} }} }}'))["account"]

    only = {"account": {"id": OWN}}
    assert account == {
        "invoices": {"totalCount": 36, "nodes": [only, only], "coverage": [only]},
        "other": {"totalCount": 0, "coverage": []},
    }
    assert calls(service) == ["/billing/v3/invoices?limit=100"]


@pytest.mark.parametrize(
    ("account", "reference", "cost"),
    [
        (OWN, "7kQ2mXv9TbL4sWc8Rz1NpE", 1),
        ("archera/sandbox-archera", ORG, 0),
        ("spectrocloud/sandbox-palette", "5f3c8a1e9d2b4c6f7a8e0b1d", 0),
    ],
)
async def test_an_accounts_reference_costs_a_call_only_where_an_invoice_names_it(
    service: Service, account: str, reference: str, cost: int
) -> None:
    found = await service.data(f'{{ account(id: "{account}") {{ reference again: reference }} }}')

    assert found["account"] == {"reference": reference, "again": reference}
    assert len(calls(service)) == cost


async def test_providers_are_all_that_the_graph_speaks_to(service: Service) -> None:
    found: Any = await service.data("{ providers { id name accounts { id provider { name } } } }")
    names = [(provider["id"], provider["name"]) for provider in found["providers"]]

    assert names == [("archera", "Archera"), ("fastly", "Fastly"), ("spectrocloud", "Spectro Cloud Palette")]
    assert [account["id"] for provider in found["providers"] for account in provider["accounts"]] == list(ACCOUNTS)
    assert calls(service) == []
