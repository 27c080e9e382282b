"""The command `invoicegraph`: serve, sandbox, check, keys, schema, export, report."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import Annotated, Literal

import structlog
import typer

from providers import PROVIDERS
from providers.sandbox import serve as serve_sandbox
from server.accounts import configured_accounts, demo_sandbox
from server.config.access import OPEN_TO_ALL
from server.config.metrics import MetricsSettings
from server.config.sandbox import describe, log_mixture
from server.config.settings import MAX_WORKERS, Settings
from server.config.watcher import ConfigWatcher, watch
from server.process.memory import relax_gc, return_large_blocks
from server.process.metrics import open_metrics
from server.process.sockets import listeners
from server.process.supervisor import Supervisor
from server.process.worker import serve as serve_process
from server.telemetry.telemetry import MetricsPort

from .accounts import build_graph
from .check import CheckResult, check_accounts, check_cache
from .commands.check_report import print_text, to_json
from .commands.common import EXIT_FAILURE, Config, Simulated, configure_logs, end, load_settings
from .commands.export import export
from .commands.keys import keys
from .commands.report import report
from .process.log_stream import LogStream

_log = structlog.get_logger()

app = typer.Typer(
    help=f"A GraphQL API for the invoices of {', '.join(spec.name for spec in PROVIDERS.values())}.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(keys, name="keys")
app.command()(export)
app.command()(report)

OddSandbox = Annotated[bool, typer.Option("--odd", help="Add sandbox accounts whose invoices do not add up.")]


def _print_version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(f"invoicegraph {version('invoicegraph')}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=MAX_WORKERS, help="The number of worker processes.")] = None,
    simulated: Simulated = False,
    odd: OddSandbox = False,
) -> None:
    """Serve the GraphQL API, and the console and GraphiQL for browsers. It needs a configuration, or --sandbox."""
    configure_logs()
    given = {"workers": workers, "host": host, "odd_sandbox": odd or None}
    options: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(config, options, sandbox=simulated or odd)
    server = settings.server
    relax_gc()
    return_large_blocks()
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
    odd: OddSandbox = False,
) -> None:
    """Serve simulated APIs of all providers. GET /control lists the API keys, and the faults to inject."""
    configure_logs()
    try:
        asyncio.run(_serve_sandbox(host, port, odd=odd))
    except OSError as error:
        end(_listen_error(host, port, error), EXIT_FAILURE)


async def _serve_sandbox(host: str, port: int, *, odd: bool) -> None:
    stop_requested = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop_requested.set)
    listener = listeners(host, port, workers=1)[0]
    sandbox = demo_sandbox(odd=odd)
    async with serve_sandbox(sandbox, host=_url_host(host), listener=listener) as url:
        typer.echo(f"The simulated provider APIs are at {', '.join(f'{url}/{name}' for name in sandbox.apis)}.")
        typer.echo(f"{url}/control lists their API keys, and the faults that you can inject.")
        await stop_requested.wait()


@app.command()
def check(
    config: Config = None,
    simulated: Simulated = False,
    output_format: Annotated[Literal["table", "json"], typer.Option("--format", help="The format.")] = "table",
) -> None:
    """Validate the configuration, and try each account and the stored cache once.

    The exit code is 0 if all can be used, 1 if one cannot, and 2 if the configuration is invalid.
    """
    configure_logs()
    settings = load_settings(config, sandbox=simulated)
    results = asyncio.run(_check(settings))
    if output_format == "json":
        typer.echo(to_json(results))
    else:
        print_text(results)
    raise typer.Exit(EXIT_FAILURE if any(result.is_failure for result in results) else 0)


async def _check(settings: Settings) -> list[CheckResult]:
    accounts = await check_accounts(configured_accounts(settings), settings.server, settings.cache)
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
    configure_logs()
    graph = build_graph()
    subgraph = graph.open_sdl if unprotected else graph.sdl
    typer.echo(graph.client_sdl if client else subgraph, nl=False)


def _open_listeners(host: str, port: int, workers: int) -> list[socket.socket]:
    """Return the listening sockets. If the address is not available, print one sentence and exit."""
    try:
        return listeners(host, port, workers)
    except OSError as error:
        end(_listen_error(host, port, error), EXIT_FAILURE)


@contextmanager
def _metrics_port(settings: Settings) -> Iterator[MetricsPort | None]:
    """Yield the port of the metrics, or None. If the address is not available, print one sentence and exit."""
    try:
        metrics = open_metrics(settings)
    except OSError as error:
        table = settings.metrics or MetricsSettings()
        end(_listen_error(table.host, table.port, error, "in [metrics]"), EXIT_FAILURE)
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
    description = describe(settings.accounts)
    # Not typer.echo: the service runs without its log, too.
    LogStream.stderr().write(f"Invoicegraph is running at http://{_url_host(host)}:{port}/graphql ({description})\n")
    if metrics is not None:
        metrics_host, metrics_port = metrics.listener.getsockname()[:2]
        _log.info("The metrics are at /metrics on a port of their own.", host=metrics_host, port=metrics_port)
    log_mixture(settings.accounts)
    if settings.access.mode == "none":
        _log.warning(OPEN_TO_ALL)


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
