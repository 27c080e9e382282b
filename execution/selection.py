"""What a field's caller selected, for the few questions whose cost depends on it."""

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    is_object_type,
)

Info = strawberry.Info[Any, Any]


def selects_only(info: Info, kind: str, names: set[str]) -> bool:
    """True when nothing beyond `names` (wire names) and __typename is selected of an object of that type."""
    raw = info._raw_info  # noqa: SLF001 (Strawberry's own selected_fields builds a tree that costs more than the answer)
    return all(
        name in names or name == "__typename"
        for node in raw.field_nodes
        for name in _selected(info, kind, node.selection_set)
    )


def _selected(info: Info, kind: str, selections: SelectionSetNode | None) -> Iterator[str]:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _within(info, kind, node)
        elif isinstance(node, FragmentSpreadNode):
            fragment = info._raw_info.fragments[node.name.value]  # noqa: SLF001
            yield from _within(info, kind, getattr(fragment, "definition", fragment))


def _within(info: Info, kind: str, fragment: InlineFragmentNode | FragmentDefinitionNode) -> Iterator[str]:
    """Nothing, where the fragment is for another type of object."""
    name = fragment.type_condition.name.value if fragment.type_condition else kind
    if name == kind or not is_object_type(info._raw_info.schema.type_map[name]):  # noqa: SLF001
        yield from _selected(info, kind, fragment.selection_set)
