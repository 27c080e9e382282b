"""Scalars of the schema: how each one is parsed and formatted."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any, NewType, TypeVar

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from execution.errors import ErrorCode

CurrencyCode = NewType("CurrencyCode", str)
Json = NewType("Json", object)
T = TypeVar("T")

MAX_DIGITS = 38  # of a decimal
MAX_EXPONENT = 30  # of a decimal, in either direction
# For the few sums and differences: wide enough that two accepted numbers never round.
EXACT = Context(prec=2 * (MAX_DIGITS + MAX_EXPONENT))
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# Text that format_decimal would write the same way: no negative zero, and within both bounds of a decimal.
CANONICAL_DECIMAL = r"(?:-?[1-9][0-9]{0,14}+|0)(?:\.[0-9]{1,14}+|)"
is_canonical_decimal = re.compile(CANONICAL_DECIMAL).fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(  # RFC 3339, section 5.6; date, hours and minutes, seconds, fraction, offset
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]):([0-5][0-9]|60)(\.[0-9]+)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def parse_decimal(text: str) -> Decimal | None:
    """Return the decimal that `text` spells, with all its digits. Returns None if `text` is no plain number.

    Accepts at most 38 digits and an exponent within ±30, so that a short text never expands into a long one.
    """
    if len(text) > MAX_DIGITS + MAX_EXPONENT:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if str(number) == text and len(text) <= MAX_EXPONENT and "E" not in text and number.is_finite():
        return number  # the usual notation, within both limits whatever its digits are
    if _NUMBER.fullmatch(text) is None:  # Decimal accepts more than plain numbers
        return None
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    if len(digits) > MAX_DIGITS or not isinstance(exponent, int) or abs(exponent) > MAX_EXPONENT:
        return None
    return number


def format_decimal(number: Decimal) -> str:
    """Format in plain notation with the original digits, without an exponent or a negative zero."""
    number = number or abs(number)
    text = str(number)
    return format(number, "f") if "E" in text else text


def parse_currency_code(text: str) -> CurrencyCode | None:
    """Return a provider's spelling as an uppercase ISO 4217 code. Returns None if it does not have that form."""
    code = text.strip().upper()
    return CurrencyCode(code) if _CURRENCY.fullmatch(code) else None


def format_rfc3339(moment: datetime) -> str:
    """Format as RFC 3339 in UTC, with fractions of a second only if there are any."""
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{moment.isoformat().removesuffix('+00:00')}Z"


def parse_rfc3339(text: str) -> datetime | None:
    """Return the instant in UTC that `text` spells in the format of RFC 3339. Returns None if it has another format.

    A leap second, the last of a month in UTC, is the second after it, because `datetime` has none. Digits after the
    sixth of a fraction are dropped.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day, minute, second, fraction, offset = match.groups(default="")
    is_leap_second = second == "60"
    try:
        time = f"{minute}:{'59' if is_leap_second else second}{fraction}{offset.upper()}"
        moment = datetime.fromisoformat(f"{day}T{time}").astimezone(UTC)
        return _after_leap_second(moment) if is_leap_second else moment
    except (ValueError, OverflowError):
        return None


def _after_leap_second(moment: datetime) -> datetime | None:
    """Return the moment one second later. Returns None if that second does not begin a month."""
    later = moment + timedelta(seconds=1)
    return later if (later.day, later.hour, later.minute) == (1, 0, 0) else None


def stringify_numbers(value: object) -> Any:
    """Return JSON with every number as a string of its digits. Nothing else changes."""
    if isinstance(value, dict):
        return {key: stringify_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [stringify_numbers(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _scalar_error(scalar: str, expected: str) -> GraphQLError:
    return GraphQLError(f"{scalar} must be {expected}.", extensions={"code": ErrorCode.BAD_USER_INPUT})


def _literal_parser(coerce: Callable[[object], T], *kinds: type[ValueNode]) -> Callable[..., T]:
    """Return a function that applies `coerce` to literals of these kinds. Its errors have the literal's location.

    Passes None for a literal of any other kind, such as an enum value, so that `coerce` rejects it.
    """

    def parse(node: ValueNode, _variables: Mapping[str, Any] | None = None) -> T:
        try:
            return coerce(getattr(node, "value", None) if isinstance(node, kinds) else None)
        except GraphQLError as error:
            raise GraphQLError(error.message, node, extensions=error.extensions) from None

    return parse


def _coerce_decimal(value: object) -> Decimal:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        number = parse_decimal(str(value))
        if number is not None:
            return number
    raise _scalar_error("Decimal", 'a string such as "12.50" or an integer. A JSON float is not exact')


def _coerce_date(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _scalar_error("Date", 'a calendar day such as "2026-09-30"')


def _coerce_datetime(value: object) -> datetime:
    moment = parse_rfc3339(value) if isinstance(value, str) else None
    if moment is None:
        raise _scalar_error("DateTime", 'an instant with a UTC offset, such as "2026-09-30T00:00:00Z"')
    return moment


def _coerce_currency(value: object) -> CurrencyCode:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return CurrencyCode(value)
    raise _scalar_error("CurrencyCode", 'three uppercase letters such as "USD"')


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description=(
            "An exact decimal number, as a string in plain notation with the digits that the provider sent. "
            "Never has an exponent, and is never NaN or Infinity. Input is a string, an integer, or a number "
            "literal in the document. A JSON float is rejected."
        ),
        serialize=format_decimal,
        parse_value=_coerce_decimal,
        parse_literal=_literal_parser(_coerce_decimal, StringValueNode, IntValueNode, FloatValueNode),
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A three-letter ISO 4217 currency code, such as `USD`.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse_value=_coerce_currency,
        parse_literal=_literal_parser(_coerce_currency, StringValueNode),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day in the format `YYYY-MM-DD`.",
        serialize=date.isoformat,
        parse_value=_coerce_date,
        parse_literal=_literal_parser(_coerce_date, StringValueNode),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC in the format of RFC 3339, such as `2026-09-01T00:00:00Z`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=format_rfc3339,
        parse_value=_coerce_datetime,
        parse_literal=_literal_parser(_coerce_datetime, StringValueNode),
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Every number in it is a string of the digits that the provider sent.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
