"""Facts of Fastly's invoices."""

from typing import Any

import pytest
import structlog

from providers.sandbox import Fault
from tests.harness import Service
from tests.resolvers.fastly import invoice_payload, line_payload, list_fault

pytestmark = pytest.mark.accounts_of("fastly")


async def first_invoice(service: Service, selection: str, *lines: dict[str, Any], **fields: object) -> Any:
    """Return the selected fields of the only invoice, which has these lines."""
    service.control("fastly").faults.append(list_fault(invoice_payload("INV-1", "2026-09", *lines, **fields)))
    data = await service.data(f"{{ invoices(first: 1) {{ nodes {{ {selection} }} }} }}")
    return data["invoices"]["nodes"][0]


async def test_the_usage_type_is_no_unit(service: Service) -> None:
    line = line_payload("Asia Requests", 292.03, units="146017.0369", usage_type="Requests")
    fields = "quantity { amount unit } details { ... on FastlyLineItemDetails { usageType } }"

    invoice = await first_invoice(service, f"lineItems {{ nodes {{ {fields} }} }}", line)

    assert invoice["lineItems"]["nodes"] == [
        {"quantity": {"amount": "146017.0369", "unit": None}, "details": {"usageType": "Requests"}}
    ]


@pytest.mark.parametrize(
    ("description", "amount", "words", "category"),
    [
        ("Sales Tax", "57.4", {}, "TAX"),
        ("Line", "57.4", {"product_name": "State taxes"}, "TAX"),
        ("Line", "57.4", {"ProductGroup": "VAT (19 %)", "product_name": None}, "TAX"),
        ("GST_2026", "-5", {}, "TAX"),
        ("Enterprise Support", "2600", {"product_group": "CS: CSE"}, "PURCHASE"),
        ("Gold", "2600", {"product_name": "Gold Support", "product_group": "Unknown"}, "PURCHASE"),
        ("Certificates", "0", {"product_name": "TLS", "product_group": "N/A"}, "PURCHASE"),
        ("Certificates", "60", {"product_group": "TLS"}, "PURCHASE"),
        ("Commitment shortfall", "800", {}, "PURCHASE"),
        ("Syntax Check", "1", {}, "USAGE"),
        ("Supported requests", "1", {"product_group": "CSS: Delivery"}, "USAGE"),
        ("TLS handshakes", "1", {"product_group": "Full Site Delivery"}, "USAGE"),
        ("Enterprise Support", "-10", {"product_group": "CS: CSE"}, "ADJUSTMENT"),
        ("Sales Tax", "-10", {"credit_coupon_code": "FREE"}, "CREDIT"),
    ],
)
async def test_category_comes_from_whole_words(
    service: Service, description: str, amount: str, words: dict[str, Any], category: str
) -> None:
    line = line_payload(description, amount, **words)

    invoice = await first_invoice(service, "lineItems { nodes { category } }", line)

    assert invoice["lineItems"]["nodes"] == [{"category": category}]


async def test_the_sandbox_adds_a_tax_and_a_support_line(service: Service) -> None:
    service.control("fastly").faults += [
        Fault(kind="shape", shape="tax_line", times=1),
        Fault(kind="shape", shape="support_line", times=1),
    ]
    document = "{ invoices(first: 1) { nodes { lineItems(first: 50) { nodes { description category } } } } }"

    lines = [(await service.data(document))["invoices"]["nodes"][0]["lineItems"]["nodes"][-1] for _ in range(2)]

    assert lines == [
        {"description": "Sales Tax", "category": "TAX"},
        {"description": "Enterprise Support", "category": "PURCHASE"},
    ]


CREDITS = "credits { reference value { ... on Money { amount } } }"


async def test_lines_without_coupon_codes_state_no_credits(service: Service) -> None:
    service.control("fastly").faults.append(Fault(kind="shape", shape="unmarked_lines", times=1))
    document = "{ invoices(first: 1) { nodes { credits { kind } } } }"

    credits = [(await service.data(document))["invoices"]["nodes"][0]["credits"] for _ in range(2)]

    assert credits[0] is None
    assert credits[1] is not None


async def test_a_coupon_has_a_value_only_if_it_deducts(service: Service) -> None:
    lines = [line_payload("Coupon", amount, credit_coupon_code=f"C{amount}") for amount in ("-5.00", "0.00", "5.00")]

    invoice = await first_invoice(service, CREDITS, *lines)

    assert invoice["credits"] == [
        {"reference": "C-5.00", "value": {"amount": "5.00"}},
        {"reference": "C0.00", "value": None},
        {"reference": "C5.00", "value": None},
    ]


@pytest.mark.parametrize(
    ("lines", "credits"),
    [
        ([{}, {"credit_coupon_code": None}], None),
        ([{}, {"credit_coupon_code": ""}], []),
        ([], []),
    ],
)
async def test_credits_are_null_if_no_line_states_a_coupon(service: Service, lines: Any, credits: Any) -> None:
    invoice = await first_invoice(service, CREDITS, *(line_payload(**line) for line in lines))

    assert invoice["credits"] == credits


@pytest.mark.parametrize(
    ("word", "status"), [("Paid", "PAID"), ("OUTSTANDING", "PENDING"), ("Overdue", "UNRECOGNIZED")]
)
async def test_payment_status_in_any_case(service: Service, word: str, status: str) -> None:
    invoice = await first_invoice(service, "paymentStatus paymentStates { word }", payment_status=word)

    assert invoice == {"paymentStatus": status, "paymentStates": [{"word": word}]}


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("2026-07-15T00:00:00Z", "2026-08-15T00:00:00Z", ("2026-07-15T00:00:00Z", "2026-08-15T00:00:00Z")),
        ("2026-07-15T00:00:00Z", "2026-08-14T00:00:00Z", ("2026-07-15T00:00:00Z", "2026-08-15T00:00:00Z")),
        ("2026-06-01T00:00:00+02:00", "2026-06-30T23:59:59+02:00", ("2026-05-31T22:00:00Z", "2026-06-30T22:00:00Z")),
        ("2026-06-01T00:00:00+02:00", "2026-06-30T00:00:00+02:00", ("2026-05-31T22:00:00Z", "2026-06-30T22:00:00Z")),
        ("2026-06-01T00:00:00+02:00", "2026-07-01T00:00:00+02:00", ("2026-05-31T22:00:00Z", "2026-06-30T22:00:00Z")),
    ],
)
async def test_period_ends_in_its_written_offset(
    service: Service, start: str, end: str, period: tuple[str, str]
) -> None:
    bounds = {"billing_start_date": start, "billing_end_date": end}

    invoice = await first_invoice(service, "period { start end }", **bounds)

    assert (invoice["period"]["start"], invoice["period"]["end"]) == period


@pytest.mark.parametrize(
    ("body", "coverage"),
    [
        ('{"data": null, "errors": [{"title": "x"}]}', ("MISSING", "UNINTELLIGIBLE")),
        ('{"data": null, "errors": []}', ("COMPLETE", None)),
        ('{"data": null}', ("COMPLETE", None)),
    ],
)
async def test_errors_in_place_of_a_list_are_a_failure(
    service: Service, body: str, coverage: tuple[str, str | None]
) -> None:
    service.control("fastly").faults.append(Fault(kind="garbage", body=body))

    data = await service.data("{ invoices(first: 1) { coverage { status code message } } }")

    [entry] = data["invoices"]["coverage"]
    assert (entry["status"], entry["code"]) == coverage
    assert (entry["message"] or "").endswith("it reports errors in place of a list." if coverage[1] else "")


async def test_an_unreadable_amount_is_null_with_an_error(service: Service) -> None:
    good, bad = line_payload("Good"), line_payload("Bad", "1,234.50")
    payloads = [
        invoice_payload("INV-2", "2026-09", good, bad),
        invoice_payload("INV-1", "2026-08", monthly_transaction_amount="9,000"),
    ]
    service.control("fastly").faults.append(list_fault(*payloads))
    fields = "number total { amount } lineItems { nodes { description cost { amount } } }"

    with structlog.testing.capture_logs() as logs:
        payload = await service.query(f"{{ invoices(first: 2) {{ nodes {{ {fields} }} }} }}")

    assert payload["data"]["invoices"]["nodes"] == [
        {
            "number": "INV-2",
            "total": {"amount": "1.50"},
            "lineItems": {
                "nodes": [{"description": "Good", "cost": {"amount": "1.50"}}, {"description": "Bad", "cost": None}]
            },
        },
        {"number": "INV-1", "total": None, "lineItems": {"nodes": []}},
    ]
    errors = {".".join(map(str, error["path"])): error for error in payload["errors"]}
    assert {path: error["extensions"]["code"] for path, error in errors.items()} == {
        "invoices.nodes.0.lineItems.nodes.1.cost": "UNINTELLIGIBLE",
        "invoices.nodes.1.total": "UNINTELLIGIBLE",
    }
    assert errors["invoices.nodes.1.total"]["message"].endswith(
        ": the amount 'monthly_transaction_amount' of invoice INV-1 cannot be read."
    )
    assert ("fastly/sandbox-fastly", "INV-2", "amount") in {
        (entry.get("account"), entry.get("invoice"), entry.get("key")) for entry in logs
    }
    assert "1,234.50" not in f"{logs} {payload}"


async def test_a_filter_of_amounts_excludes_an_unreadable_total(service: Service) -> None:
    service.control("fastly").faults.append(list_fault(invoice_payload("INV-1", monthly_transaction_amount="9,000")))
    filter_by = '{ currency: ["USD"], totalMin: "1" }'

    data = await service.data(f"{{ invoices(filterBy: {filter_by}) {{ nodes {{ id }} coverage {{ status }} }} }}")

    assert data["invoices"] == {"nodes": [], "coverage": [{"status": "PARTIAL"}]}
