"""Random values of input types, mostly valid ones."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_nullable_type,
)

INTEGERS = [0, 1, 2, 5, 20, 200, 201, -1, 2**31 - 1, 2**31, -(2**31), 10**30]
TEXTS = [
    "",
    " ",
    "a",
    "USD",
    "it's",
    '"',
    "\\",
    "\n",
    "\0",
    "é",
    "😀",
    "\ud7ff",
    "x" * 300,
    "../../etc/passwd",
    "{}",
    "%s",
]
DATES = [
    "2026-11-01",
    "2026-06-30",
    "2026-07-01",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "10000-01-01",
    "2026-11",
    "today",
    "-1",
]
INSTANTS = [
    "2026-11-01T00:00:00Z",
    "2026-11-01T00:00:00.5-11:00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "2026-01-01T00:00:00z",
    "2026-11-01T24:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "2026-11-01T00:00:00",
    "1e9",
]
DECIMALS = ["0", "1.50", "-0", "1000000", "-1.5", "1e400", "NaN", "Infinity", "1" * 60, "1,5", "0x1f"]
SCALARS: dict[str, Sequence[Any]] = {
    "Int": INTEGERS,
    "Boolean": [True, False],
    "String": TEXTS,
    "Date": DATES,
    "DateTime": INSTANTS,
    "Decimal": DECIMALS,
    "CurrencyCode": ["USD", "EUR", "JPY", "XXX", "CHF", "usd", "XXX", "US", ""],
}
ODD_VALUES: Sequence[Any] = [None, True, -1, 1.5, 1e300, "", "null", [], [[]], {}, {"a": []}, [None], "\u2028", 10**400]


class ValueGenerator:
    """Generates values. `ids` and `cursors` are real ones of the service, so that many requests find something."""

    def __init__(self, random: Random, ids: Sequence[str], cursors: Sequence[str], *, wrong_types: float) -> None:
        """`wrong_types`: the share of values that have a wrong type."""
        self._random, self._ids, self._cursors, self._wrong_types = random, ids, cursors, wrong_types

    def value(self, type_: GraphQLInputType, name: str = "") -> Any:
        """Return a value as in JSON."""
        random = self._random
        if random.random() < self._wrong_types:
            return random.choice(ODD_VALUES)
        if not isinstance(type_, GraphQLNonNull) and random.random() < 0.1:
            return None
        nullable: Any = get_nullable_type(type_)
        if isinstance(nullable, GraphQLList):
            length = random.choice([0, 1, 1, 2, 3, 30])
            return [self.value(nullable.of_type, name) for _ in range(length)]
        if isinstance(nullable, GraphQLEnumType):
            return random.choice([*nullable.values, *(["OTHER"] if self._wrong_types else [])])
        if isinstance(nullable, GraphQLInputObjectType):
            names = random.sample(list(nullable.fields), random.randint(0, min(3, len(nullable.fields))))
            return {name: self.value(nullable.fields[name].type, name) for name in names}
        return self._scalar(nullable.name, name)

    def _scalar(self, type_name: str, name: str) -> Any:
        random = self._random
        if name in {"after", "before"}:
            return random.choice(["", self._altered(random.choice(self._cursors))])
        if type_name == "ID":
            return self._altered(random.choice(self._ids))
        if type_name == "_Any":
            kind = random.choice(["Invoice", "Account", "LineItem", "Credit", "Project", "Provider", "Query", ""])
            return {"__typename": kind, "id": self._altered(random.choice(self._ids))}
        values = SCALARS.get(type_name, ODD_VALUES)
        return random.choice(values if self._wrong_types else values[:5])

    def _altered(self, text: str) -> str:
        """Return the text, or sometimes one with a part missing, doubled or replaced."""
        random = self._random
        if random.random() < 0.7 or not text:
            return text
        start, end = sorted(random.sample(range(len(text) + 1), 2))
        return text[:start] + random.choice(["", text[start:end] * 2, random.choice(TEXTS), "/"]) + text[end:]


def literal(type_: GraphQLInputType, value: Any) -> str:
    """Return the value as a literal of a document. Names of enum values are bare."""
    nullable: Any = get_nullable_type(type_)
    if isinstance(value, list):
        inner = nullable.of_type if isinstance(nullable, GraphQLList) else nullable
        return f"[{', '.join(literal(inner, each) for each in value)}]"
    if isinstance(value, dict):
        fields = getattr(nullable, "fields", {})
        pairs = (
            f"{name}: {literal(fields[name].type if name in fields else nullable, each)}"
            for name, each in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, str) and isinstance(nullable, GraphQLEnumType):
        return value or '""'
    return json.dumps(value)
