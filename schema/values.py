"""The graph's scalars and small values: exact decimals, money, quantities, periods."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Any, NewType, TypeVar

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from execution.columns import VALUE, InlineShape, ScalarTraits
from execution.errors import ErrorCode

CurrencyCode = NewType("CurrencyCode", str)
Json = NewType("Json", object)
T = TypeVar("T")
RAW = "raw"  # the tag of what is given as the provider wrote it: a supergraph's contracts may leave it out

MAX_DIGITS = 38
MAX_EXPONENT = 30
# For the few sums and differences that are made: wide enough that two admitted numbers never round.
EXACT = Context(prec=2 * (MAX_DIGITS + MAX_EXPONENT))
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# Text that format_decimal would write the same way: no negative zero, and within both bounds of a decimal.
is_canonical_decimal = re.compile(r"(?:-?[1-9][0-9]{0,14}|0)(?:\.[0-9]{1,14})?").fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def decimal_of(text: str) -> Decimal | None:
    """The decimal that `text` spells, digit for digit; null for anything that is no plain number.

    Bounded to 38 digits and an exponent within ±30, so that no short text expands into a long one.
    """
    if len(text) > MAX_DIGITS + MAX_EXPONENT:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if str(number) == text and len(text) <= MAX_EXPONENT and "E" not in text and number.is_finite():
        return number  # as most numbers are written, and within both bounds whatever the digits are
    if _NUMBER.fullmatch(text) is None:  # Decimal reads more than plain numbers
        return None
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    if len(digits) > MAX_DIGITS or not isinstance(exponent, int) or abs(exponent) > MAX_EXPONENT:
        return None
    return number


def plain(number: Decimal) -> str:
    """Plain notation with the digits as they came: never an exponent, never a negative zero."""
    number = number or abs(number)
    text = str(number)
    return format(number, "f") if "E" in text else text


def currency_code(text: str) -> CurrencyCode | None:
    """An ISO 4217 code from a provider's spelling, upper-cased; null when it has not that form."""
    code = text.strip().upper()
    return CurrencyCode(code) if _CURRENCY.fullmatch(code) else None


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC, with fractions of a second only where there are any."""
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{moment.isoformat().removesuffix('+00:00')}Z"


def given(value: T | None) -> T | None:
    """An argument that may be left out; left out is null."""
    return None if value is strawberry.UNSET else value


def digits(value: object) -> Any:
    """JSON with every number as the text of its digits; nothing else changes."""
    if isinstance(value, dict):
        return {key: digits(item) for key, item in value.items()}
    if isinstance(value, list):
        return [digits(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _refuse(scalar: str, expected: str) -> GraphQLError:
    return GraphQLError(f"{scalar} takes {expected}.", extensions={"code": ErrorCode.BAD_USER_INPUT})


def _literal(coerce: Callable[[object], T], *kinds: type[ValueNode]) -> Callable[..., T]:
    """The same of a literal of one of these kinds, with its place where it is refused: no scalar is a bare name."""

    def coerced(node: ValueNode, _variables: Mapping[str, Any] | None = None) -> T:
        try:
            return coerce(getattr(node, "value", None) if isinstance(node, kinds) else None)
        except GraphQLError as error:
            raise GraphQLError(error.message, node, extensions=error.extensions) from None

    return coerced


def _decimal_input(value: object) -> Decimal:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        number = decimal_of(str(value))
        if number is not None:
            return number
    raise _refuse("Decimal", 'a string such as "12.50" or an integer; a JSON float would not be exact')


def _date_input(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _refuse("Date", 'a day such as "2026-09-30"')


def _instant_input(value: object) -> datetime:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _refuse("DateTime", 'an instant with its offset, such as "2026-09-30T00:00:00Z"')


def _currency_input(value: object) -> CurrencyCode:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return CurrencyCode(value)
    raise _refuse("CurrencyCode", 'three upper-case letters such as "USD"')


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description=(
            "An exact decimal number as a string in plain notation, with the digits that the provider sent: "
            "never an exponent, NaN or Infinity. As input: a string or an integer; a JSON float is refused."
        ),
        serialize=plain,
        parse_value=_decimal_input,
        parse_literal=_literal(_decimal_input, StringValueNode, IntValueNode, FloatValueNode),
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A currency by its three-letter ISO 4217 code, such as USD.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse_value=_currency_input,
        parse_literal=_literal(_currency_input, StringValueNode),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day as YYYY-MM-DD.",
        serialize=date.isoformat,
        parse_value=_date_input,
        parse_literal=_literal(_date_input, StringValueNode),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC as RFC 3339, such as 2026-09-01T00:00:00Z.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=instant,
        parse_value=_instant_input,
        parse_literal=_literal(_instant_input, StringValueNode),
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value. Every number in it is a string of the digits that the provider sent.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}


@strawberry.federation.type(shareable=True, description="An exact amount in one currency.")
class Money:
    """An exact amount; never added to one of another currency."""

    amount: Decimal = strawberry.field(
        description="The exact amount in major units: 12.50 is twelve dollars fifty when the currency is USD."
    )
    currency: CurrencyCode = strawberry.field(description="The currency of the amount.")


@strawberry.federation.type(shareable=True, description="An exact number of something that is not money.")
class Quantity:
    """An exact number and what it counts."""

    amount: Decimal = strawberry.field(description="The exact number.")
    unit: str | None = strawberry.field(
        description="What is counted, in the provider's own word, such as Requests. Null when it names none."
    )


@strawberry.federation.type(shareable=True, description="The stretch of time that an invoice bills, in UTC.")
class BillingPeriod:
    """A half-open interval."""

    start: datetime = strawberry.field(description="The first instant billed.")
    end: datetime = strawberry.field(
        description="The first instant no longer billed, so that one period ends where the next one starts."
    )


def money(amount: Decimal | None, currency: CurrencyCode | None) -> Money | None:
    """Money where both its amount and its currency are known; else null, for half of it says nothing."""
    if amount is None or currency is None:
        return None
    return Money(amount=amount, currency=currency)


TRAITS = ScalarTraits(
    verbatim=frozenset({"String", "ID", "CurrencyCode"}),
    total={"Decimal": Decimal, "DateTime": datetime},
    inline={Money: InlineShape({"amount": VALUE, "currency": "currency"}, is_canonical_decimal)},
)
