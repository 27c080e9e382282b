"""The function counter sees a request's way to its providers, and its end at the cache."""

from benchmarks.functions import CallCounter, count_calls
from providers.cache.memory import ResourceCache
from providers.transport.client import ApiClient


async def test_a_warm_request_ends_at_the_cache() -> None:
    cold, *_, warm = await count_calls()

    assert (_calls(cold, ResourceCache.find) > 0, _calls(cold, ApiClient.get) > 0) == (True, True)
    assert (_calls(warm, ResourceCache.find) > 0, _calls(warm, ApiClient.get) > 0) == (True, False)


def _calls(counter: CallCounter, function: object) -> int:
    return counter.calls[function.__code__]  # type: ignore[attr-defined]
