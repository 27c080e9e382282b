"""A service with metrics, and what Prometheus reads from it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from providers.sandbox import Sandbox
from server.telemetry.telemetry import MetricsPort, ProcessMetrics, Telemetry
from tests.harness import Service, running_service

Samples = dict[str, float]


class Metrics:
    """The port of the metrics."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def get(self, path: str = "/metrics", **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(f"{self.url}{path}", headers=headers)

    async def samples(self, name: str) -> Samples:
        """Return the samples of a metric that are not 0, by the values of their labels, sorted by the labels' names."""
        families = text_string_to_metric_families((await self.get()).text)
        samples = (sample for family in families for sample in family.samples)
        return {
            " ".join(sample.labels[label] for label in sorted(sample.labels)): sample.value
            for sample in samples
            if sample.name == f"invoicegraph_{name}" and sample.value
        }


@asynccontextmanager
async def measured_service(sandbox: Sandbox | None = None, **options: Any) -> AsyncIterator[tuple[Service, Metrics]]:
    """Run the service as `running_service` does, with metrics."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    telemetry = Telemetry(ProcessMetrics(MetricsPort(listener)))
    async with running_service(sandbox, telemetry=telemetry, **options) as service:
        yield service, Metrics(f"http://127.0.0.1:{port}")
