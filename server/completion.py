"""Python code that completes what one selection asks of plain data: attributes that are read, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from inspect import isawaitable
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import Executor
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from schema.standing import Standing

Complete = Callable[[Any], Any]
_SWITCHES = {"skip", "include"}  # what they decide is decided when fields are collected
_BY_ITSELF = {"String", "ID", "CurrencyCode"}  # scalars that say of a text that very text

_ALWAYS_SAID = {"Decimal": Decimal, "DateTime": datetime}  # scalars that say something of each value of that class


class NotPlainError(Exception):
    """A value, or a field, that graphql-core has to complete."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What the code gives for an object, and for a list of them; `rest` names the fields that it leaves null."""

    complete: Complete
    complete_all: Complete
    rest: GroupedFieldSet

    def of(self, grouped: GroupedFieldSet) -> "Completion":
        """For another execution, which has collected the same fields."""
        return Completion(self.complete, self.complete_all, {name: grouped[name] for name in self.rest})


def completion(executor: Executor[Any], object_type: GraphQLObjectType, grouped: GroupedFieldSet) -> Completion | None:
    """Null where no field that is selected is plain."""
    writer = _Writer(executor)
    function, rest = writer.object(object_type, grouped, partly=True)
    if len(rest) == len(grouped):
        return None
    origin = writer.constant(_origin(object_type))
    every = writer.function(
        f"def {{name}}(v):\n for x in v:\n  if x.__class__ is not {origin}: raise TypeError\n"
        f" return [{function}(x) for x in v]"
    )
    made = writer.made()
    return Completion(made[function], made[every], {name: grouped[name] for name in rest})


class _Writer:
    """Writes functions that call each other; names in them stand for `constants`."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._functions: list[str] = []
        self._constants: dict[str, Any] = {}

    def made(self) -> dict[str, Complete]:
        """Every function written, by its name."""
        exec("\n".join(self._functions), self._constants)  # noqa: S102 (names are GraphQL's or the schema's own)
        return self._constants

    def function(self, source: str) -> str:
        """Adds one; returns the name that it has got."""
        name = f"f{len(self._functions)}"
        self._functions.append(source.replace("{name}", name))
        return name

    def constant(self, value: object) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = value
        return name

    def object(
        self, object_type: GraphQLObjectType, grouped: GroupedFieldSet, *, partly: bool
    ) -> tuple[str, list[str]]:
        """The function for an object of that type, and the fields left to graphql-core: only if `partly`.

        Else it takes objects of the type's own class and no other.
        """
        lines, members, rest = list[str](), list[str](), list[str]()
        if not partly:
            lines.append(f"if o.__class__ is not {self.constant(_origin(object_type))}: raise TypeError")
        for name, details in grouped.items():
            variable = f"v{len(members)}"
            try:
                lines += self._field(object_type, details, variable)
            except NotPlainError:
                if not partly:
                    raise
                rest.append(name)
                variable = "None"
            members.append(f"{name!r}: {variable}")
        body = "".join(f" {line}\n" for line in lines)
        return self.function(f"def {{name}}(o):\n{body} return {{{', '.join(members)}}}"), rest

    def _field(self, parent: GraphQLObjectType, details: FieldDetailsList, variable: str) -> Iterator[str]:
        """Statements that put the completed field into `variable`."""
        node = details[0].node
        if any(directive.name.value not in _SWITCHES for each in details for directive in each.node.directives or ()):
            raise NotPlainError
        if any(each.defer_usage is not None for each in details):
            raise NotPlainError
        if node.name.value == "__typename":
            return iter([f"{variable} = {parent.name!r}"])
        field = self._executor.schema.get_field(parent, node.name.value)
        if field is None:
            raise NotPlainError
        return self._completed(field.type, details, variable, f"o.{_attribute(field)}")

    def _completed(self, type_: Any, details: FieldDetailsList, variable: str, value: str) -> Iterator[str]:
        """Statements for a value of the type; a null that may not be one raises in what completes it."""
        required = is_non_null_type(type_)
        type_ = type_.of_type if required else type_
        complete, as_it_is = self._function_for(type_, details)
        guards = ([] if required else [f"{variable} is not None"]) + ([f"{variable}.__class__ is not str"] * as_it_is)
        completed = f"{complete}({variable})"
        if is_leaf_type(type_) and type_.name in _ALWAYS_SAID:
            kind, said = self.constant(_ALWAYS_SAID[type_.name]), self.constant(type_.coerce_output_value)
            completed = f"{said}({variable}) if {variable}.__class__ is {kind} else {completed}"
        yield f"{variable} = {value}"
        yield (f"if {' and '.join(guards)}: " if guards else "") + f"{variable} = {completed}"

    def _function_for(self, type_: Any, details: FieldDetailsList) -> tuple[str, bool]:
        """The function for values of a type that are not null, and whether a text is completed already."""
        if is_leaf_type(type_):
            return self.constant(_leaf(type_)), type_.name in _BY_ITSELF
        if is_list_type(type_):
            return self._list(type_.of_type, details), False
        if is_object_type(type_):
            return self._whole(type_, details), False
        return self._abstract(type_, details), False

    def _whole(self, object_type: GraphQLObjectType, details: FieldDetailsList) -> str:
        grouped, deferred, _ = self._executor.collect_subfields(object_type, details)
        if deferred:
            raise NotPlainError
        return self.object(object_type, grouped, partly=False)[0]

    def _list(self, item: Any, details: FieldDetailsList) -> str:
        body = "".join(f"  {line}\n" for line in self._completed(item, details, "v", "x"))
        every = self.function(f"def {{name}}(o):\n r = []\n for x in o:\n{body}  r.append(v)\n return r")
        return self.function(
            f"def {{name}}(o):\n if o.__class__ is {self.constant(Standing)}: return o.written({every})\n"
            f" if o.__class__ is not list: raise TypeError\n return {every}(o)"
        )

    def _abstract(self, abstract: GraphQLAbstractType, details: FieldDetailsList) -> str:
        """By the value's own class; graphql-core knows what to do with any other."""
        possible = self._executor.schema.get_possible_types(abstract)
        functions = {_origin(type_): self._whole(type_, details) for type_ in possible}
        table = ", ".join(f"{self.constant(origin)}: {function}" for origin, function in functions.items())
        chosen = self.function(f"def {{name}}():\n return {{{table}}}")
        return self.function(f"def {{name}}(o, t=[]):\n if not t: t.append({chosen}())\n return t[0][o.__class__](o)")


def _attribute(field: GraphQLField) -> str:
    """The attribute that a field reads, where reading it is all that the field does."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or not getattr(field.resolve, "_is_default", False):
        raise NotPlainError
    return definition.python_name


def _origin(object_type: GraphQLObjectType) -> type:
    """The class of the objects that a type describes."""
    definition: Any = object_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if definition is None or definition.is_type_of:
        raise NotPlainError
    origin: type = definition.origin
    return origin


def _leaf(leaf_type: GraphQLLeafType) -> Complete:
    """What the type says of a value; raises where it says nothing, or where the value is none of its own."""
    if isinstance(leaf_type, GraphQLEnumType):
        members = getattr(leaf_type, "wrapped_cls", None)
        if members is None:
            raise NotPlainError
        return {member: leaf_type.coerce_output_value(member) for member in members}.__getitem__
    coerce, admitted = leaf_type.coerce_output_value, set[type]()

    def complete(value: object) -> object:
        if value.__class__ not in admitted:
            if isinstance(value, Exception) or isawaitable(value):
                raise TypeError
            admitted.add(value.__class__)
        said = coerce(value)
        if said is None:
            raise TypeError
        return said

    return complete
