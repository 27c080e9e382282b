"""Python code that completes what one selection asks of plain data: attributes that are read, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLObjectType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import Executor

from execution.columns import ColumnSet, ScalarTraits
from execution.lazy import LazyObject
from execution.rows import ListSerializer, RowList

from . import row_codegen
from .fields import Complete, NotCompilable, attribute_of, class_of, leaf_serializer

CONDITIONAL_DIRECTIVES = {"skip", "include"}  # what they decide is decided when fields are collected


@dataclass(frozen=True, slots=True)
class CompiledSelection:
    """What the code gives for an object, and for a list of them; `rest` names the fields that it leaves null."""

    complete: Complete
    list_serializer: ListSerializer
    list_serializers: tuple[ListSerializer, ...]  # of every list in it that may stand
    fallback_fields: GroupedFieldSet

    def for_execution(self, grouped: GroupedFieldSet) -> "CompiledSelection":
        """For another execution, which has collected the same fields."""
        return CompiledSelection(
            self.complete,
            self.list_serializer,
            self.list_serializers,
            {name: grouped[name] for name in self.fallback_fields},
        )


def compile_selection(
    executor: Executor[Any], traits: ScalarTraits, object_type: GraphQLObjectType, grouped: GroupedFieldSet
) -> CompiledSelection | None:
    """Null where no field that is selected is plain."""
    writer = CodeGenerator(executor, traits)
    function, rest = writer.object(object_type, grouped, partly=True)
    if len(rest) == len(grouped):
        return None
    origin = writer.constant(class_of(object_type))
    every = writer.function(
        f"def {{name}}(v):\n for x in v:\n  if x.__class__ is not {origin}: raise TypeError\n"
        f" return [{function}(x) for x in v]"
    )
    way = writer.list_serializer(every, writer.table({object_type: function}))
    made = writer.compile()
    ways = tuple(each for each in made.values() if isinstance(each, ListSerializer))
    return CompiledSelection(made[function], made[way], ways, {name: grouped[name] for name in rest})


@dataclass(slots=True)
class FieldStatements:
    """Statements: of an object `o`; and of a row `a` and its whole `b`, with what these need of the makers `M`."""

    object: list[str]
    row: list[str]
    made: list[str]


class CodeGenerator:
    """Writes functions that call each other; names in them stand for `constants`."""

    def __init__(self, executor: Executor[Any], traits: ScalarTraits) -> None:
        self._executor, self._traits = executor, traits
        self._functions: list[str] = []
        self._constants: dict[str, Any] = {
            "nested_column": nested_column,
            "ListSerializer": ListSerializer,
            **row_codegen.GENERATED_GLOBALS,
        }

    def compile(self) -> dict[str, Any]:
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

    def list_serializer(self, every: str, table: str) -> str:
        """To complete a list that stands, by what completes objects, and a table of what completes rows."""
        rows = self.function(
            "def {name}():\n def of(r):\n  def make(M):\n   g = r(M)\n"
            "   return lambda rows, b: [g(a, b) for a in rows]\n  return make\n"
            f" return {{kind: of(r) for kind, r in {table}().items()}}"
        )
        return self.function(f"{{name}} = ListSerializer({every}, {rows})")

    def table(self, functions: dict[GraphQLObjectType, str]) -> str:
        """What completes rows, by the class of the objects that they stand for."""
        entries = ", ".join(f"{self.constant(class_of(type_))}: r{name}" for type_, name in functions.items())
        return self.function(f"def {{name}}(): return {{{entries}}}")

    def object(
        self, object_type: GraphQLObjectType, grouped: GroupedFieldSet, *, partly: bool
    ) -> tuple[str, list[str]]:
        """The function for an object of that type, and the fields left to graphql-core: only if `partly`.

        Else it takes objects of the type's own class and no other. Beside it stands one that makes the function for
        rows of given makers.
        """
        members, rest, fields = list[str](), list[str](), FieldStatements([], [], [])
        if not partly:
            fields.object.append(f"if o.__class__ is not {self.constant(class_of(object_type))}: raise TypeError")
        for name, details in grouped.items():
            variable = f"v{len(members)}"
            try:
                self._field(fields, object_type, details, variable)
            except NotCompilable:
                if not partly:
                    raise
                rest.append(name)
                variable = "None"
            members.append(f"{name!r}: {variable}")
        result = f"return {{{', '.join(members)}}}"
        body, row = ("\n".join(f" {line}" for line in (*lines, result)) for lines in (fields.object, fields.row))
        made, row = ("".join(f"\n {line}" for line in fields.made), row.replace("\n", "\n "))
        function = self.function(f"def {{name}}(o):\n{body}\ndef r{{name}}(M):{made}\n def g(a, b):\n {row}\n return g")
        return function, rest

    def _field(
        self, fields: FieldStatements, parent: GraphQLObjectType, details: FieldDetailsList, variable: str
    ) -> None:
        """Adds what puts the completed field into `variable`."""
        node = details[0].node
        if any(
            directive.name.value not in CONDITIONAL_DIRECTIVES
            for each in details
            for directive in each.node.directives or ()
        ):
            raise NotCompilable
        if any(each.defer_usage is not None for each in details):
            raise NotCompilable
        if node.name.value == "__typename":
            fields.object.append(f"{variable} = {parent.name!r}")
            fields.row.append(f"{variable} = {parent.name!r}")
            return
        field = self._executor.schema.get_field(parent, node.name.value)
        if field is None:
            raise NotCompilable
        name = attribute_of(field)
        completed, table = self._completed(field.type, details, variable)
        fields.object += [f"{variable} = o.{name}", completed]
        if table is None:
            fields.made.append(f"m{variable} = M[{name!r}]")
            fields.row += row_codegen.column_statements(
                self._executor, self._traits, self.constant, field.type, details, variable, completed, fields.made
            )
        else:
            fields.row.append(f"{variable} = m{variable}(a, b)")
            whole = self.function(f"def {{name}}({variable}):\n {completed}\n return {variable}")
            fields.made.append(f"m{variable} = nested_column(M[{name!r}], {table}, {whole})")

    def _completed(self, type_: Any, details: FieldDetailsList, variable: str) -> tuple[str, str | None]:
        """A statement that completes a value of the type; a null that may not be one raises in what completes it.

        With a table of what completes rows in its place, where that may be.
        """
        required = is_non_null_type(type_)
        type_ = type_.of_type if required else type_
        complete, as_it_is, table = self._function_for(type_, details)
        guards = ([] if required else [f"{variable} is not None"]) + ([f"{variable}.__class__ is not str"] * as_it_is)
        completed = f"{complete}({variable})"
        if is_leaf_type(type_) and type_.name in self._traits.total:
            kind, said = self.constant(self._traits.total[type_.name]), self.constant(type_.coerce_output_value)
            completed = f"{said}({variable}) if {variable}.__class__ is {kind} else {completed}"
        return (f"if {' and '.join(guards)}: " if guards else "") + f"{variable} = {completed}", table

    def _function_for(self, type_: Any, details: FieldDetailsList) -> tuple[str, bool, str | None]:
        """The function for values of a type that are not null, whether a text is completed already, and the table."""
        if is_leaf_type(type_):
            return self.constant(leaf_serializer(type_)), type_.name in self._traits.verbatim, None
        if is_list_type(type_):
            return self._list(type_.of_type, details), False, None
        functions = self._objects(type_, details)
        if is_object_type(type_):
            (function,) = functions.values()
        else:
            function = self._abstract(functions)
        late = any(issubclass(class_of(each), LazyObject) for each in functions)
        return function, False, self.table(functions) if late else None

    def _objects(self, type_: Any, details: FieldDetailsList) -> dict[GraphQLObjectType, str]:
        """The functions for objects of a type, which may be an abstract one, by their own types."""
        types = [type_] if is_object_type(type_) else self._executor.schema.get_possible_types(type_)
        return {each: self._complete_object(each, details) for each in types}

    def _complete_object(self, object_type: GraphQLObjectType, details: FieldDetailsList) -> str:
        grouped, deferred, _ = self._executor.collect_subfields(object_type, details)
        if deferred:
            raise NotCompilable
        return self.object(object_type, grouped, partly=False)[0]

    def _list(self, item: Any, details: FieldDetailsList) -> str:
        completed, table = self._completed(item, details, "v")
        every = self.function(f"def {{name}}(o):\n r = []\n for v in o:\n  {completed}\n  r.append(v)\n return r")
        way = self.list_serializer(every, table or self.table({}))
        return self.function(
            f"def {{name}}(o):\n if o.__class__ is {self.constant(RowList)}: return o.to_json({way})\n"
            f" if o.__class__ is not list: raise TypeError\n return {every}(o)"
        )

    def _abstract(self, functions: dict[GraphQLObjectType, str]) -> str:
        """By the value's own class; graphql-core knows what to do with any other."""
        table = ", ".join(f"{self.constant(class_of(type_))}: {function}" for type_, function in functions.items())
        chosen = self.function(f"def {{name}}():\n return {{{table}}}")
        return self.function(f"def {{name}}(o, t=[]):\n if not t: t.append({chosen}())\n return t[0][o.__class__](o)")


def nested_column(
    maker: Callable[[Any, Any], Any], table: Callable[[], Mapping[type, Any]], complete: Complete
) -> Callable[[Any, Any], Any]:
    """What an attribute of a row is completed to: without an object, where makers of a known class make it."""
    rows = table().get(maker.type) if isinstance(maker, ColumnSet) else None
    if isinstance(maker, ColumnSet) and rows is not None:
        return rows(maker.columns)  # type: ignore[no-any-return]
    return lambda row, whole: complete(maker(row, whole))
