"""Opens what the metrics need before the workers are forked."""

from server.config.settings import Settings
from server.telemetry.metric_files import MetricFiles
from server.telemetry.telemetry import MetricsPort

from .sockets import listeners


def open_metrics(settings: Settings) -> MetricsPort | None:
    """Return the port of the metrics, or None if they are not configured. Raises OSError if it is not available.

    All workers accept scrapes at one socket: each can answer for all.
    """
    if settings.metrics is None:
        return None
    (listener,) = listeners(settings.metrics.host, settings.metrics.port, workers=1)
    return MetricsPort(listener, MetricFiles() if settings.server.workers > 1 else None)
