"""How many elements each list can return: the sizes by which the limits multiply a selection."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    is_abstract_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 20, 200  # the field itself rejects a larger size
CONNECTION_LIST_FIELDS = ("nodes", "edges")  # the lists of a connection, which are as long as its page
ASSUMED_LIST_SIZE = 5  # assumed length of a list without a size argument, such as an invoice's credits
REPRESENTATIONS = "representations"  # the argument of `_entities`: one entity for each representation
SCANNED = "*"  # among the sizes: the number of elements that a field reads to compute its own value
ListSizes = Mapping[str, int]  # by the name of the field


class KnownSizes:
    """The lengths of lists that are known before the execution. Equal sizes have equal keys."""

    __slots__ = ("_by_owner", "_narrowed_by", "key")

    def __init__(
        self, by_owner: Mapping[str, ListSizes], narrowed_by: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`by_owner`: the lengths of the lists of an object, by its type or by the field that returns it.

        Such a field, `Query.providers`, takes precedence over the type, `Provider`. `narrowed_by`: for such fields, the
        argument whose list is at least as long as theirs: its name, and the names of members of input objects.
        """
        self._by_owner, self._narrowed_by = by_owner, narrowed_by or {}
        self.key = frozenset((owner, name, size) for owner, sizes in by_owner.items() for name, size in sizes.items())

    def of_type(self, type_name: str) -> ListSizes:
        """Return the lengths of the lists of any object of a type. Empty if they are not known."""
        return self._by_owner.get(type_name, _UNKNOWN)

    def of_field(self, coordinate: str) -> ListSizes:
        """Return the lengths of the lists of the objects that a field returns. Empty if they are not known."""
        return self._by_owner.get(coordinate, _UNKNOWN)

    def narrowing_argument(self, coordinate: str) -> Sequence[str] | None:
        """Return the path of the argument whose list bounds the lists of a field's objects, or None."""
        return self._narrowed_by.get(coordinate)


_UNKNOWN: ListSizes = {}
NO_SIZES = KnownSizes({})


def introspection_sizes(schema: GraphQLSchema) -> KnownSizes:
    """Return the lengths of the lists of introspection, which depend on the schema only.

    Any type, field or directive counts with the longest lists. Each type is listed once in `__Schema.types`, so there
    the mean lengths count.
    """
    longest, mean = _lengths(schema, max), _lengths(schema, lambda lengths: -(-sum(lengths) // len(lengths)))
    of_schema = {"types": len(schema.type_map), "directives": len(schema.directives)}
    by_type = dict.fromkeys((name for name in schema.type_map if name.startswith("__")), longest)
    return KnownSizes({**by_type, "__Schema": of_schema, "__Schema.types": mean})


def _lengths(schema: GraphQLSchema, combine: Callable[[list[int]], int]) -> ListSizes:
    types = schema.type_map.values()
    fields = [field for each in types for field in getattr(each, "fields", {}).values()]
    composite = [each for each in types if is_object_type(each) or is_interface_type(each)]
    lengths = {
        "fields": [len(getattr(each, "fields", {})) for each in types if not is_input_object_type(each)],
        "inputFields": [len(each.fields) for each in types if is_input_object_type(each)],
        "enumValues": [len(getattr(each, "values", {})) for each in types],
        "interfaces": [len(each.interfaces) for each in composite],
        "possibleTypes": [len(schema.get_possible_types(each)) for each in types if is_abstract_type(each)],
        "args": [len(getattr(field, "args", {})) for field in fields],
    }
    return {name: max(1, combine(values or [0])) for name, values in lengths.items()}


def argument_value(node: FieldNode, name: str) -> ValueNode | None:
    return next((argument.value for argument in node.arguments or () if argument.name.value == name), None)


def member_value(value: ValueNode | None, name: str) -> ValueNode | None:
    """Return a member of a literal input object."""
    fields = value.fields if isinstance(value, ObjectValueNode) else ()
    return next((field.value for field in fields if field.name.value == name), None)


def variable_value(path: Sequence[str], variables: Mapping[str, Any]) -> Any:
    """Return the value of a variable, or of a member of its input object. Ellipsis if there is none."""
    value: Any = variables
    for name in path:
        value = value.get(name, ...) if isinstance(value, Mapping) else ...
    return value


def list_length(value: Any) -> int | None:
    """Return the number of elements of a list, which is a literal or the value of a variable. None if it is absent.

    A single value is a list of one, as GraphQL coerces it.
    """
    if value is None or value is ... or isinstance(value, NullValueNode):
        return None
    elements = value.values if isinstance(value, ListValueNode) else value
    return len(elements) if isinstance(elements, (list, tuple)) else 1


def page_size(sizes: list[object]) -> int:
    """Return the size of a page from the values of its size arguments."""
    size = next((size for size in sizes if isinstance(size, int)), DEFAULT_PAGE_SIZE)
    return min(max(size, 1), MAX_PAGE_SIZE)
