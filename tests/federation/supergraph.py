"""The example supergraph over a service of the test's own, and what its gateways ask of that service."""

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


class Relay:
    """Stands before a service and keeps what it is asked."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append(json.loads(body))
        headers = {name: request.headers[name] for name in ("accept", "content-type") if name in request.headers}
        answer = await self._service.client.post("/graphql", content=body, headers=headers)
        answered = Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])
        await answered(scope, receive, send)


@dataclass(frozen=True)
class Supergraph:
    """Its gateways' addresses, and what they ask."""

    gateways: dict[str, str]
    service: Service
    relay: Relay

    async def data(self, gateway: str, query: str) -> Any:
        """The data of an operation that has no errors, all of it asked anew."""
        self.relay.asked.clear()
        self.service.forget_calls()
        return await data(self.gateways[gateway], query)


@asynccontextmanager
async def supergraph(service: Service) -> AsyncIterator[Supergraph]:
    relay = Relay(service)
    async with serve(relay) as url, started(node.NODE, "start.js", "--port", "0", "--invoicegraph", url) as gateways:
        yield Supergraph(gateways, service, relay)


@asynccontextmanager
async def started(*command: str) -> AsyncIterator[dict[str, str]]:
    """The address of each gateway of the example."""
    async with node.running(*command, lines=3, folder=EXAMPLE) as said:
        gateways = dict(re.findall(r"^(\w+) Gateway answers at (\S+)$", said, re.MULTILINE))
        assert list(gateways) == ["Apollo", "Hive"], said
        yield gateways


async def data(url: str, query: str) -> Any:
    """The data of an operation that has no errors."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        answer = (await client.post(url, json={"query": query})).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]
