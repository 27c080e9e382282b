"""The service over HTTP: health, pages, refusals."""

from tests.harness import Service


async def test_health_and_readiness_answer(service: Service) -> None:
    assert (await service.client.get("/healthz")).json() == {"status": "ok"}
    assert (await service.client.get("/readyz")).json() == {"status": "ready"}
