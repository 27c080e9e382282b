"""Logging: one line for each event, readable on a terminal and JSON elsewhere; never a credential or a URL."""

import logging
import multiprocessing
import os
import warnings
from typing import TextIO, cast

import structlog
from structlog.dev import plain_traceback
from structlog.stdlib import ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from .log_stream import LogStream
from .log_throttle import LogThrottle

# Neither renderer shows the local variables of the stack: an API key can be among them.
_JSON_PROCESSORS: list[Processor] = [
    structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    structlog.processors.JSONRenderer(),
]
# Python's warning about a coroutine of the executor, graphql-core or Strawberry.
NEVER_AWAITED = r"coroutine '(\w*Executor|GraphQLCoreConverter)\..* was never awaited"


def configure() -> None:
    """Configure logging; to be called once, at the start of a command."""
    stream = LogStream.stderr()
    renderers = (
        [structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback)] if stream.is_terminal else _JSON_PROCESSORS
    )
    details: list[Processor] = [
        structlog.processors.add_log_level,
        _add_worker,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[LogThrottle(), structlog.contextvars.merge_contextvars, *details, *renderers],
        logger_factory=structlog.WriteLoggerFactory(
            cast("TextIO", stream)
        ),  # one write per line: several processes share stderr
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    ignore_never_awaited()
    # Libraries use Python's own logging. Only warnings, because httpx logs every URL at INFO.
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *details],
            processors=[ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def ignore_never_awaited() -> None:
    """Silence Python's warning about coroutines that were never awaited, for operations.

    A cancelled operation leaves coroutines that the executor, graphql-core or Strawberry created and did not start.
    They hold no resources and are collected with the operation. Without the filter, Python writes a line for each.
    """
    warnings.filterwarnings("ignore", NEVER_AWAITED, RuntimeWarning)


def _add_worker(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add the process id to the lines of a worker, because several processes write to one log."""
    if multiprocessing.parent_process() is not None:
        event["worker"] = os.getpid()
    return event
