"""The streams as the usual JavaScript clients read them."""

import asyncio
import json
from typing import Any

import pytest

from providers.sandbox import Fault
from tests import node
from tests.harness import Service

from .clients import looked_at, watching


async def _heard(client: str, service: Service) -> list[Any]:
    said = await node.run("streams.mjs", client, f"{service.url}/graphql")
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse"])
async def test_a_client_hears_of_a_change(client: str) -> None:
    async with watching() as service:
        heard = asyncio.create_task(_heard(client, service))
        await looked_at(service, "fastly", 2)
        posted = service.api("fastly").post_invoice()

        assert await heard == [{"kind": "NEW", "invoice": {"id": f"fastly/sandbox-fastly/invoice/{posted}"}}]


@pytest.mark.parametrize("incremental", ["current format", "older format"])
async def test_apollo_client_shows_the_fast_provider_before_the_slow_one(service: Service, incremental: str) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=1))

    assert await _heard(f"apollo, {incremental}", service) == [["archera"], ["archera", "fastly"]]
