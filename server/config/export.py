"""The `[export]` table: bounds of the files that the service makes."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_MEGABYTE = 1_000_000


class ExportSettings(BaseModel):
    """The `[export]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most: Annotated[int, Field(strict=True, ge=1)] = 2  # files that each worker makes at once
    megabytes: Annotated[int, Field(strict=True, ge=1)] = 512  # of all files that are made or sent, divided by workers
    deadline: Annotated[float, Field(gt=0, le=3_600)] = 120  # seconds in which a file is made
    max_provider_calls: Annotated[int, Field(strict=True, ge=1)] = 4_000  # for one file

    @property
    def max_bytes(self) -> int:
        return self.megabytes * _MEGABYTE


DEFAULT_EXPORT = ExportSettings()
