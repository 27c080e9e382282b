"""The command `invoicegraph`: serve, sandbox, check, keys, schema."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import typer

from providers import PROVIDERS, SKIPPED_PROVIDERS
from providers.entry_points import log_skipped
from providers.sandbox import serve as serve_sandbox
from providers.transport.environment import InvalidVariableError, check_environment
from server.accounts import configured_accounts, demo_sandbox
from server.config.metrics import MetricsSettings
from server.config.settings import MAX_WORKERS, ConfigurationError, Settings, load
from server.config.watcher import ConfigWatcher, watch
from server.process.metrics import open_metrics
from server.process.sockets import listeners
from server.process.supervisor import Supervisor
from server.process.worker import relax_gc
from server.process.worker import serve as serve_process
from server.telemetry.telemetry import MetricsPort
from server.telemetry.trace_export import TracingError, wants_traces

from .accounts import build_graph
from .check import CheckResult, check_accounts, check_cache
from .key_commands import keys
from .process import logs
from .process.log_stream import LogStream

EXIT_FAILURE, EXIT_INVALID_CONFIGURATION = 1, 2
_OPEN = 'Callers are not authenticated: [access] has mode = "none". Every account is open to the network.'
_log = structlog.get_logger()

app = typer.Typer(
    help=f"A GraphQL API for the invoices of {', '.join(spec.name for spec in PROVIDERS.values())}.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys, name="keys")
Config = Annotated[
    Path | None,
    typer.Option(
        envvar="INVOICEGRAPH_CONFIG", help="The TOML configuration file. Without it, the service uses sandbox accounts."
    ),
]


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=MAX_WORKERS, help="The number of worker processes.")] = None,
) -> None:
    """Serve the GraphQL API, and GraphiQL for browsers."""
    _configure_logs()
    given = {"workers": workers, "host": host}
    options: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    settings = _load_settings(config, options)
    server = settings.server
    relax_gc()
    watcher = None
    if config or any(settings.access.watched_paths):
        watcher = ConfigWatcher(config, settings, options)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until a watcher handles it
    with _metrics_port(settings) as metrics:
        sockets = _open_listeners(server.host, server.port if port is None else port, server.workers)
        if server.workers == 1:
            _announce(sockets[0], settings, metrics)
            serve_process(sockets[0], settings, partial(watch, watcher) if watcher else None, metrics)
            return
        supervisor = Supervisor(sockets, settings, watcher, metrics)
        _announce(sockets[0], settings, metrics)
        sys.exit(0 if supervisor.run() else EXIT_FAILURE)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 9000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve simulated APIs of all providers. GET /control lists the API keys, and the faults to inject."""
    _configure_logs()
    try:
        asyncio.run(_serve_sandbox(host, port))
    except OSError as error:
        _exit(_listen_error(host, port, error), EXIT_FAILURE)


async def _serve_sandbox(host: str, port: int) -> None:
    stop_requested = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop_requested.set)
    listener = listeners(host, port, workers=1)[0]
    async with serve_sandbox(demo_sandbox(), host=_url_host(host), listener=listener) as url:
        typer.echo(f"The simulated provider APIs are at {', '.join(f'{url}/{name}' for name in PROVIDERS)}.")
        typer.echo(f"{url}/control lists their API keys, and the faults that you can inject.")
        await stop_requested.wait()


@app.command()
def check(config: Config = None) -> None:
    """Validate the configuration, and try each account and the shared cache once. The exit code is 1 on a failure."""
    _configure_logs()
    settings = _load_settings(config)
    results = asyncio.run(_check(settings))
    for line in _format_table(results):
        typer.echo(line)
    raise typer.Exit(EXIT_FAILURE if any(result.is_failure for result in results) else 0)


async def _check(settings: Settings) -> list[CheckResult]:
    accounts = await check_accounts(configured_accounts(settings), settings.server)
    return accounts + await check_cache(settings.cache)


@app.command()
def schema(
    client: Annotated[
        bool, typer.Option("--client", help="Print the schema for direct clients, not for a supergraph.")
    ] = False,
    unprotected: Annotated[
        bool, typer.Option("--open", help="Leave out the scopes, for a gateway that cannot check them.")
    ] = False,
) -> None:
    """Print the schema in SDL, as a subgraph for a supergraph."""
    _configure_logs()
    graph = build_graph()
    subgraph = graph.open_sdl if unprotected else graph.sdl
    typer.echo(graph.client_sdl if client else subgraph, nl=False)


def _configure_logs() -> None:
    """Configure the log, and log the providers that could not be loaded."""
    logs.configure()
    log_skipped(SKIPPED_PROVIDERS)


def _load_settings(config: Path | None, options: dict[str, object] | None = None) -> Settings:
    """Return the settings. If they, or the variables about connections, are invalid, print why and exit."""
    try:
        check_environment()
        wants_traces()
        return load(config, **options or {})
    except (ConfigurationError, InvalidVariableError, TracingError) as error:
        _exit(str(error), EXIT_INVALID_CONFIGURATION)


def _open_listeners(host: str, port: int, workers: int) -> list[socket.socket]:
    """Return the listening sockets. If the address is not available, print one sentence and exit."""
    try:
        return listeners(host, port, workers)
    except OSError as error:
        _exit(_listen_error(host, port, error), EXIT_FAILURE)


@contextmanager
def _metrics_port(settings: Settings) -> Iterator[MetricsPort | None]:
    """Yield the port of the metrics, or None. If the address is not available, print one sentence and exit."""
    try:
        metrics = open_metrics(settings)
    except OSError as error:
        table = settings.metrics or MetricsSettings()
        _exit(_listen_error(table.host, table.port, error, "in [metrics]"), EXIT_FAILURE)
    try:
        yield metrics
    finally:
        if metrics is not None:
            metrics.close()


def _listen_error(host: str, port: int, error: OSError, how: str = "with --host or --port") -> str:
    reason = (error.strerror or str(error)).partition(" (while attempting")[0]
    return f"Cannot listen on {host}, port {port}: {reason}. Choose another address {how}."


def _announce(listener: socket.socket, settings: Settings, metrics: MetricsPort | None) -> None:
    host, port = listener.getsockname()[:2]
    count = len(settings.accounts)
    configured = "1 account" if count == 1 else f"{count} accounts"
    description = configured if count else "sandbox accounts: simulated data, never real costs"
    # Not typer.echo: the service runs without its log, too.
    LogStream.stderr().write(f"Invoicegraph is running at http://{_url_host(host)}:{port}/graphql ({description})\n")
    if metrics is not None:
        metrics_host, metrics_port = metrics.listener.getsockname()[:2]
        _log.info("The metrics are at /metrics on a port of their own.", host=metrics_host, port=metrics_port)
    if settings.access.mode == "none":
        _log.warning(_OPEN)


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _format_table(results: list[CheckResult]) -> list[str]:
    rows = [("ACCOUNT", "RESULT", "MESSAGE"), *((check.account, check.result, check.message) for check in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows]


def _exit(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(code)
