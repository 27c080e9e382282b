"""When the circuit breaker opens, lets a probe through, and closes."""

from providers.transport.circuit_breaker import CircuitBreaker


class Clock:
    """A clock that shows `now`, which tests set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def open_breaker(clock: Clock) -> CircuitBreaker:
    """Return a breaker that five failures opened at time 0."""
    breaker = CircuitBreaker(failures=5, probe_interval_seconds=10, clock=clock)
    for _ in range(5):
        assert breaker.allow_request()
        breaker.record_failure()
    return breaker


def test_opens_after_failures_in_a_row() -> None:
    breaker = open_breaker(Clock())

    assert breaker.is_open()
    assert not breaker.allow_request()


def test_a_success_resets_the_failure_count() -> None:
    breaker = CircuitBreaker(failures=5)
    for _ in range(4):
        breaker.record_failure()
    breaker.record_success()
    for _ in range(4):
        breaker.record_failure()

    assert breaker.allow_request()
    assert not breaker.is_open()


def test_half_open_allows_one_probe_per_interval() -> None:
    clock = Clock()
    breaker = open_breaker(clock)

    allowed = {}
    for clock.now in (9.9, 10.0, 15.0, 19.9, 20.0):
        allowed[clock.now] = [breaker.allow_request() for _ in range(3)]

    assert allowed == {
        9.9: [False] * 3,
        10.0: [True, False, False],
        15.0: [False] * 3,
        19.9: [False] * 3,
        20.0: [True, False, False],
    }


def test_a_successful_probe_closes_it() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now = 10
    assert breaker.allow_request()

    breaker.record_success()

    assert [breaker.allow_request() for _ in range(3)] == [True] * 3


def test_a_failed_probe_keeps_it_open_for_an_interval() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    clock.now = 10
    assert breaker.allow_request()

    breaker.record_failure()

    assert not breaker.allow_request()
    clock.now = 20
    assert breaker.allow_request()


def test_late_failures_do_not_postpone_the_probe() -> None:
    clock = Clock()
    breaker = open_breaker(clock)
    for clock.now in (3, 6, 9):
        breaker.record_failure()

    clock.now = 10

    assert breaker.allow_request()
