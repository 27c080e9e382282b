"""Random documents of a schema, with their variables."""

from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_union_type,
)

from .values import ValueGenerator, literal

MAX_DEPTH, MAX_FIELDS = 7, 25
DIRECTIVES = [" @skip(if: false)", " @include(if: true)", " @skip(if: true)"]
WRONG_DIRECTIVES = [" @defer", " @stream(initialCount: 0)", " @other", " @skip"]
WRONG_NAMES = ["nonsense", "id", "__schema { types { name } }", "invoices", "__typename { id }", "nodes"]


class DocumentGenerator:
    """Generates one document. Unless it `is_wrong`, it is valid except for its values."""

    def __init__(self, schema: GraphQLSchema, random: Random, values: ValueGenerator, *, is_wrong: bool) -> None:
        self._schema, self._random, self._values, self._is_wrong = schema, random, values, is_wrong
        self._variables: dict[str, tuple[str, GraphQLArgument]] = {}  # the argument of each, by name
        self._fragments: list[str] = []
        self._fields = 0

    def document(self) -> str:
        """Return a document with one operation."""
        kind = self._random.choices(["query", "subscription"], [50, 1])[0]
        root = self._schema.query_type if kind == "query" else self._schema.subscription_type
        selections = self._selections(root, 0)
        definitions = ", ".join(f"${name}: {argument.type}" for name, (_, argument) in self._variables.items())
        head = f"{kind} Fuzz({definitions})" if definitions else f"{kind} Fuzz"
        return " ".join([head, selections, *self._fragments])

    def variables(self, random: Random, values: ValueGenerator) -> dict[str, Any]:
        """Return other values of the document's variables at each call. One in twenty is missing."""
        return {
            variable: values.value(argument.type, name)
            for variable, (name, argument) in self._variables.items()
            if random.random() < 0.95
        }

    def _selections(self, type_: Any, depth: int) -> str:
        count = self._random.randint(1, 4)
        return f"{{ {' '.join(self._selection(type_, depth) for _ in range(count))} }}"

    def _selection(self, type_: Any, depth: int) -> str:
        random = self._random
        self._fields += 1
        if is_union_type(type_) or (random.random() < 0.12 and depth < MAX_DEPTH):
            return self._fragment(type_, depth)
        fields = {name: field for name, field in type_.fields.items() if depth < MAX_DEPTH or _is_leaf(field)}
        if self._fields > MAX_FIELDS:
            fields = {name: field for name, field in fields.items() if _is_leaf(field)}
        if not fields or random.random() < 0.05:
            return random.choice(WRONG_NAMES) if self._is_wrong else "__typename"
        name = random.choice(list(fields))
        named = get_named_type(fields[name].type)
        inner = f" {self._selections(named, depth + 1)}" if is_composite_type(named) else ""
        return f"{self._alias()}{name}{self._arguments(fields[name])}{self._directive()}{inner}"

    def _alias(self) -> str:
        """Return an alias. A unique one, so that fields never conflict, unless the document is wrong."""
        if self._is_wrong:
            return self._random.choice(["", "", "a: ", "id: "])
        return f"a{self._fields}: "

    def _directive(self) -> str:
        if self._random.random() > 0.08:
            return ""
        return self._random.choice(WRONG_DIRECTIVES if self._is_wrong else DIRECTIVES)

    def _fragment(self, type_: Any, depth: int) -> str:
        """Return a fragment, inline or spread, on the type or on a possible type of it."""
        random = self._random
        possible = self._schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        on = random.choice(list(possible))
        inner = "{ __typename }" if depth >= MAX_DEPTH else self._selections(on, depth + 1)
        if random.random() < 0.5:
            defer = random.choice([" @defer", ""])
            return f"... on {on.name}{defer} {inner}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {on.name} {inner}")
        return f"...{name}"

    def _arguments(self, field: GraphQLField) -> str:
        chosen = [
            self._argument(name, argument)
            for name, argument in field.args.items()
            if isinstance(argument.type, GraphQLNonNull) or self._random.random() < 0.35
        ]
        return f"({', '.join(chosen)})" if chosen else ""

    def _argument(self, name: str, argument: GraphQLArgument) -> str:
        if self._random.random() < 0.4:
            return f"{name}: {literal(argument.type, self._values.value(argument.type, name))}"
        variable = f"v{len(self._variables)}"
        self._variables[variable] = name, argument
        return f"{name}: ${variable}"


def _is_leaf(field: GraphQLField) -> bool:
    return not is_composite_type(get_named_type(field.type))
