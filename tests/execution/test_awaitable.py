"""An answer that is to come is asked for when somebody waits for it, and not before."""

from execution.awaitable import LazyAwaitable


async def test_what_is_to_come_is_asked_for_by_who_waits_for_it() -> None:
    asked = []

    async def ask() -> int:
        asked.append("asked")
        return 5

    left, awaited = LazyAwaitable(ask), LazyAwaitable(ask)
    del left

    assert asked == []
    assert await awaited == 5
    assert asked == ["asked"]
