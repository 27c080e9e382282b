"""Hypothesis strategies for queries on the schema of animals."""

from graphql import specified_rules
from hypothesis import strategies as st

FIELDS: dict[str, dict[str, str | None]] = {
    "Query": {"dog": "Dog", "dogs": "Dog", "named": "Named"},
    "Named": {"name": None},
    "Thing": {},
    "Price": dict.fromkeys(("amount", "currency")),
    "Dog": {
        **dict.fromkeys(("name", "loud", "age", "weight", "colour", "grid", "words", "twice", "later")),
        **dict.fromkeys(("times", "follows", "slowly", "strength")),
        **dict.fromkeys(("mate", "partner", "pups", "litter"), "Dog"),
        "price": "Price",
        "friend": "Named",
        "friends": "Named",
        "pack": "Dog",
        "thing": "Thing",
    },
    "Cat": {**dict.fromkeys(("name", "coat")), "friend": "Named", "kittens": "Cat", "mother": "Cat"},
}
TYPE_CONDITIONS = {
    "Price": ["Price"],
    "Query": ["Query"],
    "Named": ["Named", "Dog", "Cat"],
    "Thing": ["Dog", "Cat", "Named"],
    "Dog": ["Dog", "Named"],
    "Cat": ["Cat", "Named"],
}
ARGUMENTS = {  # of methods; each choice has an alias of its own, because equal names must have equal arguments
    "times": ["", "(n: 3)", "(n: -1)", "(n: $n)", "(colours: [RED, BLUE])", "(n: $n, colours: $colours)"],
    "follows": ['(others: ["a"])', '(others: ["a"], n: 1)', '(others: ["a", "b"], n: $n)', "(others: [], n: null)"],
}
RULES = [rule for rule in specified_rules if "Unused" not in rule.__name__]
SWITCHES = ["", "", "", " @skip(if: $a)", " @include(if: $a)", " @skip(if: $b)", " @include(if: true)"]


@st.composite
def selections(draw: st.DrawFn, type_: str, depth: int = 4, *, spread: bool = True) -> str:
    fields = [draw(_selection(type_, depth, spread)) for _ in range(draw(st.integers(1, 4)))]
    return f"{{ {' '.join(fields)} }}"


@st.composite
def _selection(draw: st.DrawFn, type_: str, depth: int, spread: bool) -> str:
    switch = draw(st.sampled_from(SWITCHES))
    kind = draw(st.sampled_from(["field", "field", "field", "inline", "spread", "typename"]))
    if kind == "inline" and depth:
        condition = draw(st.sampled_from(TYPE_CONDITIONS[type_]))
        return f"... on {condition}{switch} {draw(selections(condition, depth - 1, spread=spread))}"
    if kind == "spread" and spread and type_ in {"Dog", "Named", "Thing"}:
        return f"...{draw(st.sampled_from(['OfDog', 'OfNamed']))}{switch}"
    fields = {name: field_type for name, field_type in FIELDS[type_].items() if depth or field_type is None}
    if kind == "typename" or not fields:
        return f"{draw(st.sampled_from(['', 'kind: ']))}__typename{switch}"
    name = draw(st.sampled_from(sorted(fields)))
    alias, arguments = draw(st.sampled_from(["", f"{name}_1: "])), ""
    if name in ARGUMENTS:
        number = draw(st.integers(0, len(ARGUMENTS[name]) - 1))
        alias, arguments = f"{name}{number}: ", ARGUMENTS[name][number]
    field_type = fields[name]
    below = f" {draw(selections(field_type, depth - 1, spread=spread))}" if field_type else ""
    return f"{alias}{name}{arguments}{switch}{below}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw a query with two fragments, which spread no other fragments."""
    fragments = [f"fragment Of{on} on {on} {draw(selections(on, 2, spread=False))}" for on in ("Dog", "Named")]
    variables = "$a: Boolean! = true, $b: Boolean! = false, $n: Int! = 1, $colours: [Colour!]"
    return f"query ({variables}) {draw(selections('Query'))} {' '.join(fragments)}"
