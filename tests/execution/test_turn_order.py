"""Which work gets the next turn."""

import asyncio

from execution.turns import Turns, Work, give_back

from .clock import Clock


async def test_short_work_passes_long_work() -> None:
    clock, log = Clock(), list[str]()
    turns = Turns(1, clock)

    async def run(name: str, seconds: int, arrival: int = 0) -> None:
        while clock.seconds < arrival:  # noqa: ASYNC110 (the clock has no event)
            await asyncio.sleep(0)

        def steps() -> None:
            for _ in range(seconds):
                give_back()
                log.append(name)
                clock.seconds += 1

        await Work(turns).run(steps)

    await asyncio.gather(run("a", 9), run("b", 9), run("c", 3, arrival=8))

    assert "".join(log) == "aaabbbabcccababababab"  # the first three seconds of each are short


async def test_long_work_goes_on_beside_short_work() -> None:
    clock, log = Clock(), list[str]()
    turns = Turns(1, clock)

    async def run(name: str, seconds: int) -> None:
        def steps() -> None:
            for _ in range(seconds):
                give_back()
                log.append(name)
                clock.seconds += 1

        work = Work(turns)
        await work.start()
        await work.run(steps)

    async def arrive_one_by_one() -> None:
        for _ in range(20):
            await run("short", 1)

    await asyncio.gather(run("long", 8), arrive_one_by_one(), arrive_one_by_one())

    assert log.count("long") == 8
    assert log[-1] == "short"  # they go on after its end
