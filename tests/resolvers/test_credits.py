"""Tests of the root list of credits: each credit as its newest invoice shows it, with no more calls than needed."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from providers.archera.sandbox import ORG
from providers.archera.sandbox import Sandbox as Archera
from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from resolvers.coverage import MATCHES_NOTHING
from tests.harness import Service, create_sandbox, now, running_service

from .fastly import ACCOUNT_ID, invoice_payload, line_payload, list_fault

VALUE = "value { __typename ... on Money { money: amount currency } ... on Quantity { amount unit } }"
INVOICES = f"/beta/v1/org/{ORG}/invoices"


def coupon(code: str, amount: str = "-1.00") -> dict[str, Any]:
    return line_payload(f"Coupon {code}", Decimal(amount), credit_coupon_code=code)


@pytest.fixture
async def fastly() -> AsyncIterator[Service]:
    async with running_service(create_sandbox(Sandbox(now=now))) as service:
        yield service


async def references(service: Service, arguments: str = "", selection: str = "reference invoice { number }") -> str:
    nodes = (await service.data(f"{{ credits{arguments} {{ nodes {{ {selection} }} }} }}"))["credits"]["nodes"]
    return " ".join(f"{node['reference']}@{node['invoice']['number']}" for node in nodes)


async def walk_pages(service: Service, size: int) -> list[str]:
    """Return the IDs on all pages of that size."""
    document = """query($first: Int!, $after: String) { credits(first: $first, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } }"""
    credit_ids: list[str] = []
    after, more = None, True
    while more:
        page = (await service.data(document, {"first": size, "after": after}))["credits"]
        credit_ids += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return credit_ids


async def test_credit_appears_once_from_its_newest_invoice(fastly: Service) -> None:
    fastly.control("fastly").faults.append(
        list_fault(
            invoice_payload("C", "2026-03", coupon("ONE", "-3.00"), line_payload()),
            invoice_payload("B", "2026-02", coupon("TWO", "-2.50"), coupon("ONE")),
            invoice_payload("A", "2026-01", coupon("ONE"), coupon("ONE", "-0.25"), coupon("THREE")),
        )
    )

    assert await references(fastly) == "ONE@C TWO@B THREE@A ONE@A"
    selection = f"totalCount nodes {{ kind product {VALUE} used {{ __typename }} account {{ id }} invoice {{ id }} }}"
    result = (await fastly.data(f"{{ credits(first: 1) {{ {selection} }} }}"))["credits"]
    assert result == {
        "totalCount": 4,
        "nodes": [
            {
                "kind": "COUPON",
                "product": "CDN",
                "value": {"__typename": "Money", "money": "3.00", "currency": "USD"},
                "used": None,
                "account": {"id": ACCOUNT_ID},
                "invoice": {"id": f"{ACCOUNT_ID}/invoice/C"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("filter_by", "expected"),
    [
        ("null", "ONE@B TWO@A"),
        ("{ kinds: null, accounts: null, periodFrom: null, periodTo: null, expiringBefore: null }", "ONE@B TWO@A"),
        ('{ periodFrom: "2026-02-01" }', "ONE@B"),
        ('{ periodTo: "2026-02-01" }', "ONE@B TWO@A"),
        ('{ periodTo: "2026-01-31" }', "TWO@A ONE@A"),
        ('{ periodFrom: "2026-01-02", periodTo: "2026-01-31" }', ""),
        ("{ kinds: [COUPON, SLA] }", "ONE@B TWO@A"),
        (f'{{ accounts: ["{ACCOUNT_ID}"] }}', "ONE@B TWO@A"),
        ('{ expiringBefore: "2100-01-01T00:00:00Z" }', ""),
    ],
)
async def test_filter_returns_matching_credits(fastly: Service, filter_by: str, expected: str) -> None:
    fastly.control("fastly").faults.append(
        list_fault(
            invoice_payload("B", "2026-02", coupon("ONE")),
            invoice_payload("A", "2026-01", coupon("ONE"), coupon("TWO")),
        )
    )
    assert await references(fastly, f"(filterBy: {filter_by})") == expected


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
@pytest.mark.parametrize(
    ("filter_by", "providers"),
    [
        ("kinds: [COUPON]", ["fastly"]),
        ("kinds: [REBATE]", ["archera"]),
        ("kinds: [FREE, SLA]", ["spectrocloud"]),
        ("kinds: [SLA, COUPON]", ["fastly", "spectrocloud"]),
        ("kinds: []", []),
        ("accounts: []", []),
        ('accounts: ["fastly/unknown"]', []),
        (f'kinds: [REBATE], accounts: ["{ACCOUNT_ID}"]', []),
    ],
)
async def test_accounts_without_the_kinds_are_not_called(
    service: Service, filter_by: str, providers: list[str]
) -> None:
    page = "totalCount nodes { kind } coverage { account { id } status message }"

    result = (await service.data(f"{{ credits(filterBy: {{ {filter_by} }}) {{ {page} }} }}"))["credits"]

    assert [api for api in service.sandbox.apis if service.calls(api)] == providers
    assert bool(result["nodes"]) is bool(providers)
    entries = [entry for entry in result["coverage"] if entry["account"]["id"].split("/")[0] not in providers]
    notes = (" is not called: it grants no credits of the requested kinds.", MATCHES_NOTHING)
    assert all(entry["message"].endswith(notes) for entry in entries)


async def test_reversed_period_is_rejected(service: Service) -> None:
    scope = 'filterBy: { periodFrom: "2026-02-02", periodTo: "2026-02-01" }'
    response = await service.query(f"{{ credits({scope}) {{ totalCount }} }}")
    assert response["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
async def test_pages_return_every_credit_once_in_order(service: Service) -> None:
    selection = "totalCount nodes { id invoice { period { start } } }"
    everything = (await service.data(f"{{ credits(first: 200) {{ {selection} }} }}"))["credits"]
    starts = [node["invoice"]["period"]["start"] for node in everything["nodes"]]

    assert starts == sorted(starts, reverse=True)
    assert len(starts) == everything["totalCount"] == 37
    assert await walk_pages(service, 10) == [node["id"] for node in everything["nodes"]]


async def test_pages_are_complete_for_any_invoice_ids(fastly: Service) -> None:
    fastly.control("fastly").faults.append(
        list_fault(
            invoice_payload("A-1", "2026-02", coupon("X"), coupon("Y")),
            invoice_payload("A", "2026-02", coupon("Z")),
            invoice_payload("0", "2026-01"),
        )
    )
    assert sorted(credit_id[-3] for credit_id in await walk_pages(fastly, 1)) == ["X", "Y", "Z"]


async def test_page_reads_no_more_invoices_than_needed() -> None:
    async with running_service(create_sandbox(Archera(now=now))) as service:
        result = await service.data("{ credits(first: 1) { nodes { invoice { id } } pageInfo { hasNextPage } } }")

        assert result["credits"] == {
            "nodes": [{"invoice": {"id": "archera/sandbox-archera/invoice/2026-09"}}],
            "pageInfo": {"hasNextPage": True},
        }
        months = ["2026/10", "2026/9", "2026/8", "2026/7", "2026/6", "2026/5", "2026/4"]  # batches of 1, 2 and 4
        assert service.calls("archera") == [INVOICES, *(f"{INVOICES}/{month}/line-items" for month in months)]


async def test_period_skips_the_lines_of_other_months() -> None:
    async with running_service(create_sandbox(Archera(now=now))) as service:
        scope = 'filterBy: { periodFrom: "2026-04-01", periodTo: "2026-05-01" }'
        result = await service.data(f"{{ credits({scope}) {{ totalCount nodes {{ reference }} }} }}")

        assert result["credits"]["totalCount"] == len(result["credits"]["nodes"]) == 4
        lines = [f"{INVOICES}/2026/{month}/line-items" for month in (5, 4)]
        assert service.calls("archera") == [INVOICES, *lines]


async def test_failed_credits_of_an_invoice_are_reported() -> None:
    async with running_service(create_sandbox(Archera(now=now))) as service:
        service.control("archera").faults.append(Fault(kind="status", status=500, path="2026/9/line-items"))

        page = "totalCount nodes { invoice { id } } coverage { status code }"
        result = (await service.data(f"{{ credits(first: 1) {{ {page} }} }}"))["credits"]

        assert result == {
            "totalCount": None,
            "nodes": [{"invoice": {"id": "archera/sandbox-archera/invoice/2026-07"}}],
            "coverage": [{"status": "PARTIAL", "code": "UNAVAILABLE"}],
        }
