"""What a field's caller selected, for the few questions whose cost depends on it."""

from collections.abc import Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from .context import Info


def selects_only(info: Info, names: set[str]) -> bool:
    """True when nothing beyond `names` (wire names) and __typename is selected below this field."""
    raw = info._raw_info  # noqa: SLF001 (Strawberry's own selected_fields builds a tree that costs more than the answer)
    return all(
        name in names or name == "__typename"
        for node in raw.field_nodes
        for name in _selected(info, node.selection_set)
    )


def _selected(info: Info, selections: SelectionSetNode | None) -> Iterator[str]:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _selected(info, node.selection_set)
        elif isinstance(node, FragmentSpreadNode):
            fragment = info._raw_info.fragments[node.name.value]  # noqa: SLF001
            yield from _selected(info, getattr(fragment, "definition", fragment).selection_set)
