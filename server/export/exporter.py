"""Makes files: within a deadline, few at once, and of bounded size."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from providers.call import CallBudget, CallContext
from providers.deadline import loop_time
from resolvers.accounts import AccountRegistry
from resolvers.coverage import account_coverage
from resolvers.request import RequestContext
from schema.coverage import Coverage, FailureCode
from server.access.caller import ANONYMOUS
from server.config.export import ExportSettings
from server.operations.admission import AdmissionController

from .errors import ExportError
from .file_writer import FileWriter, OnProgress
from .manifest import coverage_word
from .parameters import ExportRequest
from .spool import Spool, SpoolBudget

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Export:
    """A complete file, and what is in it."""

    request: ExportRequest
    spool: Spool
    writer: FileWriter
    coverage: Sequence[Coverage]

    @property
    def coverage_word(self) -> str:
        return coverage_word(self.coverage)

    @property
    def file_name(self) -> str:
        """The name for a download, with the first and the last month in the file."""
        months = sorted(self.writer.contents.months)
        period = f"_{months[0]}_{months[-1]}" if months else ""
        return f"{self.request.dataset.file_name}{period}.{self.writer.file.extension}"


class Exporter:
    """Makes the files of one process. The bounds hold over all of them."""

    def __init__(self, settings: ExportSettings, workers: int = 1) -> None:
        self._workers, self._budget = workers, SpoolBudget(0)
        self._admission = AdmissionController(settings.most)
        self.apply_settings(settings)

    def apply_settings(self, settings: ExportSettings) -> None:
        """Use these settings from now on. Files that are being made keep their places."""
        self.settings = settings
        if settings.most != self._admission.max_concurrent:
            self._admission = AdmissionController(settings.most)
        self._budget.max_bytes = settings.max_bytes // self._workers

    @asynccontextmanager
    async def export(
        self,
        request: ExportRequest,
        registry: AccountRegistry,
        on_progress: OnProgress | None = None,
        caller: str = ANONYMOUS.name,
    ) -> AsyncIterator[Export]:
        """Make a file of the registry's accounts, and yield it whole. It holds only its bytes while it is yielded.

        `caller`: its name, because places are divided between callers. Raises ExportError, BadUserInput or Overloaded.
        """
        deadline = loop_time() + self.settings.deadline
        with self._budget.open() as spool:
            writer = FileWriter(request, registry, spool)
            async with self._admission.admit(deadline, caller):
                coverage = await self._make(writer, registry, deadline, on_progress)
            yield Export(request, spool, writer, coverage)

    async def _make(
        self, writer: FileWriter, registry: AccountRegistry, deadline: float, on_progress: OnProgress | None
    ) -> list[Coverage]:
        budget = CallBudget(self.settings.max_provider_calls)
        context = RequestContext(registry, CallContext(deadline, budget=budget))
        try:
            async with asyncio.timeout_at(deadline):
                results = await writer.write(context, on_progress)
        except TimeoutError:
            message = f"The file was not complete after {self.settings.deadline:g} seconds. Request a shorter period."
            raise ExportError(message, 504, FailureCode.TIMED_OUT.name) from None
        except OSError as error:
            _log.error("A file cannot be stored.", cause=error.strerror)
            message = "The service cannot store the file. Its log says why. Retry later."
            raise ExportError(message, 503, FailureCode.UNAVAILABLE.name) from None
        finally:
            context.close()
        return [account_coverage(result) for result in results]
