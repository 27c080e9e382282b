"""The `[rates]` table: files of exchange rates, which are read and checked with the configuration."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from resolvers.finance.rates import NO_RATES, RateTable

from .rate_files import read_rate_file

MAX_RATE_FILES = 8


class RatesSettings(BaseModel):
    """The `[rates]` table. Without files nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: Annotated[tuple[Path, ...], Field(max_length=MAX_RATE_FILES)] = ()

    _table: RateTable = PrivateAttr(NO_RATES)

    @model_validator(mode="after")
    def _read_files(self) -> "RatesSettings":
        self._table = RateTable.of(series for file in self.files for series in read_rate_file(file))
        return self

    @property
    def table(self) -> RateTable:
        """The rates of all files, as they were read. Two settings are equal only if these are."""
        return self._table


NO_RATE_FILES = RatesSettings()
