"""Statements that complete an attribute of a row `a` of the whole `b`, without a call where it stands there as said.

`m` and the variable's name is what makes the attribute; a statement of `made` is run once for the makers.
"""

from typing import Any

from graphql import get_nullable_type, is_object_type
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor import Executor

from schema.stated import UNUSUAL, as_said, nowhere
from schema.values import Money

from .plain import BY_ITSELF, attribute, origin_of

NAMES = {"as_said": as_said, "nowhere": nowhere, "UNUSUAL": UNUSUAL}  # that the statements use
_MONEY = {"amount": "t", "currency": "b.currency"}  # of the text that stands in the row


def statements(
    executor: Executor[Any], type_: Any, details: FieldDetailsList, variable: str, completed: str, made: list[str]
) -> list[str]:
    """That put the completed attribute into `variable`; `completed` completes what was made."""
    of_row = [f"{variable} = m{variable}(a, b)", completed]
    type_ = get_nullable_type(type_)
    if is_object_type(type_):
        return _money(executor, type_, details, variable, of_row, made) if origin_of(type_) is Money else of_row
    return _text(variable, of_row, made) if getattr(type_, "name", "") in BY_ITSELF else of_row


def _text(variable: str, of_row: list[str], made: list[str]) -> list[str]:
    """See schema.late.Key."""
    make, completed = of_row
    made.append(f"k{variable} = getattr(m{variable}, 'key', None)")
    is_no_text = f"{variable}.__class__ is not str or not {variable} or {variable}.isspace()"
    return [f"{variable} = a.get(k{variable})", f"if {is_no_text}: {make}", completed]


def _money(
    executor: Executor[Any], type_: Any, details: FieldDetailsList, variable: str, of_row: list[str], made: list[str]
) -> list[str]:
    """See schema.stated.Stated."""
    members = list[str]()
    for name, (first, *_) in executor.collect_subfields(type_, details).grouped_field_set.items():
        field = executor.schema.get_field(type_, first.node.name.value)
        is_read = field is not None and first.node.name.value != "__typename"
        members.append(f"{name!r}: {_MONEY[attribute(field)] if field and is_read else repr(type_.name)}")
    made.append(f"s{variable} = getattr(m{variable}, 'at', nowhere)")
    return [
        f"try: t = s{variable}(a)",
        "except UNUSUAL: t = None",
        "if t.__class__ is str and b.currency is not None and as_said(t):",
        f" {variable} = {{{', '.join(members)}}}",
        "else:",
        *(f" {statement}" for statement in of_row),
    ]
