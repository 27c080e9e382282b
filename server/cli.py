"""The command `invoicegraph`: serve, sandbox, check, schema."""

import asyncio
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from providers import PROVIDERS
from providers.sandbox import serve as serve_sandbox
from server.accounts import configured_accounts, demo_sandbox
from server.config.settings import MAX_WORKERS, ConfigurationError, Settings, load
from server.config.watcher import ConfigWatcher, watch
from server.process.sockets import listeners
from server.process.supervisor import Supervisor
from server.process.worker import relax_gc
from server.process.worker import serve as serve_process

from .accounts import build_graph
from .check import Finding, check_accounts
from .process import logs

FAILED, UNUSABLE = 1, 2

app = typer.Typer(
    help="One GraphQL endpoint over the invoices of Fastly, Spectro Cloud Palette and Archera.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Config = Annotated[
    Path | None,
    typer.Option(envvar="INVOICEGRAPH_CONFIG", help="The TOML file; without one, the sandboxes are served."),
]


def main() -> None:
    """The entry point of the command."""
    app()


@app.command()
def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=MAX_WORKERS, help="How many processes answer.")] = None,
) -> None:
    """Serve the graph, with GraphiQL for browsers."""
    logs.configure()
    options: dict[str, object] = {} if workers is None else {"workers": workers}
    settings = _settings(config, options)
    server = settings.server
    sockets = _listeners(host or server.host, server.port if port is None else port, server.workers)
    relax_gc()
    if config:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the file is followed
    file = ConfigWatcher(config, settings, options) if config else None
    if server.workers == 1:
        _announce(sockets[0], settings)
        serve_process(sockets[0], settings, partial(watch, file) if file else None)
        return
    supervisor = Supervisor(sockets, settings, file)
    _announce(sockets[0], settings)
    sys.exit(0 if supervisor.run() else FAILED)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 9000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the three providers' APIs in miniature, for any client; GET /control explains their faults to order."""
    try:
        asyncio.run(_serve_sandbox(host, port))
    except OSError as error:
        _stop(_unavailable(host, port, error), FAILED)


async def _serve_sandbox(host: str, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serve_sandbox(demo_sandbox(), port, host) as url:
        typer.echo(f"The providers' APIs in miniature are at {', '.join(f'{url}/{name}' for name in PROVIDERS)}.")
        typer.echo(f"{url}/control tells their keys, and the faults that can be ordered.")
        await stopped.wait()


@app.command()
def check(config: Config = None) -> None:
    """Check the configuration, then ask each account once; the exit code is 1 when one of them fails."""
    logs.configure()
    settings = _settings(config)
    findings = asyncio.run(check_accounts(configured_accounts(settings), settings.server))
    for line in _table(findings):
        typer.echo(line)
    raise typer.Exit(FAILED if any(finding.failed for finding in findings) else 0)


@app.command()
def schema(
    client: Annotated[
        bool, typer.Option("--client", help="As direct clients see it, not as a supergraph does.")
    ] = False,
) -> None:
    """Print the graph in GraphQL's schema language, as a subgraph of a supergraph."""
    typer.echo(build_graph().client_sdl if client else build_graph().sdl, nl=False)


def _settings(config: Path | None, options: dict[str, object] | None = None) -> Settings:
    try:
        return load(config, **options or {})
    except ConfigurationError as error:
        _stop(str(error), UNUSABLE)


def _listeners(host: str, port: int, workers: int) -> list[socket.socket]:
    """A busy port is one sentence."""
    try:
        return listeners(host, port, workers)
    except OSError as error:
        _stop(_unavailable(host, port, error), FAILED)


def _unavailable(host: str, port: int, error: OSError) -> str:
    reason = (error.strerror or str(error)).partition(" (while attempting")[0]
    return f"Cannot listen on {host}, port {port}: {reason}. Choose another with --port or --host."


def _announce(listener: socket.socket, settings: Settings) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    many = len(settings.accounts)
    configured = "1 account" if many == 1 else f"{many} accounts"
    whose = configured if many else "sandbox accounts: simulated data, never real costs"
    typer.echo(f"Invoicegraph answers at http://{shown}:{port}/graphql ({whose})", err=True)


def _table(findings: list[Finding]) -> list[str]:
    rows = [("ACCOUNT", "RESULT", "WHAT WAS FOUND"), *((f.account, f.result, f.message) for f in findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows]


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(code)
