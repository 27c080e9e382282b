"""Everything that can be asked of the graph of animals."""

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
NARROWER = {
    "Price": ["Price"],
    "Query": ["Query"],
    "Named": ["Named", "Dog", "Cat"],
    "Thing": ["Dog", "Cat", "Named"],
    "Dog": ["Dog", "Named"],
    "Cat": ["Cat", "Named"],
}
TURNS = ["", "(turns: 0)", "(turns: 1)", "(turns: 2)", "(turns: $n)"]
ARGUMENTS = {  # of the methods that take some; each is asked under a name of its own
    "times": ["", "(n: 3)", "(n: -1)", "(n: $n)", "(colours: [RED, BLUE])", "(n: $n, colours: $colours)"],
    "follows": ['(others: ["a"])', '(others: ["a"], n: 1)', '(others: ["a", "b"], n: $n)', "(others: [], n: null)"],
}
RULES = [rule for rule in specified_rules if "Unused" not in rule.__name__]
SWITCHES = ["", "", "", " @skip(if: $a)", " @include(if: $a)", " @skip(if: $b)", " @include(if: true)"]


@st.composite
def selections(draw: st.DrawFn, type_: str, depth: int = 4, *, spread: bool = True) -> str:
    chosen = [draw(_selection(type_, depth, spread)) for _ in range(draw(st.integers(1, 4)))]
    return f"{{ {' '.join(chosen)} }}"


@st.composite
def _selection(draw: st.DrawFn, type_: str, depth: int, spread: bool) -> str:
    switch = draw(st.sampled_from(SWITCHES))
    kind = draw(st.sampled_from(["field", "field", "field", "inline", "spread", "typename"]))
    if kind == "inline" and depth:
        narrower = draw(st.sampled_from(NARROWER[type_]))
        return f"... on {narrower}{switch} {draw(selections(narrower, depth - 1, spread=spread))}"
    if kind == "spread" and spread and type_ in {"Dog", "Named", "Thing"}:
        return f"...{draw(st.sampled_from(['OfDog', 'OfNamed']))}{switch}"
    fields = {name: below for name, below in FIELDS[type_].items() if depth or below is None}
    if kind == "typename" or not fields:
        return f"{draw(st.sampled_from(['', 'kind: ']))}__typename{switch}"
    name = draw(st.sampled_from(sorted(fields)))
    alias, given = draw(st.sampled_from(["", f"{name}_1: "])), ""
    if name in ARGUMENTS:
        number = draw(st.integers(0, len(ARGUMENTS[name]) - 1))
        alias, given = f"{name}{number}: ", ARGUMENTS[name][number]
    below = fields[name]
    return f"{alias}{name}{given}{switch}" + (f" {draw(selections(below, depth - 1, spread=spread))}" if below else "")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Operations with two fragments, which spread no others."""
    fragments = [f"fragment Of{on} on {on} {draw(selections(on, 2, spread=False))}" for on in ("Dog", "Named")]
    variables = "$a: Boolean! = true, $b: Boolean! = false, $n: Int! = 1, $colours: [Colour!]"
    return f"query ({variables}) {draw(selections('Query'))} {' '.join(fragments)}"
