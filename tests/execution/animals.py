"""A toy schema of animals, and hypothesis strategies for its data, for tests of executors."""

import asyncio
import re
from collections.abc import Generator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import strawberry
from graphql import GraphQLSchema

from execution.columns import VALUE, InlineShape, ScalarTraits
from execution.lazy import LazyObject, lazy_fields

_CANONICAL = r"(?:-?[1-9][0-9]{0,14}|0)(?:\.[0-9]{1,14})?"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][0-9]+)?"


DOLLARS = "USD"


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
    return Price(amount=Decimal(tag), currency=DOLLARS) if re.fullmatch(_NUMBER, tag, re.ASCII) else None


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
    inline={Price: InlineShape({"amount": VALUE, "currency": "currency"}, _CANONICAL)},
)
