"""Decoders for lists of rows of which only some values are needed. They check the syntax of the others too."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

MAX_DECODERS = 256  # one for each combination of keys that is selected
Path = tuple[str, ...]  # the keys that lead to a value in a row


@lru_cache(MAX_DECODERS)
def row_decoder(paths: tuple[Path, ...]) -> tuple[Callable[[str], list[Any]], dict[Path, Callable[[Any], Any]]]:
    """Return a function that decodes only what is at these paths of each row, and how to get each value then.

    Raises LookupError if one path leads through another, or if there is none.
    """
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})
            if node is None:
                raise LookupError
        node[path[-1]] = None
    if not tree:
        raise LookupError
    getters = dict[Path, Callable[[Any], Any]]()
    decoder = msgspec.json.Decoder(list[_struct(tree, (), (), getters)], float_hook=str.strip)  # type: ignore[misc]
    return decoder.decode, getters


def _struct(
    tree: Mapping[str, Any], path: Path, attributes: tuple[str, ...], getters: dict[Path, Callable[[Any], Any]]
) -> Any:
    """Return a class for the JSON object at a path, and add the functions that return its values from a row."""
    fields, names = list[tuple[str, Any]](), dict[str, str]()
    for number, (key, child) in enumerate(tree.items()):
        name = f"field_{number}"
        names[name] = key
        child_path, child_attributes = (*path, key), (*attributes, name)
        if child is None:
            fields.append((name, Any))
            getters[child_path] = attrgetter(".".join(child_attributes))
        else:
            fields.append((name, _struct(child, child_path, child_attributes, getters)))
    return msgspec.defstruct("Row", fields, rename=names, gc=False)
