"""Deferred parts and subscriptions in Apollo Client, urql and Relay, set up as docs/clients.md says."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from providers.sandbox import Fault
from tests import node
from tests.harness import Service
from tests.streams.clients import looked_at, watching

from .documented import said


@pytest.mark.parametrize("script", ["apolloStreams", "urqlStreams"])
async def test_the_fast_provider_is_shown_before_the_slow_one_has_answered(
    script: str, service: Service, app: Path
) -> None:
    fastly = service.control("fastly")
    fastly.faults.append(Fault(kind="delay", seconds=3))
    command = (node.NODE, f"built/{script}.js", f"{service.url}/graphql", "deferred")
    async with node.running(*command, lines=1, folder=app) as shown:
        assert json.loads(shown) == ["archera"]
        async with asyncio.timeout(2):  # which is less than it takes to answer
            await fastly.until(in_flight=1)


@pytest.mark.parametrize("script", ["apolloStreams", "urqlStreams"])
async def test_the_slow_provider_is_shown_once_it_has(script: str, service: Service, app: Path) -> None:
    service.control("fastly").faults.append(Fault(kind="delay", seconds=0.5))

    assert await said(app, script, service, "deferred") == [["archera"], ["archera", "fastly"]]


@pytest.mark.parametrize("script", ["apolloStreams", "urqlStreams"])
async def test_a_change_is_heard_of(script: str, app: Path) -> None:
    await hears(app, script, "changed")


async def test_relay_hears_of_a_change(relay: Path) -> None:
    await hears(relay, "relayStreams")


async def hears(program: Path, script: str, *arguments: str) -> None:
    async with watching() as service:
        heard = asyncio.create_task(said(program, script, service, *arguments))
        await looked_at(service, "fastly", 2)
        posted = service.api("fastly").post_invoice()
        [change] = await heard

    assert plain(change) == {"kind": "NEW", "invoice": {"id": f"fastly/sandbox-fastly/invoice/{posted}"}}


def plain(value: Any) -> Any:
    """Without the names of types, for which Apollo Client asks as well."""
    if not isinstance(value, dict):
        return value
    return {key: plain(part) for key, part in value.items() if key != "__typename"}
