"""Tests of how scalars are taken as input: exactly, or not at all."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from providers.fastly.sandbox import Sandbox
from tests.harness import Service, running, sandbox_of

from .fastly import bill, listed

BY_VARIABLE = (
    'query($least: Decimal) { invoices(filterBy: { currency: "USD", totalMin: $least }) { nodes { number } } }'
)


@pytest.fixture
async def bills() -> AsyncIterator[Service]:
    async with running(sandbox_of(Sandbox())) as service:
        totals = {"A": "12.5", "B": "12.4999999999999999999", "C": "12"}
        rows = [bill(native, monthly_transaction_amount=Decimal(total)) for native, total in totals.items()]
        service.control("fastly").faults.append(listed(*rows))
        yield service


def numbers(data: object) -> str:
    assert isinstance(data, dict)
    return "".join(sorted(node["number"] for node in data["invoices"]["nodes"]))


@pytest.mark.parametrize(
    ("least", "expected"),
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
async def test_a_variable_may_be_a_string_or_an_integer(bills: Service, least: object, expected: str) -> None:
    assert numbers(await bills.data(BY_VARIABLE, {"least": least})) == expected


@pytest.mark.parametrize(
    ("least", "expected"),
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
async def test_a_literal_is_taken_by_its_digits(bills: Service, least: str, expected: str) -> None:
    assert (
        numbers(await bills.data(BY_VARIABLE.replace("$least }", f"{least} }}").replace("($least: Decimal)", "")))
        == expected
    )


@pytest.mark.parametrize(
    "least",
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
async def test_a_variable_that_is_no_exact_number_is_refused(bills: Service, least: object) -> None:
    answer = await bills.query(BY_VARIABLE, {"least": least})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert "data" not in answer
    assert bills.calls("fastly") == []


@pytest.mark.parametrize("least", ['"NaN"', "1e999", '"Infinity"', "true", "NaN", "[1, 2]", '{ amount: "1" }', '""'])
async def test_a_literal_that_is_no_exact_number_is_refused(bills: Service, least: str) -> None:
    document = BY_VARIABLE.replace("$least }", f"{least} }}").replace("($least: Decimal)", "")

    answer = await bills.query(document)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert bills.calls("fastly") == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_a_number_that_json_does_not_have_or_no_exact_one_is_refused(bills: Service, number: str) -> None:
    body = json.dumps({"query": BY_VARIABLE, "variables": {"least": "?"}}).replace('"?"', number)

    response = await bills.client.post("/graphql", content=body, headers={"Content-Type": "application/json"})

    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert bills.calls("fastly") == []


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
async def test_a_currency_or_a_day_otherwise_written_is_refused(bills: Service, filter_by: str) -> None:
    answer = await bills.query(f"{{ invoices(filterBy: {{ {filter_by} }}) {{ nodes {{ id }} }} }}")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert bills.calls("fastly") == []


INSTANTS = ["2026-02-03", "2026-02-03T00:00:00", "yesterday", "", "0001-01-01T00:00:00+14:00", 1]


@pytest.mark.parametrize("instant", INSTANTS)
async def test_an_instant_without_its_offset_or_beyond_the_calendar_is_refused(bills: Service, instant: object) -> None:
    document = "query($before: DateTime) { credits(filterBy: { expiringBefore: $before }) { nodes { id } } }"
    literal = document.replace("($before: DateTime)", "").replace("$before", json.dumps(instant))

    for answer in (await bills.query(document, {"before": instant}), await bills.query(literal)):
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
        assert bills.calls("fastly") == []
