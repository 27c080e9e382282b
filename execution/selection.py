"""Look-ahead: which fields are selected, for the few resolvers whose cost depends on it."""

from collections.abc import Iterator

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    is_object_type,
)

from .internals import Info, raw_info


def selects_only(info: Info, type_name: str, names: set[str]) -> bool:
    """True if only `names` (GraphQL names) and __typename are selected on objects of the type `type_name`."""
    return all(
        name in names or name == "__typename"
        for node in raw_info(info).field_nodes
        for name in _selected_names(info, type_name, node.selection_set)
    )


def _selected_names(info: Info, type_name: str, selections: SelectionSetNode | None) -> Iterator[str]:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _fragment_names(info, type_name, node)
        elif isinstance(node, FragmentSpreadNode):
            fragment = raw_info(info).fragments[node.name.value]
            yield from _fragment_names(info, type_name, getattr(fragment, "definition", fragment))


def _fragment_names(info: Info, type_name: str, fragment: InlineFragmentNode | FragmentDefinitionNode) -> Iterator[str]:
    """Yield the names that a fragment selects, or nothing if the fragment applies to another object type."""
    condition = fragment.type_condition.name.value if fragment.type_condition else type_name
    if condition == type_name or not is_object_type(raw_info(info).schema.type_map[condition]):
        yield from _selected_names(info, type_name, fragment.selection_set)
