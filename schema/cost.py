"""Cost of fields for gateways that limit operations. It uses the same sizes as this service's own limits."""

import json
from dataclasses import replace
from typing import Any

from graphql import FieldDefinitionNode, ListTypeNode, NamedTypeNode, NonNullTypeNode, Visitor, parse
from strawberry import UNSET
from strawberry.federation.schema_directives import Cost, ListSize

from execution.list_sizes import ASSUMED_LIST_SIZE, CONNECTION_LIST_FIELDS, DEFAULT_PAGE_SIZE

# For a field that may need its own provider call. Any other field costs 1 for each object that it is selected on.
# A gateway counts 1 for an object and 0 for a scalar.
EXPENSIVE = [Cost(weight=10)]


def list_size(length: int) -> ListSize:
    """Return the directive of a list that is usually longer than ASSUMED_LIST_SIZE, and so costs more."""
    unset: Any = UNSET
    return ListSize(
        assumed_size=length, slicing_arguments=unset, sized_fields=unset, require_one_slicing_argument=unset
    )


class ListSizeVisitor(Visitor):
    """Adds @listSize to each list without one, except `nodes` and `edges`: the page arguments give their size."""

    def enter_object_type_definition(self, node: Any, *_: Any) -> Any:
        page_fields = CONNECTION_LIST_FIELDS if node.name.value.endswith("Connection") else ()
        return replace(node, fields=tuple(f if f.name.value in page_fields else _add_list_size(f) for f in node.fields))


def _add_list_size(field: FieldDefinitionNode) -> FieldDefinitionNode:
    field_type = field.type.type if isinstance(field.type, NonNullTypeNode) else field.type
    if any(directive.name.value == "listSize" for directive in field.directives or ()):
        return field
    if isinstance(field_type, ListTypeNode):
        arguments = f"assumedSize: {ASSUMED_LIST_SIZE}"
    elif isinstance(field_type, NamedTypeNode) and field_type.name.value.endswith("Connection"):
        slicing = [name for node in field.arguments or () if (name := node.name.value) in {"first", "last"}]
        arguments = (
            f"assumedSize: {DEFAULT_PAGE_SIZE}, slicingArguments: {json.dumps(slicing)}, "
            f"sizedFields: {json.dumps(CONNECTION_LIST_FIELDS)}, requireOneSlicingArgument: false"
        )
    else:
        return field
    return replace(field, directives=(*(field.directives or ()), _parse_directive(f"@listSize({arguments})")))


def _parse_directive(text: str) -> Any:
    definition: Any = parse(f"scalar Any {text}").definitions[0]
    return definition.directives[0]
