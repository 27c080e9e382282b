"""Statements that complete an attribute of a row `a` of the whole `b`, without a call where it stands there as said.

`m` and the variable's name is what makes the attribute; a statement of `made` is run once for the makers.
"""

from collections.abc import Callable
from typing import Any

from graphql import get_nullable_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor

from execution.columns import SHAPE_ERRORS, VALUE, InlineShape, ScalarTraits, no_value

from .fields import attribute_of, class_of

GENERATED_GLOBALS = {"no_value": no_value, "SHAPE_ERRORS": SHAPE_ERRORS}
Constant = Callable[[object], str]


def column_statements(
    executor: Executor[Any],
    traits: ScalarTraits,
    constant: Constant,
    type_: Any,
    details: FieldDetailsList,
    variable: str,
    completed: str,
    made: list[str],
) -> list[str]:
    """That put the completed attribute into `variable`; `completed` completes what was made."""
    of_row = [f"{variable} = m{variable}(a, b)", completed]
    type_ = get_nullable_type(type_)
    if is_object_type(type_):
        shape = traits.inline.get(class_of(type_))
        if shape is None:
            return of_row
        accepts = constant(shape.accepts)
        return _inline(executor, shape, accepts, type_, details, variable, of_row, made)
    return _text(variable, of_row, made) if getattr(type_, "name", "") in traits.verbatim else of_row


def _text(variable: str, of_row: list[str], made: list[str]) -> list[str]:
    """See execution.columns.Key."""
    make, completed = of_row
    made.append(f"k{variable} = getattr(m{variable}, 'key', None)")
    is_no_text = f"{variable}.__class__ is not str or not {variable} or {variable}.isspace()"
    return [f"{variable} = a.get(k{variable})", f"if {is_no_text}: {make}", completed]


def _inline(
    executor: Executor[Any],
    shape: InlineShape,
    accepts: str,
    type_: Any,
    details: FieldDetailsList,
    variable: str,
    of_row: list[str],
    made: list[str],
) -> list[str]:
    """See execution.columns.InlineColumn."""
    sources = {name: "t" if source is VALUE else f"b.{source}" for name, source in shape.fields.items()}
    members = list[str]()
    for name, (first, *_) in executor.collect_subfields(type_, details).grouped_field_set.items():
        field = executor.schema.get_field(type_, first.node.name.value)
        is_read = field is not None and first.node.name.value != "__typename"
        members.append(f"{name!r}: {sources[attribute_of(field)] if field and is_read else repr(type_.name)}")
    made.append(f"s{variable} = getattr(m{variable}, 'extract', no_value)")
    shared = [f"{source} is not None" for source in sources.values() if source != "t"]
    return [
        f"try: t = s{variable}(a)",
        "except SHAPE_ERRORS: t = None",
        f"if {' and '.join(['t.__class__ is str', *shared, f'{accepts}(t)'])}:",
        f" {variable} = {{{', '.join(members)}}}",
        "else:",
        *(f" {statement}" for statement in of_row),
    ]
