"""Animals, and strategies that generate any data for them, also odd data."""

from collections.abc import Callable
from copy import copy
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from execution.columns import ColumnSet, InlineColumn, TextColumn
from execution.rows import RowList

from .animals import DOLLARS, Cat, Colour, Dog, ReusableAwaitable, Stray, parse_price

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
DOG_COLUMNS = ColumnSet(Dog, {name: _column(name) for name in _FIELD_NAMES} | _SPECIAL_COLUMNS)
TAGS = ["0", "0.00", "12.50", "-3.1", "-0.5", "-0.00", "007", "+1", "1e3", "1.", "9" * 16, "", "dear", 5, None]


def as_row_list(dogs: list[Any]) -> RowList[Dog]:
    """Return a row list whose rows are the attributes of the dogs. Other values are rows as they are."""
    context = SimpleNamespace(currency=DOLLARS)
    return RowList(DOG_COLUMNS, lambda: ([vars(dog) if isinstance(dog, Dog) else dog for dog in dogs], context))


def fresh_copy(value: Any) -> Any:
    """Return a deep copy without caches: its row lists have neither created objects nor serialized JSON."""
    if isinstance(value, RowList):
        rows, context = list(map(fresh_copy, value.rows)), SimpleNamespace(currency=DOLLARS)
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
