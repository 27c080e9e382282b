"""A refused request costs little: less than 50 ms of CPU, and no provider call."""

import time

import pytest

from tests.harness import Service
from tests.server.refusals import Refusal, refusals

MAX_CPU_SECONDS, MAX_ATTEMPTS = 0.05, 10  # of one request, its client included


async def send(service: Service, refusal: Refusal) -> float:
    """Send the request. Returns the CPU time of this process, which is the client's and the service's."""
    request = service.client.build_request(refusal.method, refusal.url, content=refusal.body, headers=refusal.headers)
    start = time.process_time()
    response = await service.client.send(request)
    seconds = time.process_time() - start
    codes = {error["extensions"]["code"] for error in response.json()["errors"]}
    assert (response.status_code, codes) == (refusal.status, {refusal.code}), (refusal.name, response.text[:300])
    return seconds


async def test_refusals_make_no_provider_call(service: Service) -> None:
    for refusal in refusals():
        await send(service, refusal)

        assert service.all_calls() == [], refusal.name


@pytest.mark.exclusive
async def test_refusals_cost_less_than_50_ms(service: Service) -> None:
    """The least of some attempts counts: the garbage collector and other programs disturb single ones."""
    for refusal in refusals():
        attempts = [await send(service, refusal)]
        while min(attempts) >= MAX_CPU_SECONDS and len(attempts) < MAX_ATTEMPTS:
            attempts.append(await send(service, refusal))

        assert min(attempts) < MAX_CPU_SECONDS, refusal.name
