"""The example supergraph over a service of the test, and the requests of its gateways to that service."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from providers.sandbox import serve
from tests import node
from tests.harness import Service

EXAMPLE = Path(__file__).parents[2] / "examples" / "supergraph"


class RecordingProxy:
    """A proxy before a service, which records the bodies of requests."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.requests: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.requests.append(json.loads(body))
        headers = {name: request.headers[name] for name in ("accept", "content-type") if name in request.headers}
        response = await self._service.client.post("/graphql", content=body, headers=headers)
        forwarded = Response(response.content, response.status_code, media_type=response.headers["content-type"])
        await forwarded(scope, receive, send)


@dataclass(frozen=True)
class Supergraph:
    """The URLs of the gateways by name, the service, and the proxy between them."""

    gateways: dict[str, str]
    service: Service
    proxy: RecordingProxy

    async def data(self, gateway: str, query: str) -> Any:
        """Return the data of an operation without errors. Resets the recorded requests and calls before."""
        self.proxy.requests.clear()
        self.service.reset_calls()
        return await query_data(self.gateways[gateway], query)


@asynccontextmanager
async def supergraph(service: Service) -> AsyncIterator[Supergraph]:
    proxy = RecordingProxy(service)
    async with (
        serve(proxy) as url,
        start_gateways(node.NODE, "start.js", "--port", "0", "--invoicegraph", url) as gateways,
    ):
        yield Supergraph(gateways, service, proxy)


@asynccontextmanager
async def start_gateways(*command: str, environment: dict[str, str] | None = None) -> AsyncIterator[dict[str, str]]:
    """Run a command that starts the gateways of the example. Yields their URLs by name."""
    async with node.running_command(*command, lines=3, folder=EXAMPLE, environment=environment) as output:
        gateways = dict(re.findall(r"^(\w+) Gateway answers at (\S+)$", output, re.MULTILINE))
        assert list(gateways) == ["Apollo", "Hive"], output
        yield gateways


async def query_data(url: str, query: str, **headers: str) -> Any:
    """Return the data of an operation without errors."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        response = (await client.post(url, json={"query": query}, headers=headers)).json()
    assert "errors" not in response, response["errors"]
    return response["data"]
