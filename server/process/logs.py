"""Logging: one line for each event, for people on a terminal and as JSON elsewhere; never a credential or a URL."""

import logging
import multiprocessing
import os
import sys
import warnings

import structlog
from structlog.dev import plain_traceback
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, WrappedLogger

# Both ways without the local variables of the stack: a key can be among them.
_JSON = [
    structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    structlog.processors.JSONRenderer(),
]


def configure() -> None:
    """Once, at the start of a command."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _named,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback)] if terminal else _JSON),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line in one piece, where several processes write
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    ignore_never_awaited()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)  # libraries: httpx logs every URL at INFO


def ignore_never_awaited() -> None:
    """Whoever leaves an operation leaves coroutines that graphql-core and Strawberry have made and not begun.

    They hold nothing and go with it; Python would write a line of each.
    """
    theirs = r"coroutine '(\w*Executor|GraphQLCoreConverter)\..* was never awaited"
    warnings.filterwarnings("ignore", theirs, RuntimeWarning)


def _named(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Whose line it is, where several processes write."""
    if multiprocessing.parent_process() is not None:
        event["worker"] = os.getpid()
    return event
