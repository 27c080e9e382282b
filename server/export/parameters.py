"""What a client asks for: the name of a file and its parameters, from a URL or from a command line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from graphql import GraphQLError, get_nullable_type, is_list_type, is_scalar_type

from execution.schema import Schema
from resolvers.focus.datasets import COST_AND_USAGE, COST_BY_PROJECT, DATASETS, INVOICE_DETAIL, Dataset
from schema.filters import InvoiceFilter
from server.operations.error_messages import use_graphql_spelling

from .errors import ExportError

CSV, PARQUET, MANIFEST = "csv", "parquet", "json"
STRICT, ANNOTATED = "strict", "annotated"
_FOCUS = {dataset.name: dataset for dataset in (INVOICE_DETAIL, COST_AND_USAGE)}
_BOOLEANS = {"true": True, "false": False}
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A file to make, or its manifest alone."""

    dataset: Dataset
    format: str = CSV
    is_manifest_only: bool = False
    is_strict: bool = True
    guard: bool = True
    columns: tuple[str, ...] | None = None  # None: all
    filter_by: InvoiceFilter | None = None
    parameters: Parameters | None = None  # as the client wrote them


def file_names() -> list[str]:
    """Return the names of all files."""
    tables = ("focus", *(name for name in DATASETS if name not in _FOCUS))
    return [f"{table}.{extension}" for table in tables for extension in (CSV, PARQUET, MANIFEST)]


def parse_request(file_name: str, pairs: Iterable[tuple[str, str]], schema: Schema) -> ExportRequest:
    """Return the request. Raises ExportError if a parameter is unknown, has no valid value, or is given twice."""
    table, _, extension = file_name.partition(".")
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    left = dict(values)
    dataset = _FOCUS[_choice(left, "dataset", [*_FOCUS])] if table == "focus" else DATASETS[table]
    if dataset is COST_AND_USAGE and _choice(left, "breakdown", ["LINES", "PROJECTS"]) == "PROJECTS":
        dataset = COST_BY_PROJECT
    request_format = _choice(left, "format", [CSV, PARQUET]) if extension == MANIFEST else extension
    mode, guard = _choice(left, "mode", [STRICT, ANNOTATED]), _choice(left, "guard", ["on", "off"])
    columns = _single(left, "columns")
    return ExportRequest(
        dataset,
        request_format,
        is_manifest_only=extension == MANIFEST,
        is_strict=mode == STRICT,
        guard=guard == "on",
        columns=None if columns is None else tuple(columns.split(",")),
        filter_by=_read_filter(left, schema),
        parameters=values,
    )


def _single(values: dict[str, list[str]], name: str) -> str | None:
    """Take a parameter out. Returns None if it is not given. Raises ExportError if it is given twice."""
    given = values.pop(name, [])
    if len(given) > 1:
        raise ExportError(f"The parameter {name} is given {len(given)} times. Give it once.")
    return given[0] if given else None


def _choice(values: dict[str, list[str]], name: str, choices: Sequence[str]) -> str:
    """Take out a parameter that has one of these values. The first one is the default."""
    value = _single(values, name)
    if value is not None and value not in choices:
        raise ExportError(f"The parameter {name} must be {' or '.join(choices)}.")
    return value or choices[0]


def _read_filter(values: Parameters, schema: Schema) -> InvoiceFilter | None:
    """Return the filter, whose fields are parameters of the same names."""
    if not values:
        return None
    fields = schema.input_type(InvoiceFilter).fields
    filter_by: dict[str, object] = {}
    for name, given in values.items():
        if name not in fields:
            raise ExportError(_unknown_parameter(name, fields))
        field_type = get_nullable_type(fields[name].type)
        if is_list_type(field_type):
            filter_by[name] = list(given)
        elif len(given) > 1:
            raise ExportError(f"The parameter {name} is given {len(given)} times. Give it once.")
        else:
            is_boolean = is_scalar_type(field_type) and field_type.name == "Boolean"
            filter_by[name] = _BOOLEANS.get(given[0], given[0]) if is_boolean else given[0]
    try:
        return schema.read_input(InvoiceFilter, filter_by)
    except GraphQLError as error:
        name = str((error.path or [""])[0])
        raise ExportError(f"The parameter {name} is not valid: {use_graphql_spelling(error.message)}") from None


def _unknown_parameter(name: str, known: Iterable[str]) -> str:
    own = ("dataset", "breakdown", "mode", "guard", "columns", "format")
    shown = name if len(name) <= 40 else f"{name[:40]}…"
    nearest = get_close_matches(shown, [*known, *own], 1)
    hint = f' Did you mean "{nearest[0]}"?' if nearest and nearest[0] != shown else ""
    return f'There is no parameter "{shown}" here.{hint}'
