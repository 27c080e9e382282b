"""What every command needs: the log, the settings, and an end with one sentence."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from providers import SKIPPED_PROVIDERS
from providers.entry_points import log_skipped
from providers.transport.environment import InvalidVariableError, check_environment
from server.config.loading import ConfigurationError, load
from server.config.settings import Settings
from server.process import logs
from server.telemetry.trace_export import TracingError, wants_traces

EXIT_FAILURE, EXIT_INVALID_CONFIGURATION = 1, 2
Config = Annotated[
    Path | None,
    typer.Option(envvar="INVOICEGRAPH_CONFIG", help="The TOML configuration file."),
]
Simulated = Annotated[
    bool, typer.Option("--sandbox", help="Use simulated accounts, one of each provider. The file has none then.")
]


def configure_logs() -> None:
    """Configure the log, and log the providers that could not be loaded."""
    logs.configure()
    log_skipped(SKIPPED_PROVIDERS)


def load_settings(config: Path | None, options: dict[str, object] | None = None, *, sandbox: bool = False) -> Settings:
    """Return the settings. If they, or the variables about connections or traces, are invalid, print why and exit."""
    try:
        check_environment()
        wants_traces()
        return load(config, sandbox=sandbox, is_reload=False, **options or {})
    except (ConfigurationError, InvalidVariableError, TracingError) as error:
        end(str(error), EXIT_INVALID_CONFIGURATION)


def end(message: str, code: int) -> NoReturn:
    """Print a sentence to stderr and exit."""
    typer.echo(message, err=True)
    sys.exit(code)
