"""What one application has while it runs: its accounts, the runner of operations and the endpoints."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import structlog

from server.access.authenticator import Authenticator
from server.accounts import AccountConnections, AccountsContext, build_graph, connect_accounts
from server.config.access import OPEN_TO_ALL
from server.config.settings import Settings
from server.config.watcher import ApplySettings, WatchSettings
from server.export.exporter import Exporter
from server.operations.runner import OperationRunner
from server.telemetry.telemetry import Telemetry

from .endpoint import Endpoint
from .export import ExportEndpoint
from .metrics import serve_metrics
from .state import AppState
from .websocket import WebSocketEndpoint

_log = structlog.get_logger()


@asynccontextmanager
async def running(
    state: AppState,
    accounts: AccountsContext,
    settings: Settings,
    watch_settings: WatchSettings | None,
    telemetry: Telemetry,
) -> AsyncIterator[None]:
    """Set the state of an application, which serves requests while entered."""
    async with (
        accounts() as account_settings,
        connect_accounts(
            account_settings, settings.cache, settings.server.workers, observer=telemetry.call_observer
        ) as connections,
    ):
        _start(state, connections, settings, telemetry)
        async with (
            watch_settings(_settings_applier(connections, state)) if watch_settings else nullcontext(),
            serve_metrics(telemetry.metrics, state.hosts, state.runner, connections),
        ):
            yield
        state.stopping = True
        await state.runner.change_feed.close()
        await state.authenticator.close()
        state.runner.audit.flush()
    if telemetry.tracing is not None:
        telemetry.tracing.close()


def _start(state: AppState, connections: AccountConnections, settings: Settings, telemetry: Telemetry) -> None:
    """Create the runner and the endpoints over these connections."""
    server, access = settings.server, settings.access
    state.store = connections.store
    graph = state.graph = build_graph(compiled=server.compiled, introspection=server.introspection)
    graph.is_protected = access.has_methods
    runner = state.runner = OperationRunner(
        graph,
        lambda: connections.registry,
        server,
        settings.subscriptions,
        settings.cache.max_response_bytes // server.workers,
        settings.rates.table,
        telemetry.operation_observer,
    )
    runner.audit.is_enabled = access.is_audited
    authenticator = state.authenticator = Authenticator(access)
    state.endpoint = Endpoint(runner, authenticator)
    state.sockets = WebSocketEndpoint(runner, authenticator)
    state.exporter = Exporter(settings.export, server.workers)
    state.exports = ExportEndpoint(state.exporter, graph, runner, authenticator)


def _settings_applier(connections: AccountConnections, state: AppState) -> ApplySettings:
    """Return the function that puts reloaded settings into use."""
    runner, exporter = state.runner, state.exporter

    def apply_settings(settings: Settings) -> None:
        accounts = settings.accounts or connections.accounts  # without any, those of the sandboxes stay
        _apply_access(state, settings)
        new_settings = accounts, settings.server, settings.subscriptions, settings.rates.table, settings.export
        in_use = connections.accounts, runner.settings, runner.subscriptions, runner.rates, exporter.settings
        if new_settings == in_use:
            return
        connections.replace_accounts(accounts)
        runner.apply_settings(settings.server, settings.subscriptions, settings.rates.table)
        state.hosts.apply_settings(settings.server)
        state.cors.apply_settings(settings.server)
        exporter.apply_settings(settings.export)
        _log.info("The configuration is in use.", accounts=len(accounts))

    return apply_settings


def _apply_access(state: AppState, settings: Settings) -> None:
    """Put the settings of access into use, if they have changed."""
    runner, access = state.runner, settings.access
    if access == state.authenticator.settings:
        return
    state.authenticator.apply_settings(access)
    state.graph.is_protected = access.has_methods
    runner.audit.is_enabled = access.is_audited
    # A kept answer may be the earlier SDL.
    runner.apply_settings(runner.settings, runner.subscriptions, runner.rates)
    _log.info("The settings of access are in use.", keys=len(access.all_keys))
    if access.mode == "none":
        _log.warning(OPEN_TO_ALL)
