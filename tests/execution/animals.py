"""A toy schema of animals, and hypothesis strategies for its data, for tests of executors."""

import asyncio
import re
from collections.abc import Callable, Generator
from copy import copy
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any

import strawberry
from graphql import GraphQLSchema
from hypothesis import strategies as st

from execution.columns import VALUE, ColumnSet, InlineColumn, InlineShape, ScalarTraits, TextColumn
from execution.lazy import LazyObject, lazy_fields
from execution.rows import RowList

_CANONICAL = r"(?:-?[1-9][0-9]{0,14}|0)(?:\.[0-9]{1,14})?"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][0-9]+)?"


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


async def wait_turns(turns: int) -> None:
    """Return after this many turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Price:
    amount: Decimal
    currency: str


def parse_price(tag: str) -> Price | None:
    """The price on a tag, or None if it is no plain number."""
    return Price(amount=Decimal(tag), currency=_DOLLARS) if re.fullmatch(_NUMBER, tag, re.ASCII) else None


@lazy_fields
@strawberry.type
class Dog(LazyObject, Named):
    loud: bool | None
    age: int
    weight: Decimal | None
    price: Price | None
    colour: Colour | None
    grid: list[list[int | None]] | None
    words: list[str]
    friend: Named | None
    friends: list[Named]
    pack: list["Dog | None"] | None
    thing: Annotated["Dog | Cat", strawberry.union("Thing")] | None
    tag: strawberry.Private[object]  # the text that its price is parsed from

    @strawberry.field
    def twice(self) -> int:
        return self.age * 2

    @strawberry.field
    async def later(self) -> str:
        return f"{self.name} later"

    @strawberry.field
    def times(self, info: strawberry.Info[Any, None], n: int = 2, colours: list[Colour] | None = None) -> int | None:
        if n < 0:
            raise ValueError(f"{info.field_name} of {n}")
        return self.age * n + len(colours or ())

    @strawberry.field
    async def follows(self, others: list[str], n: int | None = strawberry.UNSET) -> str:
        return f"{self.name} {others[n or 0]}"

    @strawberry.field
    async def slowly(self, turns: int = 1) -> int:
        await wait_turns(turns)
        return self.age

    @strawberry.field
    async def strength(self) -> Decimal | None:
        return self.weight

    @strawberry.field
    def mate(self) -> "Dog":
        return self.friend  # type: ignore[return-value]

    @strawberry.field
    async def partner(self, turns: int = 0) -> "Dog | None":
        await wait_turns(turns)
        return self.friend  # type: ignore[return-value]

    @strawberry.field
    def pups(self) -> list["Dog"]:
        return self.pack  # type: ignore[return-value]

    @strawberry.field
    async def litter(self, turns: int = 0) -> list["Dog | None"] | None:
        await wait_turns(turns)
        return self.pack


@strawberry.type
class Cat(Named):
    coat: Colour
    friend: Named | None
    kittens: list["Cat"]

    @strawberry.field
    async def mother(self) -> "Cat | None":
        return self.kittens[0] if self.kittens else None


@strawberry.type
class Stray:
    """An object of a type that no field may return."""

    name: str = "stray"


@dataclass
class ReusableAwaitable:
    """An awaitable that can be awaited several times."""

    value: object

    def __await__(self) -> Generator[Any, None, Any]:
        if isinstance(self.value, Exception):
            raise self.value
        yield from ()
        return self.value


@strawberry.type
class Query:
    @strawberry.field
    async def dog(self) -> Dog:
        return self.root  # type: ignore[attr-defined,no-any-return]

    @strawberry.field
    def dogs(self) -> list[Dog] | None:
        return [self.root, self.root]  # type: ignore[attr-defined]

    @strawberry.field
    async def named(self) -> list[Named | None]:
        return [self.root, None]  # type: ignore[attr-defined]


SCHEMA: GraphQLSchema = strawberry.federation.Schema(Query, types=[Cat])._schema
TRAITS = ScalarTraits(
    total={"Decimal": Decimal},
    inline={Price: InlineShape({"amount": VALUE, "currency": "currency"}, re.compile(_CANONICAL).fullmatch)},
)
_DOLLARS = "USD"
TOM = Cat(name="Tom", coat=Colour.RED, friend=None, kittens=[])


def _sometimes_odd(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw the usual value, or sometimes one that only a faulty resolver returns."""
    odd: st.SearchStrategy[Any] = st.sampled_from(
        [
            None,
            ValueError("bad"),
            ReusableAwaitable("late"),
            ReusableAwaitable(ValueError("late")),
            7,
            "odd",
            Stray(),
            TOM,
            [TOM],
            {},
        ]
    )
    return st.integers(0, 7).flatmap(lambda number: usual if number else odd)


def _column(name: str) -> Callable[[Any, None], Any]:
    return lambda row, _: row[name]


def _read_name(row: Any, key: str) -> Any:
    name = row[key]
    return "no name" if isinstance(name, str) and not name.strip() else name


def _friend_column(name: str) -> Callable[[Any, None], Any]:
    return lambda row, _: vars(row["friend"])[name]


_FIELD_NAMES = [field.name for field in fields(Dog)]
_FRIEND_COLUMNS = ColumnSet(Dog, {name: _friend_column(name) for name in _FIELD_NAMES})
_PRICE_COLUMN = InlineColumn(lambda row: row["tag"], _column("price"))
_SPECIAL_COLUMNS: dict[str, Callable[..., Any]] = {
    "friend": _FRIEND_COLUMNS,
    "name": TextColumn("name", _read_name),
    "price": _PRICE_COLUMN,
}
_COLUMNS = ColumnSet(Dog, {name: _column(name) for name in _FIELD_NAMES} | _SPECIAL_COLUMNS)
TAGS = ["0", "0.00", "12.50", "-3.1", "-0.5", "-0.00", "007", "+1", "1e3", "1.", "9" * 16, "", "dear", 5, None]


def as_row_list(dogs: list[Any]) -> RowList[Dog]:
    """Return a row list whose rows are the attributes of the dogs. Other values are rows as they are."""
    context = SimpleNamespace(currency=_DOLLARS)
    return RowList(_COLUMNS, lambda: ([vars(dog) if isinstance(dog, Dog) else dog for dog in dogs], context))


def fresh_copy(value: Any) -> Any:
    """Return a deep copy without caches: its row lists have neither created objects nor serialized JSON."""
    if isinstance(value, RowList):
        rows, context = list(map(fresh_copy, value.rows)), SimpleNamespace(currency=_DOLLARS)
        return RowList(value.columns, lambda: (rows, context))
    if isinstance(value, list):
        return list(map(fresh_copy, value))
    if isinstance(value, dict):
        return {key: fresh_copy(item) for key, item in value.items()}
    if isinstance(value, (Dog, Cat)):
        animal = copy(value)
        vars(animal).update(fresh_copy(vars(value)))
        return animal
    return value


def dog_with_tag(tag: object, **attributes: Any) -> Dog:
    """Return a dog whose price is parsed from its tag. An odd tag is the price itself."""
    is_usual = tag is None or isinstance(tag, (str, int))
    return Dog(tag=tag, price=parse_price(str(tag)) if is_usual else tag, **attributes)  # type: ignore[arg-type]


def plain_dog(**attributes: Any) -> Dog:
    """Return a dog with these attributes. The others are usual values."""
    usual = dict.fromkeys(("loud", "weight", "colour", "grid", "friend", "pack", "thing"))
    return dog_with_tag(None, **{**usual, "name": "Rex", "age": 1, "words": [], "friends": [], **attributes})


def animals(depth: int) -> st.SearchStrategy[Any]:
    relative = _sometimes_odd(animals(depth - 1)) if depth else st.none()
    relatives = st.lists(relative, max_size=3)
    colours = _sometimes_odd(st.sampled_from([None, *Colour]))
    dogs = st.builds(
        dog_with_tag,
        tag=_sometimes_odd(st.sampled_from(TAGS)),
        name=_sometimes_odd(st.text(max_size=3)),
        loud=_sometimes_odd(st.booleans()),
        age=_sometimes_odd(st.integers(-5, 2**31 - 1)),
        weight=_sometimes_odd(st.decimals(0, 99, places=2)),
        colour=colours,
        grid=_sometimes_odd(
            st.lists(_sometimes_odd(st.lists(_sometimes_odd(st.integers(0, 3)), max_size=2)), max_size=2)
        ),
        words=_sometimes_odd(st.lists(_sometimes_odd(st.text(max_size=2)), max_size=3)),
        friend=relative,
        friends=_sometimes_odd(relatives | relatives.map(as_row_list)),
        pack=_sometimes_odd(relatives | relatives.map(as_row_list)),
        thing=relative,
    )
    cats = st.builds(
        Cat, name=_sometimes_odd(st.text(max_size=3)), coat=colours, friend=relative, kittens=_sometimes_odd(relatives)
    )
    return st.one_of(dogs, dogs, cats)
