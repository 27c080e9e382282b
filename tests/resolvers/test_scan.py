"""Scans of an account's pages: only as many as needed, in any order, with any provider cursors."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from tests.harness import Service, create_sandbox, now, running_service

from .fastly import ACCOUNT_ID, LIST, invoice, invoice_payload, list_fault

PAGE = "nodes { id } pageInfo { hasNextPage } coverage { status code message }"
ONLY = f'filterBy: {{ accounts: ["{ACCOUNT_ID}"] }}'


async def test_a_provider_cursor_is_percent_encoded() -> None:
    async with running_service(create_sandbox(Sandbox(now=now, per_month=4))) as service:
        data = await service.data("{ invoices(last: 1) { nodes { period { start } } coverage { status } } }")

        assert data["invoices"]["nodes"] == [{"period": {"start": "2023-11-01T00:00:00Z"}}]
        first, second = service.calls("fastly")
        assert first == "/billing/v3/invoices?limit=100"
        assert second.startswith("/billing/v3/invoices?limit=100&cursor=%2B%2B%2B%2B")
        assert second.endswith("%3D")
        assert parse_qs(urlsplit(second).query)["cursor"][0].startswith("++++")


@pytest.mark.parametrize("cursor", ["a b", "../x", "a&limit=1", "ä", "%2B", "a#b"])
async def test_any_text_can_be_a_provider_cursor(service: Service, cursor: str) -> None:
    pages = [
        list_fault(invoice_payload("INV-2"), next_cursor=cursor, times=1),
        list_fault(invoice_payload("INV-1"), times=1),
    ]
    service.control("fastly").faults += pages

    data = await service.data(f"{{ invoices({ONLY}) {{ {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice("INV-2"), invoice("INV-1")]
    assert parse_qs(urlsplit(service.calls("fastly")[1]).query)["cursor"] == [cursor]


async def test_a_repeated_cursor_ends_the_scan(service: Service) -> None:
    service.control("fastly").faults.append(list_fault(invoice_payload("INV-1"), next_cursor="again"))

    data = await service.data(f"{{ invoices({ONLY}) {{ totalCount {PAGE} }} }}")

    assert data["invoices"] == {
        "totalCount": None,
        "nodes": [{"id": invoice("INV-1")}],
        "pageInfo": {"hasNextPage": False},
        "coverage": [
            {
                "status": "PARTIAL",
                "code": "UNINTELLIGIBLE",
                "message": "Fastly sent account sandbox-fastly a response that cannot be understood: "
                "its list returned the same cursor twice.",
            }
        ],
    }
    assert len(service.calls("fastly")) == 2


async def test_a_longer_cursor_cycle_ends_the_scan(service: Service) -> None:
    pages = [list_fault(invoice_payload(f"INV-{n}"), next_cursor=cursor, times=1) for n, cursor in enumerate("abca")]
    service.control("fastly").faults += pages

    data = await service.data(f"{{ invoices({ONLY}) {{ {PAGE} }} }}")

    assert data["invoices"]["coverage"][0]["code"] == "UNINTELLIGIBLE"
    assert len(data["invoices"]["nodes"]) == len(service.calls("fastly")) == 4


async def test_an_oldest_first_list_is_read_completely(service: Service) -> None:
    months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]
    payloads = [invoice_payload(f"INV-{month[-1]}", month) for month in months]
    pages = [
        list_fault(*payloads[0:2], next_cursor="b"),
        list_fault(*payloads[2:4], next_cursor="c"),
        list_fault(*payloads[4:6]),
    ]
    faults = [Fault(kind="garbage", body=page.body, path=LIST, times=1) for page in pages]
    service.control("fastly").faults += faults

    data = await service.data(f"{{ invoices(first: 2, {ONLY}) {{ {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice("INV-6"), invoice("INV-5")]
    assert data["invoices"]["pageInfo"] == {"hasNextPage": True}
    assert len(service.calls("fastly")) == 3


async def test_an_unordered_entry_makes_later_pages_needed(service: Service) -> None:
    months = ["2026-06", "2026-05", "2026-01", "2026-03"]
    pages = [
        list_fault(*(invoice_payload(f"INV-{month[-1]}", month) for month in months), next_cursor="b", times=1),
        list_fault(invoice_payload("INV-7", "2026-07"), times=1),
    ]
    service.control("fastly").faults += pages

    data = await service.data(f"{{ invoices(first: 1, {ONLY}) {{ {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice("INV-7")]


async def test_a_month_over_two_pages_is_read_completely(service: Service) -> None:
    pages = [
        list_fault(invoice_payload("INV-1", "2026-08"), invoice_payload("INV-2", "2026-08"), next_cursor="b", times=1),
        list_fault(invoice_payload("INV-9", "2026-08"), invoice_payload("INV-3", "2026-07"), next_cursor="c", times=1),
    ]
    service.control("fastly").faults += pages

    data = await service.data(f"{{ invoices(first: 1, {ONLY}) {{ {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice("INV-9")]
    assert len(service.calls("fastly")) == 2


async def test_an_invoice_on_two_pages_is_returned_once(service: Service) -> None:
    pages = [
        list_fault(invoice_payload("INV-2", "2026-09"), invoice_payload("INV-1", "2026-08"), next_cursor="b", times=1),
        list_fault(invoice_payload("INV-1", "2026-08"), invoice_payload("INV-0", "2026-07"), times=1),
    ]
    service.control("fastly").faults += pages

    data = await service.data(f"{{ invoices({ONLY}) {{ totalCount {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice(f"INV-{n}") for n in (2, 1, 0)]


async def test_a_failed_page_keeps_the_earlier_ones(service: Service) -> None:
    faults = service.control("fastly").faults
    faults += [
        list_fault(invoice_payload("INV-2"), next_cursor="b", times=1),
        Fault(kind="status", status=429, path=LIST),
    ]

    data = await service.data(f"{{ invoices({ONLY}) {{ {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice("INV-2")]
    [entry] = data["invoices"]["coverage"]
    assert (entry["status"], entry["code"]) == ("PARTIAL", "RATE_LIMITED")


async def test_an_invalid_entry_is_reported_in_coverage(service: Service) -> None:
    service.control("fastly").faults.append(
        list_fault(
            invoice_payload("INV-2"),
            invoice_payload("INV-1", billing_start_date=None),
            invoice_payload("INV-0", "2026-01"),
        )
    )

    data = await service.data(f"{{ invoices({ONLY}) {{ totalCount {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice("INV-2"), invoice("INV-0")]
    [entry] = data["invoices"]["coverage"]
    assert (entry["status"], entry["code"]) == ("PARTIAL", "UNINTELLIGIBLE")
    assert data["invoices"]["totalCount"] is None


async def test_the_last_of_oldest_first_is_one_call() -> None:
    async with running_service(create_sandbox(Sandbox(now=now, first=date(2023, 7, 1), per_month=50))) as service:
        newest = await service.data("{ invoices(first: 3) { nodes { id } } }")
        service.reset_calls(["fastly"])
        data = await service.data(
            "{ invoices(last: 3, orderBy: OLDEST_FIRST) { nodes { id } pageInfo { hasPreviousPage hasNextPage } } }"
        )

        assert data["invoices"]["nodes"] == newest["invoices"]["nodes"][::-1]
        assert data["invoices"]["pageInfo"] == {"hasPreviousPage": True, "hasNextPage": False}
        assert service.calls("fastly") == ["/billing/v3/invoices?limit=100"]


async def test_an_invoice_twice_on_a_page_is_returned_once(service: Service) -> None:
    service.control("fastly").faults.append(
        list_fault(invoice_payload("INV-1", number=1), invoice_payload("INV-1"), invoice_payload("INV-0"), total=3)
    )

    data = await service.data(f"{{ invoices({ONLY}) {{ totalCount {PAGE} }} }}")

    assert [node["id"] for node in data["invoices"]["nodes"]] == [invoice("INV-1"), invoice("INV-0")]
    assert data["invoices"]["totalCount"] == 2


@pytest.mark.parametrize("body", ['{"data": null, "meta": null}', '{"data": []}'])
async def test_a_list_without_entries_is_complete(service: Service, body: str) -> None:
    service.control("fastly").faults.append(Fault(kind="garbage", body=body, path=LIST))

    data = await service.data(f"{{ invoices({ONLY}) {{ totalCount coverage {{ status code }} }} }}")

    assert data["invoices"] == {"totalCount": 0, "coverage": [{"status": "COMPLETE", "code": None}]}


@pytest.mark.parametrize("body", ['{"data": "none"}', '{"data": {"0": {}}}', '{"data": [1]}', "[]", '"x"', "{}", "1"])
async def test_an_invalid_list_is_missing(service: Service, body: str) -> None:
    service.control("fastly").faults.append(Fault(kind="garbage", body=body, path=LIST))

    data = await service.data(f"{{ invoices({ONLY}) {{ totalCount coverage {{ status code }} }} }}")

    assert data["invoices"] == {"totalCount": None, "coverage": [{"status": "MISSING", "code": "UNINTELLIGIBLE"}]}
