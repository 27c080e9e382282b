"""Debian's Prometheus, configured by deploy/prometheus, which scrapes a service of a test every second."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml

from .rendered import DEPLOY

PROMETHEUS = shutil.which("prometheus")
Series = list[tuple[dict[str, str], float]]  # labels and value


class Prometheus:
    """The HTTP API of a running Prometheus."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url, self._client = url, client

    async def query(self, expression: str) -> Series:
        """Return the series of an expression at this moment. Fails if it is no vector."""
        data = await self._get("query", query=expression)
        assert data["resultType"] == "vector", expression
        return [(each["metric"], float(each["value"][1])) for each in data["result"]]

    async def scrapes(self) -> int:
        """Return the number of complete scrapes of the service so far."""
        series = await self.query('count_over_time(up{job="invoicegraph"}[1h])')
        return int(series[0][1]) if series else 0

    async def wait_for_scrapes(self, more: int) -> None:
        """Wait until the service was scraped so many more times."""
        until = await self.scrapes() + more
        async with asyncio.timeout(20):
            while await self.scrapes() < until:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.1)

    async def firing_or_pending(self) -> set[str]:
        return {each["labels"]["alertname"] for each in (await self._get("alerts"))["alerts"]}

    async def _get(self, path: str, **parameters: str) -> Any:
        response = await self._client.get(f"/api/v1/{path}", params=parameters)
        assert response.status_code == 200, response.text
        return response.json()["data"]


@asynccontextmanager
async def prometheus_of(metrics_url: str, folder: Path) -> AsyncIterator[Prometheus]:
    """Run Prometheus with the configuration of deploy/, changed in its target and its intervals only."""
    configuration = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["scrape_configs"] = configuration["scrape_configs"][:1]
    configuration["scrape_configs"][0]["static_configs"] = [{"targets": [urlsplit(metrics_url).netloc]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    shutil.copy(DEPLOY / "prometheus/alerts.yml", folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        str(PROMETHEUS),
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={address}",
        "--log.level=error",
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
            await _wait_until_ready(client)
            yield Prometheus(f"http://{address}", client)
    finally:
        process.terminate()
        await process.wait()


async def _wait_until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if (await client.get("/-/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
