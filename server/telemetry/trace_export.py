"""Whether the environment enables the traces. OpenTelemetry is imported only if it does: it is an optional extra."""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tracing import Tracing

VARIABLE = "OTEL_TRACES_EXPORTER"  # the default is "none"
_TRACING = "server.telemetry.tracing"
_NO_EXTRA = f"{VARIABLE}=otlp needs the extra otel. Install invoicegraph[otel], or unset the variable."
_UNKNOWN = f'{VARIABLE} must be "otlp" or "none".'


class TracingError(Exception):
    """The traces cannot be exported as the environment wants it. The message says what to change."""


def wants_traces() -> bool:
    """Return whether the environment enables the traces.

    Raises TracingError if it is invalid, or if the extra is not installed.
    """
    exporter = os.environ.get(VARIABLE, "").strip() or "none"
    if exporter not in {"otlp", "none"}:
        raise TracingError(_UNKNOWN)
    if exporter == "none":
        return False
    try:
        import_module(_TRACING)
    except ImportError:
        raise TracingError(_NO_EXTRA) from None
    return True


def open_tracing() -> "Tracing | None":
    """Return the tracing that the environment enables, else None. It starts a thread: call it after a fork."""
    if not wants_traces():
        return None
    from .tracing import Tracing, otlp_provider  # noqa: PLC0415 (an optional extra)

    return Tracing(otlp_provider())
