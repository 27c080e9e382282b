"""The `[metrics]` table: where the metrics for Prometheus are served."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from providers.settings import MAX_PORT


class MetricsSettings(BaseModel):
    """The `[metrics]` table. Without it there are no metrics."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=MAX_PORT)] = 9464  # the usual one of OpenTelemetry's exporters
