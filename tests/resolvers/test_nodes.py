"""Tests of root fields that return one object by its ID, or accounts and providers without a call."""

from typing import Any

import pytest

from providers import PROVIDERS
from providers.archera.sandbox import ORG
from tests.harness import Service

from .fastly import ACCOUNT_ID, invoice, invoice_fault, invoice_payload, line_payload, list_fault

ACCOUNTS = {
    "archera/sandbox-archera": "Archera (sandbox)",
    ACCOUNT_ID: "Fastly (sandbox)",
    "spectrocloud/sandbox-palette": "Palette (sandbox)",
}
INVALID_IDS = [
    "",
    "/",
    "fastly",
    "fastly/",
    "fastly/unknown",
    "unknown/sandbox-fastly",
    f"{ACCOUNT_ID}/",
    f"{ACCOUNT_ID}/invoice",
    f"{ACCOUNT_ID}/invoice/",
    f"{ACCOUNT_ID}/invoice/INV-321156/",
    f"{ACCOUNT_ID}/invoice/INV-321156/x",
    f"{ACCOUNT_ID}/invoice/INV%2D321156",
    f"{ACCOUNT_ID}/invoice/.",
    f"{ACCOUNT_ID}/invoice/..",
    f"{ACCOUNT_ID}/invoice/ä",
    f"{ACCOUNT_ID}/invoice/%",
    f"{ACCOUNT_ID}/invoice/%ff",
    f"{ACCOUNT_ID}/invoice/{'9' * 2_000}",
    f"{ACCOUNT_ID}/Invoice/INV-321156",
    f"{ACCOUNT_ID}/nothing/INV-321156",
    f"{ACCOUNT_ID}/project/1",
    "archera/sandbox-fastly/invoice/INV-321156",
    "archera/sandbox-archera/invoice/2026-13",
    "archera/sandbox-archera/invoice/2026-9",
    "archera/sandbox-archera/project/1",
    "fastly//invoice/INV-321156",
    "//invoice/INV-321156",
    f" {ACCOUNT_ID}",
    f"{ACCOUNT_ID}\n",
    "\x00",
    "SW52b2ljZTox",
]


@pytest.mark.parametrize("text", INVALID_IDS)
async def test_id_of_no_object_is_null_without_a_call(service: Service, text: str) -> None:
    document = """query($id: ID!) {
      node(id: $id) { id } invoice(id: $id) { id } account(id: $id) { id } project(id: $id) { id name }
    }"""

    assert await service.data(document, {"id": text}) == {
        "node": None,
        "invoice": None,
        "account": None,
        "project": None,
    }
    assert service.all_calls() == []


@pytest.mark.parametrize(
    ("text", "expected_call"),
    [
        (invoice("INV-0"), "/billing/v3/invoices/INV-0"),
        (invoice("a%2Fb%3Fc"), "/billing/v3/invoices/a%2Fb%3Fc"),
        ("archera/sandbox-archera/invoice/2030-01", f"/beta/v1/org/{ORG}/invoices/2030/1"),
        (f"{ACCOUNT_ID}/line-item/INV-0/x", "/billing/v3/invoices/INV-0"),
        (f"{ACCOUNT_ID}/credit/INV-0/X/1", "/billing/v3/invoices/INV-0"),
        ("archera/sandbox-archera/line-item/2030-01/x", f"/beta/v1/org/{ORG}/invoices/2030/1/line-items"),
        ("archera/sandbox-archera/credit/2030-01/x/1", f"/beta/v1/org/{ORG}/invoices/2030/1/line-items"),
        (f"{ACCOUNT_ID}/line-item/INV-321156/x", "/billing/v3/invoices/INV-321156"),
        (f"{ACCOUNT_ID}/credit/INV-321156/X/1", "/billing/v3/invoices/INV-321156"),
    ],
)
async def test_id_unknown_to_the_provider_is_null(service: Service, text: str, expected_call: str) -> None:
    await service.prove_keys()

    assert await service.data("query($id: ID!) { node(id: $id) { id } }", {"id": text}) == {"node": None}
    assert service.all_calls() == [expected_call]


async def test_id_of_another_type_is_null(service: Service) -> None:
    result = await service.data(
        f'{{ invoice(id: "{ACCOUNT_ID}") {{ id }} account(id: "{invoice("INV-321156")}") {{ id }} }}'
    )
    assert result == {"invoice": None, "account": None}
    assert service.all_calls() == []


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
async def test_every_object_can_be_fetched_by_its_id(service: Service) -> None:
    parts = "id account { id } lineItems(first: 2) { nodes { id } } credits { id } projects { project { id } }"
    result = await service.data(f"{{ invoices(first: 24) {{ nodes {{ {parts} }} }} }}")
    ids: dict[str, str] = {}  # one of each type and provider is enough
    for node in result["invoices"]["nodes"]:
        provider = node["id"].partition("/")[0]
        projects = [charge["project"] for charge in node["projects"] or () if charge["project"]]
        objects_by_type = {
            "Invoice": [node],
            "Account": [node["account"]],
            "Project": projects,
            "Credit": node["credits"],
        }
        for kind, objects in (objects_by_type | {"LineItem": node["lineItems"]["nodes"]}).items():
            if objects:
                ids.setdefault(f"{kind}_{provider}", objects[-1]["id"])
    assert len(ids) == 4 * 3 + 1

    selections = " ".join(f'{kind}: node(id: "{text}") {{ id __typename }}' for kind, text in ids.items())

    by_id = await service.data(f"{{ {selections} }}")
    assert by_id == {kind: {"id": text, "__typename": kind.partition("_")[0]} for kind, text in ids.items()}


async def test_invoice_is_the_same_in_a_list_and_by_id(service: Service) -> None:
    selection = """id number period { start end } issuedAt status total { amount currency } paymentStatus
      paymentStates { status word message at } details { reference } raw stale
      lineItems { totalCount nodes { id cost { amount } raw } } credits { id } projects { name cost { amount } }"""
    listing = await service.data(f"{{ invoices(first: 6) {{ nodes {{ {selection} }} }} }}")

    for node in listing["invoices"]["nodes"]:
        result = await service.data(f'{{ invoice(id: "{node["id"]}") {{ {selection} }} }}')
        assert result["invoice"] == node


async def test_part_by_id_resolves_its_invoice(service: Service) -> None:
    row = invoice_payload("A", "2026-09", line_payload(credit_coupon_code="X", amount=-1))
    service.control("fastly").faults += [list_fault(row), invoice_fault("A", row)]
    page = f'invoices(filterBy: {{ accounts: ["{ACCOUNT_ID}"] }})'
    result = await service.data(f"{{ {page} {{ nodes {{ lineItems {{ nodes {{ id }} }} credits {{ id }} }} }} }}")
    [node] = result["invoices"]["nodes"]
    service.reset_calls()

    up = "invoice { number account { id } }"
    result = await service.data(
        f'{{ line: node(id: "{node["lineItems"]["nodes"][0]["id"]}") {{ ... on LineItem {{ {up} }} }} '
        f'credit: node(id: "{node["credits"][0]["id"]}") {{ ... on Credit {{ {up} reference }} }} }}'
    )

    parent = {"number": "A", "account": {"id": ACCOUNT_ID}}
    assert result == {"line": {"invoice": parent}, "credit": {"invoice": parent, "reference": "X"}}
    assert service.all_calls() == ["/billing/v3/invoices/A"]


async def test_response_about_another_invoice_is_rejected(service: Service) -> None:
    service.control("fastly").faults.append(invoice_fault("A", invoice_payload("B")))

    response = await service.query(f'{{ invoice(id: "{invoice("A")}") {{ id }} }}')

    assert response["data"] == {"invoice": None}
    assert response["errors"][0]["extensions"]["code"] == "UNINTELLIGIBLE"


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
async def test_accounts_keep_the_configuration_order(service: Service) -> None:
    result = await service.data("{ accounts { id name sandbox provider { id } } }")

    expected = [{"id": id, "name": name, "sandbox": True} for id, name in ACCOUNTS.items()]
    assert [{key: account[key] for key in ("id", "name", "sandbox")} for account in result["accounts"]] == expected
    assert [account["provider"]["id"] for account in result["accounts"]] == ["archera", "fastly", "spectrocloud"]


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
@pytest.mark.parametrize(
    ("providers", "expected"),
    [
        ('["fastly"]', [ACCOUNT_ID]),
        ('["spectrocloud", "archera"]', ["archera/sandbox-archera", "spectrocloud/sandbox-palette"]),
        ('["unknown"]', []),
        ("[]", []),
        ("null", list(ACCOUNTS)),
    ],
)
async def test_accounts_can_be_filtered_by_provider(service: Service, providers: str, expected: list[str]) -> None:
    result = await service.data(f"{{ accounts(providers: {providers}) {{ id }} }}")
    assert [account["id"] for account in result["accounts"]] == expected
    assert service.all_calls() == []


async def test_account_filter_cannot_reach_other_accounts(service: Service) -> None:
    narrow = "invoices(first: 2) { totalCount nodes { account { id } } coverage { account { id } } }"
    other = 'other: invoices(filterBy: { accounts: ["archera/sandbox-archera"] }) { totalCount coverage { status } }'

    account = (await service.data(f'{{ account(id: "{ACCOUNT_ID}") {{ {narrow} {other} }} }}'))["account"]

    only = {"account": {"id": ACCOUNT_ID}}
    assert account == {
        "invoices": {"totalCount": 36, "nodes": [only, only], "coverage": [only]},
        "other": {"totalCount": 0, "coverage": []},
    }
    assert service.all_calls() == ["/billing/v3/invoices?limit=100"]


@pytest.mark.parametrize(
    ("account", "reference", "cost"),
    [
        (ACCOUNT_ID, "7kQ2mXv9TbL4sWc8Rz1NpE", 1),
        ("archera/sandbox-archera", ORG, 0),
        ("spectrocloud/sandbox-palette", "5f3c8a1e9d2b4c6f7a8e0b1d", 0),
    ],
)
async def test_reference_needs_a_call_only_if_not_configured(
    service: Service, account: str, reference: str, cost: int
) -> None:
    result = await service.data(f'{{ account(id: "{account}") {{ reference again: reference }} }}')

    assert result["account"] == {"reference": reference, "again": reference}
    assert len(service.all_calls()) == cost


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
async def test_providers_lists_every_supported_provider(service: Service) -> None:
    result: Any = await service.data("{ providers { id name accounts { id provider { name } } } }")
    names = [(provider["id"], provider["name"]) for provider in result["providers"]]

    assert names == [(spec.id, spec.name) for spec in PROVIDERS.values()]
    assert {("archera", "Archera"), ("fastly", "Fastly"), ("spectrocloud", "Spectro Cloud Palette")} <= set(names)
    assert [account["id"] for provider in result["providers"] for account in provider["accounts"]] == list(ACCOUNTS)
    assert service.all_calls() == []
