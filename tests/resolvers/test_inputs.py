"""Tests of scalar inputs: each value is taken exactly or rejected."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from providers.fastly.sandbox import Sandbox
from tests.harness import Service, create_sandbox, running_service

from .fastly import invoice_payload, list_fault

BY_VARIABLE = (
    'query($minimum: Decimal) { invoices(filterBy: { currency: "USD", totalMin: $minimum }) { nodes { number } } }'
)


@pytest.fixture
async def handwritten_invoices() -> AsyncIterator[Service]:
    async with running_service(create_sandbox(Sandbox())) as service:
        totals = {"A": "12.5", "B": "12.4999999999999999999", "C": "12"}
        rows = [invoice_payload(number, monthly_transaction_amount=Decimal(total)) for number, total in totals.items()]
        service.control("fastly").faults.append(list_fault(*rows))
        yield service


def numbers(data: object) -> str:
    assert isinstance(data, dict)
    return "".join(sorted(node["number"] for node in data["invoices"]["nodes"]))


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [
        ("12.5", "A"),
        ("12.50", "A"),
        (12, "ABC"),
        ("1.2e1", "ABC"),
        ("+12.45", "AB"),
        (13, ""),
        ("-0", "ABC"),
        (None, "ABC"),
    ],
)
async def test_decimal_variable_may_be_string_or_integer(
    handwritten_invoices: Service, minimum: object, expected: str
) -> None:
    assert numbers(await handwritten_invoices.data(BY_VARIABLE, {"minimum": minimum})) == expected


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [
        ('"12.5"', "A"),
        ("12.5", "A"),
        ("12", "ABC"),
        ("12.49999999999999999991", "A"),
        ("12.4999999999999999999", "AB"),
        ("1.25E+1", "A"),
        ("null", "ABC"),
    ],
)
async def test_decimal_literal_keeps_its_digits(handwritten_invoices: Service, minimum: str, expected: str) -> None:
    assert (
        numbers(
            await handwritten_invoices.data(
                BY_VARIABLE.replace("$minimum }", f"{minimum} }}").replace("($minimum: Decimal)", "")
            )
        )
        == expected
    )


@pytest.mark.parametrize(
    "minimum",
    [
        12.5,
        12.0,
        1e3,
        True,
        [],
        ["1"],
        {},
        "NaN",
        "Infinity",
        "-inf",
        "1e999",
        "1e31",
        "",
        " 1",
        "1 ",
        "1,5",
        "1_000",
        "0x1",
        "٣",
        "1" * 39,
        "1." + "0" * 38,
    ],
)
async def test_inexact_decimal_variable_is_rejected(handwritten_invoices: Service, minimum: object) -> None:
    response = await handwritten_invoices.query(BY_VARIABLE, {"minimum": minimum})

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]
    assert "data" not in response
    assert handwritten_invoices.calls("fastly") == []


@pytest.mark.parametrize("minimum", ['"NaN"', "1e999", '"Infinity"', "true", "NaN", "[1, 2]", '{ amount: "1" }', '""'])
async def test_inexact_decimal_literal_is_rejected(handwritten_invoices: Service, minimum: str) -> None:
    document = BY_VARIABLE.replace("$minimum }", f"{minimum} }}").replace("($minimum: Decimal)", "")

    response = await handwritten_invoices.query(document)

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]
    assert handwritten_invoices.calls("fastly") == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_non_finite_number_in_json_is_rejected(handwritten_invoices: Service, number: str) -> None:
    body = json.dumps({"query": BY_VARIABLE, "variables": {"minimum": "?"}}).replace('"?"', number)

    response = await handwritten_invoices.client.post(
        "/graphql", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert handwritten_invoices.calls("fastly") == []


@pytest.mark.parametrize(
    "filter_by",
    [
        'currency: ["usd"]',
        'currency: ["US"]',
        'currency: ["USD\\n"]',
        "currency: [1]",
        'periodFrom: "2026-02-30"',
        'periodFrom: "2026-2-3"',
        'periodFrom: "20260203"',
        'periodFrom: "2026-02-03T00:00:00Z"',
        'periodFrom: "2026-02-03\\n"',
        "periodFrom: 20260203",
        'periodTo: ""',
    ],
)
async def test_malformed_currency_or_date_is_rejected(handwritten_invoices: Service, filter_by: str) -> None:
    response = await handwritten_invoices.query(f"{{ invoices(filterBy: {{ {filter_by} }}) {{ nodes {{ id }} }} }}")

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]
    assert handwritten_invoices.calls("fastly") == []


BEFORE = "query($before: DateTime) { credits(filterBy: { expiringBefore: $before }) { totalCount } }"
NOT_RFC_3339 = [
    "2026-02-03",
    "2026-02-03T00:00:00",
    "2026-02-03T00:00Z",
    "2026-02-03T00Z",
    "2026-02-03 00:00:00Z",
    "2026-02-03_00:00:00Z",
    "2026-02-03T00:00:00,5Z",
    "2026-02-03T00:00:00.Z",
    "2026-02-03T00:00:00 Z",
    "2026-02-03T00:00:00+0000",
    "2026-02-03T00:00:00+00",
    "2026-02-03T00:00:00+01:00:00",
    "2026-02-03T00:00:00+24:00",
    "2026-02-03T24:00:00Z",
    "2026-02-03T23:59:60Z",
    "2026-03-01T00:01:60+00:01",
    "2026-02-29T00:00:00Z",
    "20260203T000000Z",
    "2026-W06-2T00:00:00Z",
    "2026-034T00:00:00Z",
    "٢026-02-03T00:00:00Z",
    "2026-02-03T00:00:00Z\n",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:60Z",
    "yesterday",
    "",
    1,
]


@pytest.mark.parametrize("instant", NOT_RFC_3339)
async def test_invalid_instant_is_rejected(handwritten_invoices: Service, instant: object) -> None:
    literal = BEFORE.replace("($before: DateTime)", "").replace("$before", json.dumps(instant))

    for response in (
        await handwritten_invoices.query(BEFORE, {"before": instant}),
        await handwritten_invoices.query(literal),
    ):
        assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]
        assert handwritten_invoices.calls("fastly") == []


@pytest.mark.accounts_of("spectrocloud")
async def test_each_spelling_of_an_instant_is_the_same_instant(service: Service) -> None:
    """The sandbox's first credit expires at 2023-12-31T00:00:00Z, the next one a year later."""
    counts = {
        "2023-12-31T00:00:00Z": 0,
        "2023-12-31t00:00:00z": 0,
        "2023-12-31T00:00:00-00:00": 0,
        "2023-12-31T00:00:00.0000009Z": 0,
        "2023-12-31T00:00:00.000001Z": 1,
        "2023-12-31T00:00:01z": 1,
        "2023-12-31T01:30:00+01:30": 0,
        "2023-12-30T22:00:01.5-02:00": 1,
        "2023-12-31T23:59:60Z": 1,
        "2024-01-01T01:59:60.25+02:00": 1,
    }

    assert {text: (await service.data(BEFORE, {"before": text}))["credits"]["totalCount"] for text in counts} == counts


@pytest.mark.accounts_of("fastly")
async def test_an_instant_of_a_provider_may_be_in_lower_case(service: Service) -> None:
    dates = {"billing_start_date": "2026-09-01t00:00:00z", "billing_end_date": "2026-09-30T00:00:00z"}
    service.control("fastly").faults.append(list_fault(invoice_payload("A", **dates)))

    invoices = (await service.data("{ invoices { nodes { number period { start end } } } }"))["invoices"]

    period = {"start": "2026-09-01T00:00:00Z", "end": "2026-10-01T00:00:00Z"}
    assert invoices["nodes"] == [{"number": "A", "period": period}]
