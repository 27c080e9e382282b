"""Fields of a payload are read exactly, or are None."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from providers import fields
from schema.scalars import format_decimal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text("0123456789.eE+-, NaInfity", max_size=90),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
# At most 38 digits and an exponent within ±30, in any notation that a provider may use.
EXACT = st.builds(
    lambda sign, digits, exponent: Decimal((sign, tuple(map(int, str(digits))), exponent)),
    st.integers(0, 1),
    st.integers(0, 10**38 - 1),
    st.integers(-30, 30),
)


def decode(token: str) -> Any:
    """Decode a JSON token as the client does."""
    return msgspec.json.Decoder(float_hook=str).decode(f'{{"n": {token}}}'.encode())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@given(EXACT)
@example(Decimal("30.240000000000002"))
@example(Decimal("4507559.70"))
@example(Decimal("1E+2"))
@example(Decimal("-0.00"))
def test_numbers_and_numeric_texts_keep_their_digits(amount: Decimal) -> None:
    plain = format(amount, "f")
    spellings = {str(amount)} | ({plain} if len(plain) <= 38 else set())  # written-out zeros count as digits
    for spelling in spellings:
        for token in (spelling, f'"{spelling}"'):
            number = fields.number(decode(token), "n")

            assert number is not None
            assert number == amount
            assert format_decimal(number).lstrip("-") == format(amount, "f").lstrip("-")


@pytest.mark.parametrize(
    ("token", "plain"),
    [
        ("1E+2", "100"),
        ("30.240000000000002", "30.240000000000002"),
        ("4507559.70", "4507559.70"),
        ("-0.00", "0.00"),
        ("-0", "0"),
        ("0", "0"),
        ('"-75.00"', "-75.00"),
        ("2600", "2600"),
        ("1e-7", "0.0000001"),
        ('"007"', "7"),
        ('"+5"', "5"),
        ("1" * 38, "1" * 38),
        ("0." + "1" * 30, "0." + "1" * 30),
        ("9e30", "9" + "0" * 30),
    ],
)
def test_numbers_format_in_plain_notation(token: str, plain: str) -> None:
    number = fields.number(decode(token), "n")

    assert number is not None
    assert format_decimal(number) == plain


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        " ",
        "1,234.5",
        "1.234,5",
        "$5",
        "5 USD",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e",
        "1.",
        ".5",
        "0x10",
        "1_000",
        " 5",
        "5\n",
        "٣",
        "1E999999999",
        "1E99999999999999999999",
        "1e31",
        "1e-31",
        "1" * 39,
        10**39,
        [],
        {},
        ["5"],
    ],
)
def test_other_values_are_no_number_and_logged(value: object) -> None:
    with capture_logs() as logs:
        assert fields.number({"amount": value}, "amount") is None

    assert [(log["log_level"], log["key"]) for log in logs] == [("warning", "amount")]
    assert "5" not in str(
        {key: text for key, text in logs[0].items() if key != "key"}
    )  # the value itself is not logged


@given(st.integers(-(10**18), 10**18), st.integers(0, 14))
@example(0, 2)
@example(-5, 1)
@example(1200, 2)
def test_padding_does_not_change_the_canonical_number(digits: int, places: int) -> None:
    amount = Decimal(digits).scaleb(-places)
    plain = format(amount, "f")
    sign, unsigned = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    padded = f"{plain}00" if "." in plain else f"{plain}.00"

    texts = {
        fields.canonical_number({"n": spelling}, "n") for spelling in (plain, padded, f"{sign}0{unsigned}", str(amount))
    }

    assert len(texts) == 1
    [text] = texts
    assert text is not None
    assert Decimal(text) == amount
    assert "." not in text or text[-1] != "0"


@pytest.mark.parametrize(("value", "text"), [(100, "100"), ("1E+3", "1000"), ("0.10", "0.1"), ("-0", "0"), ("x", None)])
def test_canonical_numbers_are_in_plain_notation(value: object, text: str | None) -> None:
    assert fields.canonical_number({"n": value}, "n") == text


@pytest.mark.parametrize("payload", [{}, {"amount": None}, {"amount": ""}])
def test_a_missing_number_is_none_and_not_logged(payload: Any) -> None:
    with capture_logs() as logs:
        assert fields.number(payload, "amount") is None
        assert fields.quantity(payload, "amount", "credits") is None
        assert fields.integer(payload, "amount") is None

    assert logs == []


@given(JSON)
def test_no_json_value_raises(value: Any) -> None:
    payload = {"k": value}

    for reader in (
        fields.number,
        fields.integer,
        fields.text,
        fields.instant,
        fields.day,
        fields.mapping,
        fields.objects,
    ):
        reader(payload, "k")


@pytest.mark.parametrize(
    ("value", "integer"),
    [(9, 9), ("9", 9), ("9.0", 9), ("2.026E3", 2026), ("9.5", None), (True, None), ("x", None), (None, None), (-1, -1)],
)
def test_an_integer_has_no_fraction(value: object, integer: int | None) -> None:
    assert fields.integer({"k": value}, "k") == integer


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ({"a": "x", "b": "y"}, "x"),
        ({"a": "", "b": "y"}, "y"),
        ({"a": "  ", "b": "y"}, "y"),
        ({"a": None, "b": "y"}, "y"),
        ({"b": "y"}, "y"),
        ({"a": 4183280}, "4183280"),
        ({"a": True, "b": "y"}, "y"),
        ({"a": []}, None),
        ({}, None),
        ({"a": " x "}, " x "),
    ],
)
def test_a_text_comes_from_the_first_key_that_has_one(payload: Any, text: str | None) -> None:
    assert fields.text(payload, "a", "b") == text


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-07-01T00:00:00Z", utc(2026, 7, 1)),
        ("2026-07-01T02:00:00+02:00", utc(2026, 7, 1)),
        ("2026-07-01", utc(2026, 7, 1)),
        ("2026-02-01T00:05:11.204Z", utc(2026, 2, 1, 0, 5, 11, 204000)),
        ("2026-07-01T00:00:00", utc(2026, 7, 1)),
        ("2026-07-01T00:00:00z", utc(2026, 7, 1)),
        ("2026-07-01t02:00:00+02:00", utc(2026, 7, 1)),
        ("2026-06-30T23:59:60Z", utc(2026, 7, 1)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01t00:00:00z", None),
        ("0001-01-01T00:00:00.000Z", None),
        ("0001-01-01", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("", None),
        (None, None),
        ("yesterday", None),
        ("2026-13-01", None),
        (True, None),
        ({}, None),
    ],
)
def test_instants_are_in_utc_and_zero_dates_none(value: object, moment: datetime | None) -> None:
    assert fields.instant({"k": value}, "k") == moment
    assert fields.day({"k": value}, "k") == (moment.date() if moment else None)


@pytest.mark.parametrize(
    ("value", "items"), [(None, None), ([], []), ([{"a": 1}, 5, None], [{"a": 1}]), ("x", None), ({}, None)]
)
def test_a_missing_list_is_none_and_not_empty(value: object, items: object) -> None:
    assert fields.objects({"k": value}, "k") == items
