"""Tests of InvoiceFilter: which invoices match, which calls are made, and what coverage reports."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from providers.fastly.sandbox import Sandbox
from tests.harness import Service, create_sandbox, running_service

from .fastly import ACCOUNT_ID, invoice_payload, line_payload, list_fault

PARTIAL = {"status": "PARTIAL", "code": None}
COMPLETE = {"status": "COMPLETE", "code": None}
UNLISTED = {"status": "PARTIAL", "code": "UNLISTED"}
PROJECT = "spectrocloud/sandbox-palette/project"


async def list_invoices(service: Service, filter_by: str) -> tuple[list[str], dict[str, Any]]:
    """Return the numbers of the matching invoices, and the coverage entries by provider."""
    page = "totalCount nodes { number } coverage { account { id } status code message }"
    listing = (await service.data(f"{{ invoices(first: 200, filterBy: {{ {filter_by} }}) {{ {page} }} }}"))["invoices"]
    numbers = [node["number"] for node in listing["nodes"]]
    assert listing["totalCount"] == len(numbers)
    return numbers, {entry.pop("account")["id"].partition("/")[0]: entry for entry in listing["coverage"]}


@pytest.fixture
async def handwritten_invoices() -> AsyncIterator[Service]:
    """One account with five handwritten invoices."""
    async with running_service(create_sandbox(Sandbox())) as service:
        service.control("fastly").faults.append(
            list_fault(
                invoice_payload(
                    "A1", "2026-05", line_payload("Zürich Straße"), monthly_transaction_amount=Decimal("10.00")
                ),
                invoice_payload("B2", "2026-04", monthly_transaction_amount=Decimal(20), payment_status="outstanding"),
                invoice_payload("C3", "2026-03", currency_code="EUR", monthly_transaction_amount="30.000000000000002"),
                invoice_payload("D4", "2026-02", line_payload(product_name="Compute"), payment_status="disputed"),
                invoice_payload("E5", "2026-01", monthly_transaction_amount=None, payment_status=None),
            )
        )
        yield service


@pytest.mark.parametrize(
    ("filter_by", "numbers", "excluded"),
    [
        ("", "A1 B2 C3 D4 E5", 0),
        (f'accounts: ["{ACCOUNT_ID}"], providers: ["fastly", "archera", "unknown"]', "A1 B2 C3 D4 E5", 0),
        ("accounts: null, providers: null, projects: null, periodFrom: null, periodTo: null", "A1 B2 C3 D4 E5", 0),
        ("paymentStatus: null, currency: null, totalMin: null, totalMax: null, search: null", "A1 B2 C3 D4 E5", 0),
        ('periodFrom: "2026-02-01", periodTo: "2026-04-01"', "B2 C3 D4", 0),
        ('periodFrom: "2026-02-02", periodTo: "2026-03-31"', "C3", 0),
        ('periodFrom: "2026-03-01", periodTo: "2026-03-01"', "C3", 0),
        ('periodFrom: "0001-01-01", periodTo: "9999-12-31"', "A1 B2 C3 D4 E5", 0),
        ('periodTo: "0001-01-01"', "", 0),
        ("paymentStatus: [PENDING]", "B2", 1),
        ("paymentStatus: [PAID, UNRECOGNIZED]", "A1 C3 D4", 1),
        ("paymentStatus: FAILED", "", 1),
        ('currency: ["USD"]', "A1 B2 D4", 1),
        ('currency: ["EUR", "USD"]', "A1 B2 C3 D4", 1),
        ('currency: ["CHF"]', "", 1),
        ('currency: ["USD"], totalMin: "10.00"', "A1 B2", 1),
        ('currency: ["USD"], totalMin: 10.001', "B2", 1),
        ('currency: ["USD"], totalMax: 10', "A1 D4", 1),
        ('currency: ["USD"], totalMin: 10, totalMax: "10.0"', "A1", 1),
        ('currency: ["EUR"], totalMin: 30.000000000000002', "C3", 1),
        ('currency: ["EUR"], totalMin: 30.000000000000003', "", 1),
        ('currency: ["USD", "USD"], totalMax: 1.5', "D4", 1),
        ('currency: ["USD"], totalMin: -1', "A1 B2 D4", 1),
        ('search: "b2"', "B2", 0),
        ('search: "ZÜRICH STRASSE"', "A1", 0),
        ('search: "compute"', "D4", 0),
        ('search: "straße"', "A1", 0),
        ('search: ""', "A1 B2 C3 D4 E5", 0),
        ('search: "nowhere"', "", 0),
        ('currency: ["USD"], paymentStatus: [PAID], periodFrom: "2026-02-01"', "A1", 0),
        ('currency: ["USD"], periodTo: "2026-01-31", search: "E5"', "", 1),
    ],
)
async def test_filter_returns_matches_and_counts_excluded(
    handwritten_invoices: Service, filter_by: str, numbers: str, excluded: int
) -> None:
    matches, coverage = await list_invoices(handwritten_invoices, filter_by)

    assert matches == numbers.split()
    message = "1 invoice is excluded because it does not state what the filter asks for." if excluded else None
    assert coverage["fastly"] == (PARTIAL if excluded else COMPLETE) | {"message": message}


async def test_all_excluded_invoices_are_counted(handwritten_invoices: Service) -> None:
    without_currency = [invoice_payload(f"S{n}", "2026-06", currency_code=None) for n in range(3)]
    handwritten_invoices.control("fastly").faults[:] = [list_fault(*without_currency, invoice_payload("A1"))]

    matches, coverage = await list_invoices(handwritten_invoices, 'currency: ["USD"]')

    assert matches == ["A1"]
    assert (
        coverage["fastly"]["message"] == "3 invoices are excluded because they do not state what the filter asks for."
    )


@pytest.mark.parametrize(
    "filter_by", ["providers: []", "accounts: []", "projects: []", "paymentStatus: []", "currency: []"]
)
async def test_empty_list_matches_nothing_without_a_call(service: Service, filter_by: str) -> None:
    matches, _ = await list_invoices(service, filter_by)

    assert matches == []
    assert service.all_calls() == []


@pytest.mark.parametrize(
    "filter_by",
    [
        'providers: ["unknown"]',
        'accounts: ["fastly/unknown"]',
        f'accounts: ["{ACCOUNT_ID}/"]',
        'accounts: ["FASTLY/sandbox-fastly"]',
        'projects: ["nonsense"]',
        'projects: ["fastly/unknown/project/1"]',
        'projects: ["fastly/sandbox-fastly/project/1"]',
    ],
)
async def test_unknown_id_matches_nothing_without_a_call(service: Service, filter_by: str) -> None:
    matches, _ = await list_invoices(service, filter_by)

    assert matches == []
    assert service.all_calls() == []


@pytest.mark.accounts_of("archera", "fastly", "spectrocloud")
@pytest.mark.parametrize(
    ("filter_by", "providers", "expected"),
    [
        ("paymentStatus: [PAID]", {"fastly", "spectrocloud"}, {"archera": PARTIAL}),
        ('currency: ["USD"]', {"fastly", "spectrocloud"}, {"archera": PARTIAL, "spectrocloud": UNLISTED}),
        (f'projects: ["{PROJECT}/none"]', {"spectrocloud"}, {"spectrocloud": UNLISTED}),
        ('search: "INV"', {"archera", "fastly", "spectrocloud"}, {"archera": COMPLETE, "fastly": COMPLETE}),
        ('providers: ["archera"]', {"archera"}, {"archera": COMPLETE}),
    ],
)
async def test_accounts_that_never_state_a_fact_are_skipped(
    service: Service, filter_by: str, providers: set[str], expected: dict[str, Any]
) -> None:
    _, coverage = await list_invoices(service, filter_by)

    assert {api for api in service.sandbox.apis if service.calls(api)} == providers
    for provider, entry in expected.items():
        assert {"status": coverage[provider]["status"], "code": coverage[provider]["code"]} == entry
    if "archera" in coverage and "archera" not in providers:
        assert coverage["archera"]["message"] == "Archera is not called: it never states what the filter requires."


@pytest.mark.parametrize(
    ("filter_by", "message"),
    [
        ('periodFrom: "2026-02-02", periodTo: "2026-02-01"', "periodFrom must be on or before periodTo."),
        ("totalMin: 1", "totalMin and totalMax require exactly one currency."),
        ("totalMax: 1, currency: null", "totalMin and totalMax require exactly one currency."),
        ("totalMin: 0, currency: []", "totalMin and totalMax require exactly one currency."),
        ('totalMax: 0, currency: ["USD", "EUR"]', "totalMin and totalMax require exactly one currency."),
        ('totalMin: 2, totalMax: 1, currency: ["USD"]', "totalMin must be at most totalMax."),
    ],
)
async def test_contradictory_filter_is_rejected(service: Service, filter_by: str, message: str) -> None:
    response = await service.query(f"{{ invoices(filterBy: {{ {filter_by} }}) {{ nodes {{ id }} }} }}")

    [error] = response["errors"]
    assert (error["message"], error["extensions"]) == (message, {"code": "BAD_USER_INPUT"})
    assert service.all_calls() == []


@pytest.mark.parametrize(
    ("filter_by", "dates"),
    [
        ('periodFrom: "2026-02-15"', "&billing_start_date=2026-01-01"),
        ('periodTo: "2026-02-15"', "&billing_end_date=2026-04-01"),
        (
            'periodFrom: "2026-01-01", periodTo: "2026-12-31"',
            "&billing_start_date=2025-12-01&billing_end_date=2027-02-01",
        ),
        ('periodFrom: "0001-01-01", periodTo: "9999-12-31"', ""),
    ],
)
async def test_period_is_sent_to_fastly_with_a_margin(service: Service, filter_by: str, dates: str) -> None:
    await list_invoices(service, f'{filter_by}, providers: "fastly"')
    assert service.calls("fastly") == [f"/billing/v3/invoices?limit=100{dates}"]


async def test_cursor_is_sent_to_fastly_as_a_period(service: Service) -> None:
    scope = f'filterBy: {{ accounts: ["{ACCOUNT_ID}"], periodFrom: "2025-01-01" }}'
    page = await service.data(f"{{ invoices(first: 3, {scope}) {{ pageInfo {{ endCursor }} }} }}")
    service.reset_calls()

    cursor = page["invoices"]["pageInfo"]["endCursor"]
    for paging in (f'after: "{cursor}"', f'before: "{cursor}"', f'after: "{cursor}", orderBy: OLDEST_FIRST'):
        await service.data(f"{{ invoices({paging}, {scope}) {{ nodes {{ id }} }} }}")

    start, end = "billing_start_date=2024-12-01", "billing_end_date=2026-10-01"
    assert service.calls("fastly") == [
        f"/billing/v3/invoices?limit=100&{start}&{end}",
        "/billing/v3/invoices?limit=100&billing_start_date=2026-07-01",
        "/billing/v3/invoices?limit=100&billing_start_date=2026-07-01",
    ]
