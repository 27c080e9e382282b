"""Tests of the root list of credits: each grant as its newest invoice shows it, at no more calls than needed."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from providers.archera.sandbox import ORG
from providers.archera.sandbox import Sandbox as Archera
from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from tests.harness import Service, now, running, sandbox_of

from .fastly import OWN, bill, line, listed

VALUE = "value { __typename ... on Money { money: amount currency } ... on Quantity { amount unit } }"
INVOICES = f"/beta/v1/org/{ORG}/invoices"


def coupon(code: str, amount: str = "-1.00") -> dict[str, Any]:
    return line(f"Coupon {code}", Decimal(amount), credit_coupon_code=code)


@pytest.fixture
async def fastly() -> AsyncIterator[Service]:
    async with running(sandbox_of(Sandbox(now=now))) as service:
        yield service


async def references(service: Service, arguments: str = "", selection: str = "reference invoice { number }") -> str:
    nodes = (await service.data(f"{{ credits{arguments} {{ nodes {{ {selection} }} }} }}"))["credits"]["nodes"]
    return " ".join(f"{node['reference']}@{node['invoice']['number']}" for node in nodes)


async def walk(service: Service, size: int) -> list[str]:
    """The ids of all pages of that size."""
    document = """query($first: Int!, $after: String) { credits(first: $first, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } }"""
    found: list[str] = []
    after, more = None, True
    while more:
        page = (await service.data(document, {"first": size, "after": after}))["credits"]
        found += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


async def test_a_grant_is_given_once_as_its_newest_invoice_shows_it(fastly: Service) -> None:
    fastly.control("fastly").faults.append(
        listed(
            bill("C", "2026-03", coupon("ONE", "-3.00"), line()),
            bill("B", "2026-02", coupon("TWO", "-2.50"), coupon("ONE")),
            bill("A", "2026-01", coupon("ONE"), coupon("ONE", "-0.25"), coupon("THREE")),
        )
    )

    assert await references(fastly) == "ONE@C TWO@B THREE@A ONE@A"
    whole = f"totalCount nodes {{ kind product {VALUE} used {{ __typename }} account {{ id }} invoice {{ id }} }}"
    found = (await fastly.data(f"{{ credits(first: 1) {{ {whole} }} }}"))["credits"]
    assert found == {
        "totalCount": 4,
        "nodes": [
            {
                "kind": "COUPON",
                "product": "CDN",
                "value": {"__typename": "Money", "money": "3.00", "currency": "USD"},
                "used": None,
                "account": {"id": OWN},
                "invoice": {"id": f"{OWN}/invoice/C"},
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
        (f'{{ accounts: ["{OWN}"] }}', "ONE@B TWO@A"),
        ('{ expiringBefore: "2100-01-01T00:00:00Z" }', ""),
    ],
)
async def test_a_filter_lets_pass_what_matches(fastly: Service, filter_by: str, expected: str) -> None:
    fastly.control("fastly").faults.append(
        listed(bill("B", "2026-02", coupon("ONE")), bill("A", "2026-01", coupon("ONE"), coupon("TWO")))
    )
    assert await references(fastly, f"(filterBy: {filter_by})") == expected


@pytest.mark.parametrize(
    ("filter_by", "asked"),
    [
        ("kinds: [COUPON]", ["fastly"]),
        ("kinds: [REBATE]", ["archera"]),
        ("kinds: [FREE, SLA]", ["spectrocloud"]),
        ("kinds: [SLA, COUPON]", ["fastly", "spectrocloud"]),
        ("kinds: []", []),
        ("accounts: []", []),
        ('accounts: ["fastly/nobody"]', []),
        (f'kinds: [REBATE], accounts: ["{OWN}"]', []),
    ],
)
async def test_accounts_that_cannot_have_the_kinds_are_not_called(
    service: Service, filter_by: str, asked: list[str]
) -> None:
    page = "totalCount nodes { kind } coverage { account { id } status message }"

    found = (await service.data(f"{{ credits(filterBy: {{ {filter_by} }}) {{ {page} }} }}"))["credits"]

    assert [api for api in service.sandbox.apis if service.calls(api)] == asked
    assert bool(found["nodes"]) is bool(asked)
    spared = {entry["message"] for entry in found["coverage"] if entry["account"]["id"].split("/")[0] not in asked}
    reasons = (" grants no such credits: it was not asked.", "The filter matches nothing, so no provider was called.")
    assert all(message.endswith(reasons) for message in spared)


async def test_a_period_that_ends_before_it_starts_is_refused(service: Service) -> None:
    scope = 'filterBy: { periodFrom: "2026-02-02", periodTo: "2026-02-01" }'
    answer = await service.query(f"{{ credits({scope}) {{ totalCount }} }}")
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_pages_give_every_credit_once_in_order(service: Service) -> None:
    selection = "totalCount nodes { id invoice { period { start } } }"
    whole = (await service.data(f"{{ credits(first: 200) {{ {selection} }} }}"))["credits"]
    starts = [node["invoice"]["period"]["start"] for node in whole["nodes"]]

    assert starts == sorted(starts, reverse=True)
    assert len(starts) == whole["totalCount"] == 37
    assert await walk(service, 10) == [node["id"] for node in whole["nodes"]]


async def test_pages_follow_the_invoices_whatever_their_ids_are(fastly: Service) -> None:
    fastly.control("fastly").faults.append(
        listed(
            bill("A-1", "2026-02", coupon("X"), coupon("Y")), bill("A", "2026-02", coupon("Z")), bill("0", "2026-01")
        )
    )
    assert sorted(found[-3] for found in await walk(fastly, 1)) == ["X", "Y", "Z"]


async def test_a_page_reads_only_as_far_as_it_needs() -> None:
    async with running(sandbox_of(Archera(now=now))) as service:
        found = await service.data("{ credits(first: 1) { nodes { invoice { id } } pageInfo { hasNextPage } } }")

        assert found["credits"] == {
            "nodes": [{"invoice": {"id": "archera/sandbox-archera/invoice/2026-09"}}],
            "pageInfo": {"hasNextPage": True},
        }
        months = ["2026/10", "2026/9", "2026/8", "2026/7", "2026/6", "2026/5", "2026/4"]  # one, then two, then four
        assert service.calls("archera") == [INVOICES, *(f"{INVOICES}/{month}/line-items" for month in months)]


async def test_a_period_spares_the_lines_of_all_other_months() -> None:
    async with running(sandbox_of(Archera(now=now))) as service:
        scope = 'filterBy: { periodFrom: "2026-04-01", periodTo: "2026-05-01" }'
        found = await service.data(f"{{ credits({scope}) {{ totalCount nodes {{ reference }} }} }}")

        assert found["credits"]["totalCount"] == len(found["credits"]["nodes"]) == 4
        lines = [f"{INVOICES}/2026/{month}/line-items" for month in (5, 4)]
        assert service.calls("archera") == [INVOICES, *lines]


async def test_an_invoice_whose_credits_fail_is_named_and_the_others_stand() -> None:
    async with running(sandbox_of(Archera(now=now))) as service:
        service.control("archera").faults.append(Fault(kind="status", status=500, path="2026/9/line-items"))

        page = "totalCount nodes { invoice { id } } coverage { status code }"
        found = (await service.data(f"{{ credits(first: 1) {{ {page} }} }}"))["credits"]

        assert found == {
            "totalCount": None,
            "nodes": [{"invoice": {"id": "archera/sandbox-archera/invoice/2026-07"}}],
            "coverage": [{"status": "PARTIAL", "code": "UNAVAILABLE"}],
        }
