"""A graph of animals, and everything that can be given for it, for tests of executors."""

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


async def waited(turns: int) -> None:
    """So many turns of the loop later, or at once."""
    for _ in range(turns):
        await asyncio.sleep(0)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Price:
    amount: Decimal
    currency: str


def _price(tag: str) -> Price | None:
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
    tag: strawberry.Private[object]  # what its price is made of

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
        await waited(turns)
        return self.age

    @strawberry.field
    async def strength(self) -> Decimal | None:
        return self.weight

    @strawberry.field
    def mate(self) -> "Dog":
        return self.friend  # type: ignore[return-value]

    @strawberry.field
    async def partner(self, turns: int = 0) -> "Dog | None":
        await waited(turns)
        return self.friend  # type: ignore[return-value]

    @strawberry.field
    def pups(self) -> list["Dog"]:
        return self.pack  # type: ignore[return-value]

    @strawberry.field
    async def litter(self, turns: int = 0) -> list["Dog | None"] | None:
        await waited(turns)
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
    """Of no type that anything is said to be."""

    name: str = "stray"


@dataclass
class Later:
    """An awaitable that can be awaited again and again."""

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


def _or_odd(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual value, or now and then one that a careless resolver would give."""
    odd: st.SearchStrategy[Any] = st.sampled_from(
        [None, ValueError("bad"), Later("late"), Later(ValueError("late")), 7, "odd", Stray(), TOM, [TOM], {}]
    )
    return st.integers(0, 7).flatmap(lambda dice: usual if dice else odd)


def _of(name: str) -> Callable[[Any, None], Any]:
    return lambda row, _: row[name]


def _name(row: Any, key: str) -> Any:
    name = row[key]
    return "no name" if isinstance(name, str) and not name.strip() else name


def _of_friend(name: str) -> Callable[[Any, None], Any]:
    return lambda row, _: vars(row["friend"])[name]


_KNOWN = [field.name for field in fields(Dog)]
_FRIEND = ColumnSet(Dog, {name: _of_friend(name) for name in _KNOWN})
_STATED = InlineColumn(lambda row: row["tag"], _of("price"))
_UNUSUAL: dict[str, Callable[..., Any]] = {"friend": _FRIEND, "name": TextColumn("name", _name), "price": _STATED}
_LATE = ColumnSet(Dog, {name: _of(name) for name in _KNOWN} | _UNUSUAL)
TAGS = ["0", "0.00", "12.50", "-3.1", "-0.5", "-0.00", "007", "+1", "1e3", "1.", "9" * 16, "", "dear", 5, None]


def standing(dogs: list[Any]) -> RowList[Dog]:
    """The dogs as rows, and anything else as it is."""
    whole = SimpleNamespace(currency=_DOLLARS)
    return RowList(_LATE, lambda: ([vars(dog) if isinstance(dog, Dog) else dog for dog in dogs], whole))


def anew(value: Any) -> Any:
    """The same, of which nothing was asked: a list that stands has no objects yet, and nothing is written of it."""
    if isinstance(value, RowList):
        rows, whole = list(map(anew, value.rows)), SimpleNamespace(currency=_DOLLARS)
        return RowList(value.columns, lambda: (rows, whole))
    if isinstance(value, list):
        return list(map(anew, value))
    if isinstance(value, dict):
        return {key: anew(each) for key, each in value.items()}
    if isinstance(value, (Dog, Cat)):
        another = copy(value)
        vars(another).update(anew(vars(value)))
        return another
    return value


def tagged(tag: object, **known: Any) -> Dog:
    said = tag is None or isinstance(tag, (str, int))
    return Dog(tag=tag, price=_price(str(tag)) if said else tag, **known)  # type: ignore[arg-type]


def animals(depth: int) -> st.SearchStrategy[Any]:
    below = _or_odd(animals(depth - 1)) if depth else st.none()
    many = st.lists(below, max_size=3)
    colours = _or_odd(st.sampled_from([None, *Colour]))
    dogs = st.builds(
        tagged,
        tag=_or_odd(st.sampled_from(TAGS)),
        name=_or_odd(st.text(max_size=3)),
        loud=_or_odd(st.booleans()),
        age=_or_odd(st.integers(-5, 2**31 - 1)),
        weight=_or_odd(st.decimals(0, 99, places=2)),
        colour=colours,
        grid=_or_odd(st.lists(_or_odd(st.lists(_or_odd(st.integers(0, 3)), max_size=2)), max_size=2)),
        words=_or_odd(st.lists(_or_odd(st.text(max_size=2)), max_size=3)),
        friend=below,
        friends=_or_odd(many | many.map(standing)),
        pack=_or_odd(many | many.map(standing)),
        thing=below,
    )
    cats = st.builds(Cat, name=_or_odd(st.text(max_size=3)), coat=colours, friend=below, kittens=_or_odd(many))
    return st.one_of(dogs, dogs, cats)
