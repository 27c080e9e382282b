"""Compiled selections: the generated functions for objects of one type and the fields that are selected on them."""

import linecache
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLObjectType
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.executor import Executor

from execution.columns import ScalarTraits
from execution.rows import ListSerializer

from .codegen import CodeGenerator
from .fields import Complete
from .list_shapes import object_shapes_of


@dataclass(frozen=True, slots=True)
class CompiledSelection:
    """The generated functions of a selection: for one object and for a list of them.

    The result of `complete` has None for each field in `fallback_fields`, which graphql-core has to execute.
    """

    complete: Complete
    list_serializer: ListSerializer
    list_serializers: tuple[ListSerializer, ...]  # of the selection itself and of every list in it
    fallback_fields: GroupedFieldSet

    def for_execution(self, grouped: GroupedFieldSet) -> "CompiledSelection":
        """Return the same code for an execution that has collected the same fields again."""
        return CompiledSelection(
            self.complete,
            self.list_serializer,
            self.list_serializers,
            {name: grouped[name] for name in self.fallback_fields},
        )


def compile_selection(
    executor: Executor[Any], traits: ScalarTraits, object_type: GraphQLObjectType, grouped: GroupedFieldSet
) -> CompiledSelection | None:
    """Return the generated code of a selection.

    Returns None if no selected field is plain, or if a directive in it is invalid: graphql-core reports it.
    """
    generator = CodeGenerator(executor, traits, object_type.name)
    try:
        complete, fallback_names = generator.add_object(object_type, grouped, allow_fallback=True)
    except GraphQLError:
        return None
    if len(fallback_names) == len(grouped):
        return None
    class_name = generator.add_class(object_type)
    complete_list = generator.module.add_function(
        "complete_objects",
        "def {name}(objects):",
        "    for obj in objects:",
        f"        if obj.__class__ is not {class_name}: raise TypeError",
        f"    return [{complete}(obj) for obj in objects]",
    )
    serializer = generator.add_list_serializer(
        complete_list,
        generator.add_row_completers({object_type: complete}),
        object_shapes_of(executor, traits, {object_type: grouped}),
    )
    namespace = generator.module.compile(entry_point=complete)
    serializers = tuple(value for value in namespace.values() if isinstance(value, ListSerializer))
    fallback_fields = {name: grouped[name] for name in fallback_names}
    return CompiledSelection(namespace[complete], namespace[serializer], serializers, fallback_fields)


def generated_source(compiled: CompiledSelection) -> str:
    """Return the source code of a compiled selection, for tests and for a debugger."""
    complete: Any = compiled.complete
    return "".join(linecache.getlines(complete.__code__.co_filename))
