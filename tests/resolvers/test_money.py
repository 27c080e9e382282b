"""Tests that money and other numbers keep exactly the digits that the provider sent."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers.fastly.sandbox import Sandbox
from providers.sandbox import Fault
from tests.harness import Service, create_sandbox, running_service

from .fastly import LIST, invoice_payload

EXACT = {
    "30.240000000000002": "30.240000000000002",
    "0.002671": "0.002671",
    "1E+2": "100",
    "-0.00": "0.00",
    "4507559.70": "4507559.70",
    "12345678901234567.89": "12345678901234567.89",
    "1e2": "100",
    "1.50E-3": "0.00150",
    "0": "0",
    "-0": "0",
    "-1.10": "-1.10",
    "9007199254740993": "9007199254740993",
    "123456789012345678901234567890.12345678": "123456789012345678901234567890.12345678",
}
OUT_OF_RANGE = ["1e999", "1E999999999", "1E99999999999999999999", "-1e-31", "1" * 39, "0." + "0" * 38 + "1"]
DOCUMENT = """{ invoices { nodes {
  total { amount currency } raw
  lineItems { nodes { cost { amount } unitPrice { amount } quantity { amount } raw } }
} coverage { status code } } }"""


@pytest.fixture
async def fastly() -> AsyncIterator[Service]:
    async with running_service(create_sandbox(Sandbox())) as service:
        yield service


def list_with_numbers(token: str, **fields: object) -> Fault:
    """Return a list with one invoice in which every number is `token`."""
    line = {"description": "x", "amount": "?", "rate": "?", "units": "?", "deep": {"er": ["?", {"est": "?"}]}}
    row = invoice_payload("A", "2026-09", line, monthly_transaction_amount="?", **fields)
    text = json.dumps({"data": [row], "meta": {"next_cursor": ""}})
    return Fault(kind="garbage", body=text.replace('"?"', token), path=LIST)


async def fetch_invoice(service: Service) -> dict[str, Any]:
    listing = (await service.data(DOCUMENT))["invoices"]
    assert listing["coverage"] == [{"status": "COMPLETE", "code": None}]
    [node] = listing["nodes"]
    assert isinstance(node, dict)
    return node


@pytest.mark.parametrize(("token", "amount"), EXACT.items())
async def test_number_keeps_digits_and_loses_exponent(fastly: Service, token: str, amount: str) -> None:
    fastly.control("fastly").faults.append(list_with_numbers(token))

    node = await fetch_invoice(fastly)

    [line] = node["lineItems"]["nodes"]
    assert node["total"] == {"amount": amount, "currency": "USD"}
    assert [line["cost"], line["unitPrice"], line["quantity"]] == [{"amount": amount}] * 3
    assert node["raw"]["monthly_transaction_amount"] == token
    assert node["raw"]["transaction_line_items"] == [line["raw"]]
    assert line["raw"]["amount"] == line["raw"]["deep"]["er"][0] == line["raw"]["deep"]["er"][1]["est"] == token


@pytest.mark.parametrize("text", ["30.240000000000002", "1E+2", "-0.00", "12345678901234567.89"])
async def test_numeric_string_is_read_like_a_number(fastly: Service, text: str) -> None:
    fastly.control("fastly").faults.append(list_with_numbers(f'"{text}"'))

    node = await fetch_invoice(fastly)

    assert node["total"]["amount"] == EXACT[text]
    assert node["raw"]["monthly_transaction_amount"] == text


@pytest.mark.parametrize("token", ['""', '" "', "null"])
async def test_blank_amount_is_null_without_an_error(fastly: Service, token: str) -> None:
    fastly.control("fastly").faults.append(list_with_numbers(token))

    node = await fetch_invoice(fastly)

    [line] = node["lineItems"]["nodes"]
    assert [node["total"], line["cost"], line["unitPrice"], line["quantity"]] == [None] * 4
    assert node["raw"]["monthly_transaction_amount"] == json.loads(token)


@pytest.mark.parametrize("token", [*OUT_OF_RANGE, '"NaN"', '"Infinity"', '"1,234.5"', "true", "[]", "{}"])
async def test_inexact_number_is_null_with_an_error_and_stays_in_raw(fastly: Service, token: str) -> None:
    fastly.control("fastly").faults.append(list_with_numbers(token))

    payload = await fastly.query(DOCUMENT)

    [node] = payload["data"]["invoices"]["nodes"]
    [line] = node["lineItems"]["nodes"]
    assert [(error["path"][-1], error["extensions"]["code"]) for error in payload["errors"]] == [
        ("total", "UNINTELLIGIBLE"),
        ("cost", "UNINTELLIGIBLE"),
        ("unitPrice", "UNINTELLIGIBLE"),
    ]
    assert [node["total"], line["cost"], line["unitPrice"], line["quantity"]] == [None] * 4
    assert node["raw"]["monthly_transaction_amount"] == (token if token in OUT_OF_RANGE else json.loads(token))


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "--1", "1e", "0x1", "'1'"])
async def test_invalid_json_number_is_unintelligible(fastly: Service, token: str) -> None:
    fastly.control("fastly").faults.append(list_with_numbers(token))

    listing = (await fastly.data(DOCUMENT))["invoices"]

    assert listing == {"nodes": [], "coverage": [{"status": "MISSING", "code": "UNINTELLIGIBLE"}]}


async def test_only_numbers_in_raw_become_strings(fastly: Service) -> None:
    extra = {"whole": 7, "text": "7", "yes": True, "no": False, "none": None, "list": [1.50, -0.0], "": {"é": "ü"}}
    fastly.control("fastly").faults.append(list_with_numbers("1", extra=extra))

    raw = (await fetch_invoice(fastly))["raw"]

    assert raw["extra"] == extra | {"whole": "7", "list": ["1.5", "-0.0"]}


@pytest.mark.parametrize("sign", ["", "-"])
async def test_lone_surrogate_is_unintelligible(fastly: Service, sign: str) -> None:
    fastly.control("fastly").faults.append(list_with_numbers(f"{sign}0", extra="\ud800"))

    listing = (await fastly.data(DOCUMENT))["invoices"]

    assert listing == {"nodes": [], "coverage": [{"status": "MISSING", "code": "UNINTELLIGIBLE"}]}


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("depth", [100, 250, 400, 900, 5_000, 100_000])
async def test_deeply_nested_body_is_read_or_reported(fastly: Service, depth: int, sign: str) -> None:
    nested = "[" * depth + f"{sign}0" + "]" * depth
    fastly.control("fastly").faults.append(list_with_numbers("1", extra="!"))
    fault = fastly.control("fastly").faults.pop()
    assert fault.body is not None
    fastly.control("fastly").faults.append(Fault(kind="garbage", body=fault.body.replace('"!"', nested), path=LIST))

    response = await fastly.query(DOCUMENT)

    assert "errors" not in response, response["errors"]
    assert response["data"]["invoices"]["coverage"][0]["code"] in {None, "UNINTELLIGIBLE"}
