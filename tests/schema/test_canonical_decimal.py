"""Tests that text which is copied without parsing equals the decimal that parsing and formatting would give."""

from hypothesis import example, given
from hypothesis import strategies as st

from schema.scalars import format_decimal, is_canonical_decimal, parse_decimal


@given(st.from_regex(r"[+-]?[0-9]{0,17}(\.[0-9]{0,16})?([eE][0-9])?", fullmatch=True))
@example("12.50")
@example("-446.77")
@example("-0.00")
@example("007")
@example("1234567890123456.5")
def test_canonical_text_equals_its_formatted_decimal(text: str) -> None:
    number = parse_decimal(text)
    if is_canonical_decimal(text):
        assert number is not None
        assert format_decimal(number) == text


def test_usual_amounts_are_canonical() -> None:
    assert all(map(is_canonical_decimal, ["0", "0.00", "12.50", "-446.77", "900000.1"]))
    assert not any(
        map(is_canonical_decimal, ["-0", "-0.00", "-0.5", "007", "+1", "1e3", "1.", ".5", "", " 1", "1\n", "٣"])
    )
