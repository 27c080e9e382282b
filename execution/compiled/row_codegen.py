"""Generate the statements that complete an attribute of a `row` with its `context`, without a call where possible.

For an attribute `total`, `column_total_0` is its column and `value_total_0` receives the result. Statements for
`columns` run once per column set, and look up what the column offers: `key_total_0` or `extract_total_0`.
"""

from collections.abc import Callable
from typing import Any

from graphql import get_nullable_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor

from execution.columns import SHAPE_ERRORS, VALUE, InlineShape, ScalarTraits, no_value

from .fields import attribute_of, class_of
from .source import indented

GENERATED_GLOBALS = {"no_value": no_value, "SHAPE_ERRORS": SHAPE_ERRORS}
AddConstant = Callable[[str, object], str]


def column_statements(
    executor: Executor[Any],
    traits: ScalarTraits,
    add_constant: AddConstant,
    type_: Any,
    details: FieldDetailsList,
    name: str,
    completion: str,
    columns: list[str],
) -> list[str]:
    """Return statements that put the completed attribute into its variable.

    `completion` is the statement that completes the column's value. Statements for the columns are added to `columns`.
    """
    call_column = [f"value_{name} = column_{name}(row, context)", completion]
    type_ = get_nullable_type(type_)
    if is_object_type(type_):
        shape = traits.inline.get(class_of(type_))
        if shape is None:
            return call_column
        accepts = add_constant(f"accepts_{type_.name}", shape.accepts)
        return _inline_statements(executor, shape, accepts, type_, details, name, call_column, columns)
    return (
        _text_statements(name, call_column, columns) if getattr(type_, "name", "") in traits.verbatim else call_column
    )


def _text_statements(name: str, call_column: list[str], columns: list[str]) -> list[str]:
    """Return statements that copy the text of a TextColumn from the row."""
    call, completion = call_column
    columns.append(f"key_{name} = getattr(column_{name}, 'key', None)")
    is_no_text = f"value_{name}.__class__ is not str or not value_{name} or value_{name}.isspace()"
    return [f"value_{name} = row.get(key_{name})", f"if {is_no_text}: {call}", completion]


def _inline_statements(
    executor: Executor[Any],
    shape: InlineShape,
    accepts: str,
    type_: Any,
    details: FieldDetailsList,
    name: str,
    call_column: list[str],
    columns: list[str],
) -> list[str]:
    """Return statements that build the response object from the text of an InlineColumn."""
    sources = {field: "text" if source is VALUE else f"context.{source}" for field, source in shape.fields.items()}
    members = list[str]()
    for alias, (first, *_) in executor.collect_subfields(type_, details).grouped_field_set.items():
        field = executor.schema.get_field(type_, first.node.name.value)
        is_attribute = field is not None and first.node.name.value != "__typename"
        members.append(f"{alias!r}: {sources[attribute_of(field)] if field and is_attribute else repr(type_.name)}")
    columns.append(f"extract_{name} = getattr(column_{name}, 'extract', no_value)")
    required = [f"{source} is not None" for source in sources.values() if source != "text"]
    return [
        f"try: text = extract_{name}(row)",
        "except SHAPE_ERRORS: text = None",
        f"if {' and '.join(['text.__class__ is str', *required, f'{accepts}(text)'])}:",
        *indented(f"value_{name} = {{{', '.join(members)}}}"),
        "else:",
        *indented(*call_column),
    ]
