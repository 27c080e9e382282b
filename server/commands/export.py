"""The command `invoicegraph export`: writes a file of invoices or lines, whole or not at all."""

import asyncio
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer

from execution.errors import ErrorCode
from resolvers.errors import BadUserInput
from resolvers.focus.datasets import DATASETS
from server.accounts import build_graph, configured_accounts, connect_accounts
from server.config.settings import Settings
from server.export.errors import ExportError
from server.export.exporter import Export, Exporter
from server.export.manifest_json import manifest_of
from server.export.parameters import ExportRequest, parse_request

from .common import EXIT_FAILURE, EXIT_INVALID_CONFIGURATION, Config, Simulated, configure_logs, end, load_settings
from .progress import row_progress

EXIT_GAPS, EXIT_PARTIAL = 3, 4
_STDOUT = Path("-")
_OPTIONS = {"periodFrom": "--from", "periodTo": "--to"}  # for messages about parameters of the same meaning

Dataset = Annotated[str, typer.Option(help=f"What a row is: {', '.join(DATASETS)}.")]
Format = Annotated[Literal["csv", "parquet"], typer.Option("--format", help="The format of the file.")]
Output = Annotated[Path, typer.Option(help="The file to write, or - for the standard output.")]
Manifest = Annotated[Path | None, typer.Option(help="A file for the manifest, as JSON.")]
From = Annotated[str | None, typer.Option("--from", help="The first day on which billing periods start.")]
To = Annotated[str | None, typer.Option("--to", help="The last day on which billing periods start.")]
Providers = Annotated[list[str] | None, typer.Option("--provider", help="Only this provider. May be repeated.")]
Accounts = Annotated[list[str] | None, typer.Option("--account", help="Only this account. May be repeated.")]
Mode = Annotated[
    Literal["strict", "annotated"],
    typer.Option(help="strict: whole and conforming, or nothing. annotated: what there is, with its gaps."),
]
Guard = Annotated[bool, typer.Option(help="Put ' before texts of CSV that a spreadsheet would run as formulas.")]


def export(
    config: Config = None,
    simulated: Simulated = False,
    dataset: Dataset = "invoice-detail",
    file_format: Format = "csv",
    output: Output = _STDOUT,
    manifest: Manifest = None,
    period_from: From = None,
    period_to: To = None,
    providers: Providers = None,
    accounts: Accounts = None,
    mode: Mode = "strict",
    guard: Guard = True,
) -> None:
    """Write a file of FOCUS, or of our own columns.

    The exit code is 0 if the file is whole, 1 if there is none, 3 if rows do not conform to FOCUS and there is none,
    and 4 if the file has only a part.
    """
    configure_logs()
    settings = load_settings(config, sandbox=simulated)
    pairs = [("mode", mode), ("guard", "on" if guard else "off")]
    pairs += [("periodFrom", day) for day in (period_from,) if day] + [("periodTo", day) for day in (period_to,) if day]
    pairs += [("providers", each) for each in providers or ()] + [("accounts", each) for each in accounts or ()]
    try:
        request = _request(dataset, file_format, pairs)
    except ExportError as error:
        message = str(error)
        for parameter, option in _OPTIONS.items():
            message = message.replace(f"parameter {parameter}", f"option {option}")
        end(message, EXIT_INVALID_CONFIGURATION)
    raise typer.Exit(asyncio.run(_export(settings, request, output, manifest)))


def _request(dataset: str, file_format: str, pairs: list[tuple[str, str]]) -> ExportRequest:
    if dataset not in DATASETS:
        raise ExportError(f"There is no dataset {dataset[:40]}. There are {', '.join(DATASETS)}.")
    if DATASETS[dataset].focus is None:
        return parse_request(f"{dataset}.{file_format}", pairs, build_graph())
    return parse_request(f"focus.{file_format}", [("dataset", dataset), *pairs], build_graph())


async def _export(settings: Settings, request: ExportRequest, output: Path, manifest: Path | None) -> int:
    async with (
        configured_accounts(settings)() as account_settings,
        connect_accounts(account_settings, settings.cache) as connections,
    ):
        accounts = connections.registry
        try:
            with row_progress() as on_progress:
                async with Exporter(settings.export).export(request, accounts, on_progress) as made:
                    if manifest is not None:  # first, so that there is no file if it cannot be written
                        _write(manifest, [orjson.dumps(manifest_of(made, accounts), option=orjson.OPT_INDENT_2), b"\n"])
                    _write(output, made.spool.chunks())
        except (ExportError, BadUserInput) as error:
            typer.echo(str(error), err=True)
            has_gaps = isinstance(error, ExportError) and error.extensions["code"] == ErrorCode.FOCUS_GAPS
            return EXIT_GAPS if has_gaps else EXIT_FAILURE
    typer.echo(_summary(made), err=True)
    return EXIT_PARTIAL if made.coverage_word == "partial" else 0


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file beside its place, and then move it there. So a reader sees the old file or the new one."""
    if path == _STDOUT:
        try:
            sys.stdout.buffer.writelines(chunks)
            sys.stdout.buffer.flush()
        except OSError as error:  # such as a pipe that is closed
            raise ExportError(f"The standard output cannot be written: {error.strerror}.") from None
        return
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise ExportError(f"{path} cannot be written: {error.strerror}.") from None


def _summary(made: Export) -> str:
    contents = made.writer.contents
    sums = ", ".join(f"{each['sum']} {each['currency']}" for each in contents.totals.to_json()["sums"])
    parts = [
        f"{contents.totals.rows:,} rows",
        f"{contents.left_out_count:,} left out",
        f"coverage {made.coverage_word}",
    ]
    problems = [f"\n{entry.account.id}: {entry.message}" for entry in made.coverage if entry.message]
    return f"{', '.join(parts)}. Sums: {sums or 'none'}.{''.join(problems)}"
