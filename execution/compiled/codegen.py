"""Code generation: the Python functions that complete a selection on plain data.

A selection becomes one module of source text, with a function for each object type and each list in it.
`complete_Invoice_3(obj)` reads `obj.total` into `value_total_0`, completes it, and returns the response object, a dict.
`row_completer_Invoice_3(columns)` looks up `column_total_0` once, and returns a function that completes a provider row
to the same dict without creating the object. If the code cannot complete a value, it raises an exception and
graphql-core completes the whole object. Each module has a file name of its own, and linecache holds its source while
the code is alive, so that a traceback shows the generated line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, get_nullable_type, is_leaf_type, is_list_type, is_non_null_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import Executor

from execution.body_serializer import ObjectShapes
from execution.columns import ColumnSet, ScalarTraits
from execution.lazy import LazyObject
from execution.rows import ListSerializer, RowList

from . import row_codegen
from .fields import Complete, NotCompilable, attribute_of, class_of, leaf_serializer
from .list_shapes import object_shapes
from .source import GeneratedModule, indented

CONDITIONAL_DIRECTIVES = {"skip", "include"}  # applied when fields are collected, before code is generated


@dataclass(slots=True)
class FieldStatements:
    """Generated statements: for an object `obj`, for a `row` and its `context`, and once for the row's `columns`."""

    object: list[str]
    row: list[str]
    columns: list[str]


class CodeGenerator:
    """Generates functions for the types that a selection meets."""

    def __init__(self, executor: Executor[Any], traits: ScalarTraits, title: str) -> None:
        self._executor, self._traits = executor, traits
        self.module = GeneratedModule(
            title,
            {"nested_column": nested_column, "ListSerializer": ListSerializer, **row_codegen.GENERATED_GLOBALS},
        )

    def add_class(self, object_type: GraphQLObjectType) -> str:
        return self.module.add_constant(f"{object_type.name}_class", class_of(object_type))

    def add_list_serializer(self, complete_list: str, row_completers: str, shapes: ObjectShapes) -> str:
        """Add a ListSerializer, from the names of its function for objects and of its table for rows."""
        shapes_name = self.module.add_constant("shapes", shapes)
        row_serializers = self.module.add_function(
            "row_serializers",
            "def {name}():",
            "    def with_completer(row_completer):",
            "        def make_serializer(columns):",
            "            complete_row = row_completer(columns)",
            "            return lambda rows, context: [complete_row(row, context) for row in rows]",
            "        return make_serializer",
            f"    return {{cls: with_completer(row_completer) for cls, row_completer in {row_completers}().items()}}",
        )
        arguments = f"{complete_list}, {row_serializers}, {shapes_name}"
        return self.module.add_function("serializer", f"{{name}} = ListSerializer({arguments})")

    def add_row_completers(self, functions: dict[GraphQLObjectType, str]) -> str:
        """Add the table of functions for rows, by the class of the objects that the rows stand for."""
        entries = ", ".join(f"{self.add_class(type_)}: {_for_rows(name)}" for type_, name in functions.items())
        return self.module.add_function("row_completers", f"def {{name}}(): return {{{entries}}}")

    def add_object(
        self, object_type: GraphQLObjectType, grouped: GroupedFieldSet, *, allow_fallback: bool
    ) -> tuple[str, list[str]]:
        """Add the functions for objects and for rows of a type. Return the first one's name, and the fallback fields.

        The fields that cannot be compiled are left to graphql-core if `allow_fallback` is set. Otherwise the method
        raises NotCompilable, and the function checks that each object is of the type's own class.
        """
        members, fallback_names, fields = list[str](), list[str](), FieldStatements([], [], [])
        if not allow_fallback:
            fields.object.append(f"if obj.__class__ is not {self.add_class(object_type)}: raise TypeError")
        for name, details in grouped.items():
            try:
                variable = self._add_field(fields, object_type, details, len(members))
            except NotCompilable:
                if not allow_fallback:
                    raise
                fallback_names.append(name)
                variable = "None"
            members.append(f"{name!r}: {variable}")
        result = f"return {{{', '.join(members)}}}"
        unique = self.module.add_function(
            object_type.name,
            "def complete_{name}(obj):",
            *indented(*fields.object, result),
            "def row_completer_{name}(columns):",
            *indented(*fields.columns, "def complete_row(row, context):"),
            *indented(*indented(*fields.row, result), "return complete_row"),
        )
        return f"complete_{unique}", fallback_names

    def _add_field(
        self, fields: FieldStatements, parent: GraphQLObjectType, details: FieldDetailsList, index: int
    ) -> str:
        """Add the statements that complete a field. Return the variable that holds the result."""
        _check_details(details)
        field_name = details[0].node.name.value
        if field_name == "__typename":
            variable = f"value_typename_{index}"
            fields.object.append(f"{variable} = {parent.name!r}")
            fields.row.append(f"{variable} = {parent.name!r}")
            return variable
        field = self._executor.schema.get_field(parent, field_name)
        if field is None:
            raise NotCompilable
        attribute = attribute_of(field)
        name = f"{attribute}_{index}"  # one attribute may be selected several times
        variable, column = f"value_{name}", f"column_{name}"
        statement, row_completers = self._completion_statement(field.type, details, variable)
        fields.object += [f"{variable} = obj.{attribute}", statement]
        if row_completers is None:
            fields.columns.append(f"{column} = columns[{attribute!r}]")
            fields.row += row_codegen.column_statements(
                self._executor,
                self._traits,
                self.module.add_constant,
                field.type,
                details,
                name,
                statement,
                fields.columns,
            )
        else:
            complete = self.module.add_function(
                "complete_value", f"def {{name}}({variable}):", *indented(statement, f"return {variable}")
            )
            fields.row.append(f"{variable} = {column}(row, context)")
            fields.columns.append(f"{column} = nested_column(columns[{attribute!r}], {row_completers}, {complete})")
        return variable

    def _completion_statement(self, type_: Any, details: FieldDetailsList, variable: str) -> tuple[str, str | None]:
        """Return a statement that completes a value of the type in place, and the table for rows, if it may be rows.

        The statement passes None on to the function of a non-null type, which raises.
        """
        required = is_non_null_type(type_)
        type_ = type_.of_type if required else type_
        complete, is_verbatim, row_completers = self._add_function_for(type_, details)
        guards = [] if required else [f"{variable} is not None"]
        guards += [f"{variable}.__class__ is not str"] * is_verbatim
        completed = f"{complete}({variable})"
        if is_leaf_type(type_) and type_.name in self._traits.total:
            total_class = self.module.add_constant(f"{type_.name}_class", self._traits.total[type_.name])
            coerce = self.module.add_constant(f"coerce_{type_.name}", type_.coerce_output_value)
            completed = f"{coerce}({variable}) if {variable}.__class__ is {total_class} else {completed}"
        return (f"if {' and '.join(guards)}: " if guards else "") + f"{variable} = {completed}", row_completers

    def _add_function_for(self, type_: Any, details: FieldDetailsList) -> tuple[str, bool, str | None]:
        """Return the function for non-null values, whether a str needs no completion, and the table for rows."""
        if is_leaf_type(type_):
            serialize = self.module.add_constant(f"serialize_{type_.name}", leaf_serializer(type_))
            return serialize, type_.name in self._traits.verbatim, None
        if is_list_type(type_):
            return self._add_list(type_.of_type, details), False, None
        functions = self._add_objects(type_, details)
        if is_object_type(type_):
            (function,) = functions.values()
        else:
            function = self._add_abstract(type_.name, functions)
        is_lazy = any(issubclass(class_of(object_type), LazyObject) for object_type in functions)
        return function, False, self.add_row_completers(functions) if is_lazy else None

    def _add_objects(self, type_: Any, details: FieldDetailsList) -> dict[GraphQLObjectType, str]:
        """Add the functions for the object types of a type, which may be abstract. Return their names."""
        object_types = [type_] if is_object_type(type_) else self._executor.schema.get_possible_types(type_)
        return {object_type: self._add_nested_object(object_type, details) for object_type in object_types}

    def _add_nested_object(self, object_type: GraphQLObjectType, details: FieldDetailsList) -> str:
        grouped, deferred, _ = self._executor.collect_subfields(object_type, details)
        if deferred:
            raise NotCompilable
        return self.add_object(object_type, grouped, allow_fallback=False)[0]

    def _add_list(self, item_type: Any, details: FieldDetailsList) -> str:
        statement, row_completers = self._completion_statement(item_type, details, "value")
        complete_items = self.module.add_function(
            "complete_items",
            "def {name}(values):",
            "    results = []",
            "    for value in values:",
            *indented(*indented(statement, "results.append(value)")),
            "    return results",
        )
        shapes = object_shapes(self._executor, self._traits, get_nullable_type(item_type), details)
        serializer = self.add_list_serializer(complete_items, row_completers or self.add_row_completers({}), shapes)
        row_list = self.module.add_constant("RowList", RowList)
        return self.module.add_function(
            "complete_list",
            "def {name}(values):",
            f"    if values.__class__ is {row_list}: return values.to_json({serializer})",
            "    if values.__class__ is not list: raise TypeError",
            f"    return {complete_items}(values)",
        )

    def _add_abstract(self, type_name: str, functions: dict[GraphQLObjectType, str]) -> str:
        """Add the function that chooses by the value's class. For another class it raises KeyError."""
        entries = ", ".join(f"{self.add_class(type_)}: {function}" for type_, function in functions.items())
        by_class = self.module.add_function("functions_by_class", "def {name}():", f"    return {{{entries}}}")
        return self.module.add_function(
            f"complete_{type_name}",
            "def {name}(obj, functions=[]):",
            f"    if not functions: functions.append({by_class}())",
            "    return functions[0][obj.__class__](obj)",
        )


def _check_details(details: FieldDetailsList) -> None:
    """Raise NotCompilable if a field has a directive that code does not handle, or if it is deferred."""
    for detail in details:
        if any(directive.name.value not in CONDITIONAL_DIRECTIVES for directive in detail.node.directives or ()):
            raise NotCompilable
    if any(detail.defer_usage is not None for detail in details):
        raise NotCompilable


def nested_column(
    column: Callable[[Any, Any], Any], row_completers: Callable[[], Mapping[type, Any]], complete: Complete
) -> Callable[[Any, Any], Any]:
    """Return a function from a row to the completed value of an attribute that may be an object.

    It creates no object if the column is a ColumnSet of a class in the table `row_completers`.
    """
    row_completer = row_completers().get(column.type) if isinstance(column, ColumnSet) else None
    if isinstance(column, ColumnSet) and row_completer is not None:
        return row_completer(column.columns)  # type: ignore[no-any-return]
    return lambda row, context: complete(column(row, context))


def _for_rows(function: str) -> str:
    """Return the name of the function for rows beside a function for objects."""
    return function.replace("complete_", "row_completer_", 1)
