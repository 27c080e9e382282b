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


async def test_long_work_rests_after_a_step_that_exceeds_its_turn() -> None:
    clock, log = Clock(), list[str]()

    def steps() -> None:
        for _ in range(4):
            give_back()
            log.append("long")
            clock.seconds += 0.02

    async def go_on() -> None:
        while True:
            log.append(".")
            clock.seconds += 0.001
            await asyncio.sleep(0)

    other = asyncio.create_task(go_on())
    await Work(Turns(0.002, clock)).run(steps)
    other.cancel()

    _, after_short_step, *rests = "".join(log).split("long")[:-1]
    assert len(after_short_step) <= 3
    assert [len(rest) >= 18 for rest in rests] == [True, True]  # of 1 ms each: the step was 18 ms longer than a turn
