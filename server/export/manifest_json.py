"""The manifest of a file as JSON, with the metadata that FOCUS asks for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from providers.ids import digest_id
from resolvers.accounts import AccountRegistry
from schema.scalars import format_rfc3339

from .exporter import Export
from .manifest import column_definition, coverage_json

_GENERATOR = "Invoicegraph"
_CONFIGURED = ("payment_terms", "net_days", "due_from", "billing_account_id", "invoice_issuer", "purchase_order")


def manifest_of(export: Export, registry: AccountRegistry) -> dict[str, Any]:
    """Return the manifest of a file of these accounts."""
    request, contents = export.request, export.writer.contents
    account_ids = [str(entry.account.id) for entry in export.coverage]
    return {
        "file": export.file_name,
        "dataset": request.dataset.name,
        "format": request.format,
        "mode": "strict" if request.is_strict else "annotated",
        "parameters": request.parameters or {},
        "bytes": export.spool.size,
        "sha256": export.spool.sha256,
        **contents.to_json(),
        "guardedCells": export.writer.file.guarded_cells,
        "coverage": {"status": export.coverage_word, "accounts": coverage_json(export.coverage)},
        "asOf": _as_of(export),
        "configuration": _configuration(registry, account_ids),
        **({"metadata": _metadata(export, account_ids)} if request.dataset.focus else {}),
    }


def _as_of(export: Export) -> str | None:
    oldest = min((entry.as_of for entry in export.coverage if entry.as_of), default=None)
    return None if oldest is None else format_rfc3339(oldest)


def _configuration(registry: AccountRegistry, account_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the operator states about each account: it is in the rows, and no provider says it."""
    settings = {account_id: registry[account_id].source.settings for account_id in account_ids}
    return [
        {"account": account_id, **{name: getattr(each, name) for name in _CONFIGURED}}
        for account_id, each in settings.items()
    ]


def _metadata(export: Export, account_ids: Sequence[str]) -> dict[str, Any]:
    focus, columns = export.request.dataset.focus, [*map(column_definition, export.writer.columns)]
    if focus is None:
        return {}
    instance_id = digest_id([focus.id, account_ids])
    return {
        "DataGenerator": _GENERATOR,
        "DatasetInstance": {
            "DatasetInstanceId": instance_id,
            "DatasetInstanceName": export.request.dataset.file_name,
            "FocusDatasetId": focus.id,
        },
        "Schema": {
            "SchemaId": digest_id(columns),
            "FocusVersion": focus.version,
            "CreationDate": format_rfc3339(datetime.now(UTC).replace(microsecond=0)),
            "DataGeneratorVersion": version("invoicegraph"),
            "DatasetInstanceId": instance_id,
            "ColumnDefinition": columns,
        },
        "Recency": {
            "DatasetInstanceId": instance_id,
            "RecencyLastUpdateDate": _as_of(export),
            "TimeSectors": _time_sectors(export),
        },
    }


def _time_sectors(export: Export) -> list[dict[str, Any]]:
    """Return the months in which billing periods start. One is complete if each account has a list and was read."""
    updated, is_complete = export.writer.contents.updated, export.coverage_word == "complete"
    return [
        {
            "TimeSectorStart": f"{month}-01T00:00:00Z",
            "TimeSectorEnd": _next_month(month),
            "TimeSectorComplete": is_complete,
            "TimeSectorLastUpdateDate": format_rfc3339(updated[month].replace(microsecond=0)),
        }
        for month in sorted(updated)
    ]


def _next_month(month: str) -> str:
    months = int(month[:4]) * 12 + int(month[5:])
    return f"{months // 12:04}-{months % 12 + 1:02}-01T00:00:00Z"
