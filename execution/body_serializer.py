"""Lists that are serialized straight from a response body: only the selected columns are decoded, and no row is made.

This works for lists of a usual shape, in which each row has a text in every selected column. Other lists are
serialized from rows, with the same result.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import orjson

from .body_decoder import Path, row_decoder
from .columns import VALUE, ColumnSet, InlineColumn, InlineShape, ListTextColumn, TextColumn

Texts = Callable[[list[Any], Any], Iterable[str]]  # the values of a column, and the context of the list, to texts
_NUMBERS = {int, str}


class UnusualRows(Exception):
    """Raised for what can only be serialized from rows."""


@dataclass(frozen=True, slots=True)
class ConstantMember:
    """A field with the same text in each row."""

    text: str


@dataclass(frozen=True, slots=True)
class TextMember:
    """A field whose type writes a str as it is."""

    attribute: str


@dataclass(frozen=True, slots=True)
class InlineMember:
    """A field of a type that has an InlineShape.

    `fields` maps each name in the response to a constant, to VALUE, or to an attribute of the context.
    """

    attribute: str
    fields: Mapping[str, object]
    shape: InlineShape


@dataclass(frozen=True, slots=True)
class ObjectMember:
    """A field whose object is made from the same row. `shapes` are those of its possible classes."""

    attribute: str
    shapes: "ObjectShapes"


ObjectShape = Mapping[str, ConstantMember | TextMember | InlineMember | ObjectMember]  # by name in the response
ObjectShapes = Mapping[type, ObjectShape]  # by the class of the object


@dataclass(frozen=True, slots=True)
class BodySerializer:
    """Serializes the rows of one column set from a body.

    A column is the function that returns its value in a decoded row, and the function that returns its texts.
    `write_rows` takes the texts of all columns, and returns the JSON of each row.
    """

    decode: Callable[[str], list[Any]]
    write_rows: Callable[[Iterable[tuple[str, ...]]], list[str]]
    columns: Sequence[tuple[Callable[[Any], Any], Texts]]
    objects_per_row: int  # the number of JSON objects that each row consists of, at least

    def __call__(self, body: str, context: Any, max_rows: int) -> tuple[int, bytes]:
        """Return the number of rows and the JSON of the list. Raises UnusualRows if the list needs rows, or is long.

        As in rows, a number with a fraction is the text of its digits.
        """
        try:
            rows = self.decode(body)
            if len(rows) > max_rows:
                raise UnusualRows
            columns = [texts([*map(value_of, rows)], context) for value_of, texts in self.columns]
        except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
            raise UnusualRows from None
        return len(rows), f"[{','.join(self.write_rows(zip(*columns, strict=True)))}]".encode()


def body_serializer(shape: ObjectShape, columns: ColumnSet[Any]) -> BodySerializer | None:
    """Return the serializer of a selection for these columns. None if the selection needs rows."""
    leaves = list[tuple[Path, Texts]]()
    try:
        template = _object_template(shape, columns, leaves)
        decode, getters = row_decoder(tuple(sorted({path for path, _ in leaves})))
    except (UnusualRows, LookupError):  # LookupError: an attribute without a column, or paths that do not fit
        return None
    objects_per_row = len({path[:depth] for path, _ in leaves for depth in range(len(path))})
    return BodySerializer(
        decode, _row_writer(template), [(getters[path], texts) for path, texts in leaves], objects_per_row
    )


def _row_writer(template: str) -> Callable[[Iterable[tuple[str, ...]]], list[str]]:
    """Return a function that writes rows by a template, in which %s stands for a text. An f-string is the fastest way.

    The template has no other special characters: it consists of names in the response and of type names.
    """
    names = [f"text_{number}" for number in range(template.count("%s"))]
    row = template.replace("{", "{{").replace("}", "}}") % tuple(f"{{{name}}}" for name in names)
    write_rows: Callable[[Iterable[tuple[str, ...]]], list[str]]
    write_rows = eval(f"lambda rows: [f{row!r} for {', '.join(names)}, in rows]")  # noqa: S307 (GraphQL's names)
    return write_rows


def _object_template(shape: ObjectShape, columns: ColumnSet[Any], leaves: list[tuple[Path, Texts]]) -> str:
    """Return the template of an object, and add what it needs to `leaves`. Raises UnusualRows if it needs rows."""
    members = dict[str, str]()
    for name, member in shape.items():
        column = None if isinstance(member, ConstantMember) else columns.columns[member.attribute]
        match member, column:
            case ConstantMember(text), _:
                members[name] = f'"{text}"'
            case TextMember(), TextColumn(key=key):
                members[name] = '"%s"'
                leaves.append(((key,), _plain_texts))
            case TextMember(), ListTextColumn(source_key=key):
                members[name] = '"%s"'
                leaves.append(((key,), partial(_computed_texts, column.read_all)))
            case InlineMember(), InlineColumn(path=tuple() as path):
                members[name] = _inline_template(member, path, leaves)
            case ObjectMember(), ColumnSet() as nested:
                members[name] = _object_template(member.shapes[nested.type], nested, leaves)
            case _:
                raise UnusualRows
    return _json_object(members)


def _inline_template(member: InlineMember, path: Path, leaves: list[tuple[Path, Texts]]) -> str:
    """Return the template of an InlineMember. The value must be selected: it decides whether there is an object."""
    if VALUE not in member.fields.values():
        raise UnusualRows
    members, needed = dict[str, str](), [name for name in member.shape.fields.values() if isinstance(name, str)]
    for name, source in member.fields.items():
        if isinstance(source, ConstantMember):
            members[name] = f'"{source.text}"'
            continue
        members[name] = '"%s"'
        texts = (
            partial(_accepted_texts, needed, member.shape.accepts_lines)
            if source is VALUE
            else partial(_shared_text, str(source))
        )
        leaves.append((path, texts))
    return _json_object(members)


def _json_object(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"


def _plain_texts(values: list[Any], _context: Any) -> list[str]:
    """Return values that are texts, not blank, and the same in JSON."""
    joined = "".join(values)
    is_escaped = len(orjson.dumps(joined)) > len(joined.encode()) + len('""')
    if is_escaped or not all(map(str.strip, values)):
        raise UnusualRows
    return values


def _computed_texts(
    read_all: Callable[[Sequence[str], Any], Sequence[str] | None], values: list[Any], context: Any
) -> list[str]:
    """Return what a ListTextColumn computes from texts."""
    texts = read_all(_plain_texts(values, context), context)
    if texts is None:
        raise UnusualRows
    return _plain_texts([*texts], context)


def _accepted_texts(
    needed: Sequence[str], accepts_lines: Callable[[str], object], values: list[Any], context: Any
) -> list[str]:
    """Return values that are texts which an InlineShape accepts, or integers with such digits.

    The context must have the attributes `needed`.
    """
    if None in [getattr(context, attribute) for attribute in needed]:
        raise UnusualRows
    if not {str}.issuperset(map(type, values)):
        if not _NUMBERS.issuperset(map(type, values)):
            raise UnusualRows
        values = [*map(str, values)]
    lines = "\n".join((*values, ""))
    if lines.count("\n") != len(values) or not accepts_lines(lines):
        raise UnusualRows
    return values


def _shared_text(attribute: str, values: list[Any], context: Any) -> list[str]:
    """Return an attribute of the context, once for each row."""
    return _plain_texts([getattr(context, attribute)], context) * len(values)
