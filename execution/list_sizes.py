"""How many elements each list can return: the sizes by which the limits multiply a selection."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    ListValueNode,
    ValueNode,
    VariableNode,
    is_abstract_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 20, 200  # the field itself rejects a larger size
CONNECTION_LIST_FIELDS = ("nodes", "edges")  # the lists of a connection, which are as long as its page
ASSUMED_LIST_SIZE = 5  # assumed length of a list without a size argument, such as an invoice's credits
REPRESENTATIONS = "representations"  # the argument of `_entities`: one entity for each representation
ListSizes = Mapping[str, int]  # by the name of the field


class IntrospectionSizes:
    """The lengths of the lists of introspection, which depend on the schema only."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def of(self, type_name: str) -> ListSizes:
        """Return the lengths of the lists of an object, by its type. Empty if it is no type of introspection."""
        if type_name == "__Schema":
            return self.of_schema
        return self.of_any_type if type_name.startswith("__") else {}

    @cached_property
    def of_schema(self) -> ListSizes:
        """The lists of `__Schema`."""
        return {"types": len(self._schema.type_map), "directives": len(self._schema.directives)}

    @cached_property
    def of_any_type(self) -> ListSizes:
        """The longest lists of any `__Type`, `__Field` or `__Directive`."""
        return self._lengths(max)

    @cached_property
    def of_listed_type(self) -> ListSizes:
        """The mean lengths, over all types, of the lists below `__Schema.types`: each type is listed once."""
        return self._lengths(lambda lengths: -(-sum(lengths) // len(lengths)))

    def _lengths(self, combine: Callable[[list[int]], int]) -> ListSizes:
        types = self._schema.type_map.values()
        fields = [field for each in types for field in getattr(each, "fields", {}).values()]
        composite = [each for each in types if is_object_type(each) or is_interface_type(each)]
        lengths = {
            "fields": [len(getattr(each, "fields", {})) for each in types if not is_input_object_type(each)],
            "inputFields": [len(each.fields) for each in types if is_input_object_type(each)],
            "enumValues": [len(getattr(each, "values", {})) for each in types],
            "interfaces": [len(each.interfaces) for each in composite],
            "possibleTypes": [len(self._schema.get_possible_types(each)) for each in types if is_abstract_type(each)],
            "args": [len(getattr(field, "args", {})) for field in fields],
        }
        return {name: max(1, combine(values or [0])) for name, values in lengths.items()}


def argument_value(node: FieldNode, name: str) -> ValueNode | None:
    return next((argument.value for argument in node.arguments or () if argument.name.value == name), None)


def list_length(value: ValueNode, variables: Mapping[str, Any]) -> int:
    """Return the number of elements of a list argument. A single value is a list of one, as GraphQL coerces it."""
    if isinstance(value, ListValueNode):
        return len(value.values)
    elements = variables.get(value.name.value) if isinstance(value, VariableNode) else None
    return len(elements) if isinstance(elements, list) else 1


def page_size(sizes: list[object]) -> int:
    """Return the size of a page from the values of its size arguments."""
    size = next((size for size in sizes if isinstance(size, int)), DEFAULT_PAGE_SIZE)
    return min(max(size, 1), MAX_PAGE_SIZE)
