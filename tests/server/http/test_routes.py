"""The probes of an orchestrator."""

from tests.harness import Service


async def test_healthz_and_readyz_respond(service: Service) -> None:
    assert (await service.client.get("/healthz")).json() == {"status": "ok"}
    assert (await service.client.get("/readyz")).json() == {"status": "ready"}
