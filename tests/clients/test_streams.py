"""Deferred parts and subscriptions in Apollo Client, urql and Relay, set up as in docs/clients.md."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from providers.sandbox import Fault
from tests import node
from tests.harness import Service
from tests.streams.clients import polling_service, wait_for_polls

from .documented import run_script


@pytest.mark.parametrize("script", ["apolloStreams", "urqlStreams"])
async def test_fast_provider_is_shown_while_slow_one_runs(script: str, service: Service, app: Path) -> None:
    fastly = service.control("fastly")
    fastly.faults.append(Fault(kind="delay", seconds=3))
    command = (node.NODE, f"built/{script}.js", f"{service.url}/graphql", "deferred")
    async with node.running_command(*command, lines=1, folder=app) as line:
        assert json.loads(line) == ["archera"]
        async with asyncio.timeout(2):  # less than the delay, so Fastly has not responded yet
            await fastly.wait_for_in_flight(in_flight=1)


@pytest.mark.parametrize("script", ["apolloStreams", "urqlStreams"])
async def test_slow_provider_is_shown_after_the_fast_one(script: str, service: Service, app: Path) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.5))

    assert await run_script(app, script, service, "deferred") == [["archera"], ["archera", "fastly"]]


@pytest.mark.parametrize("script", ["apolloStreams", "urqlStreams"])
async def test_client_receives_a_change(script: str, app: Path) -> None:
    await check_change(app, script, "changed")


async def test_relay_receives_a_change(relay: Path) -> None:
    await check_change(relay, "relayStreams")


async def check_change(program: Path, script: str, *arguments: str) -> None:
    async with polling_service() as service:
        results = asyncio.create_task(run_script(program, script, service, *arguments))
        await wait_for_polls(service, "fastly", 2)
        new_invoice = service.api("fastly").post_invoice()
        [change] = await results

    assert without_typenames(change) == {
        "kind": "NEW",
        "invoice": {"id": f"fastly/sandbox-fastly/invoice/{new_invoice}"},
    }


def without_typenames(value: Any) -> Any:
    """Return a value without `__typename`, which Apollo Client adds to its queries."""
    if not isinstance(value, dict):
        return value
    return {key: without_typenames(part) for key, part in value.items() if key != "__typename"}
