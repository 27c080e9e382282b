"""A clock for tests of turns."""


class Clock:
    """A clock that stands still until `seconds` is set."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds
