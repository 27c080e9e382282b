"""Long computations in steps, so that other requests go on and a deadline ends them.

For asynchronous code, which can await. `execution.turns.give_back` serves synchronous code, which cannot.
"""

import asyncio

STEPS_PER_TURN = 200  # of 10 to 20 microseconds each


class Pacer:
    """Lets the event loop run after every `STEPS_PER_TURN` steps of one request's computation."""

    def __init__(self) -> None:
        self._steps = 0

    async def step(self) -> None:
        """Count one step."""
        self._steps += 1
        if self._steps == STEPS_PER_TURN:
            self._steps = 0
            await asyncio.sleep(0)
