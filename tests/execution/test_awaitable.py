"""A lazy awaitable starts its work when it is awaited, and not before."""

from execution.awaitable import LazyAwaitable


async def test_lazy_awaitable_starts_when_awaited() -> None:
    calls = []

    async def fetch() -> int:
        calls.append("fetch")
        return 5

    dropped, lazy = LazyAwaitable(fetch), LazyAwaitable(fetch)
    del dropped

    assert calls == []
    assert await lazy == 5
    assert calls == ["fetch"]
