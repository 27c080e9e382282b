"""The streams, read by common JavaScript clients."""

import asyncio
import json
from typing import Any

import pytest

from providers.sandbox import Fault
from tests import node
from tests.harness import Service

from .clients import polling_service, wait_for_polls


async def _receive(client: str, service: Service) -> list[Any]:
    """The results that a client prints."""
    output = await node.run_script("streams.mjs", client, f"{service.url}/graphql")
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse"])
async def test_client_receives_a_change(client: str) -> None:
    async with polling_service() as service:
        results = asyncio.create_task(_receive(client, service))
        await wait_for_polls(service, "fastly", 2)
        new_invoice = service.api("fastly").post_invoice()

        assert await results == [{"kind": "NEW", "invoice": {"id": f"fastly/sandbox-fastly/invoice/{new_invoice}"}}]


@pytest.mark.parametrize("format_name", ["current format", "older format"])
async def test_apollo_client_shows_the_fast_provider_first(service: Service, format_name: str) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=1))

    assert await _receive(f"apollo, {format_name}", service) == [["archera"], ["archera", "fastly"]]
