"""When a provider that fails is left alone, and when it is tried again."""

from providers.transport.circuit_breaker import CircuitBreaker


class Clock:
    """Says what it is set to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> CircuitBreaker:
    """By five failures at time 0."""
    breaker = CircuitBreaker(failures=5, seconds=10, clock=clock)
    for _ in range(5):
        assert breaker.allow_request()
        breaker.record_failure()
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    breaker = opened(Clock())

    assert breaker.is_open()
    assert not breaker.allow_request()


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = CircuitBreaker(failures=5)
    for _ in range(4):
        breaker.record_failure()
    breaker.record_success()
    for _ in range(4):
        breaker.record_failure()

    assert breaker.allow_request()
    assert not breaker.is_open()


def test_half_open_it_admits_one_probe_in_each_interval() -> None:
    clock = Clock()
    breaker = opened(clock)

    admitted = {}
    for clock.now in (9.9, 10.0, 15.0, 19.9, 20.0):
        admitted[clock.now] = [breaker.allow_request() for _ in range(3)]

    assert admitted == {
        9.9: [False] * 3,
        10.0: [True, False, False],
        15.0: [False] * 3,
        19.9: [False] * 3,
        20.0: [True, False, False],
    }


def test_a_probe_that_succeeds_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 10
    assert breaker.allow_request()

    breaker.record_success()

    assert [breaker.allow_request() for _ in range(3)] == [True] * 3


def test_a_probe_that_fails_keeps_it_open_for_one_more_interval() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 10
    assert breaker.allow_request()

    breaker.record_failure()

    assert not breaker.allow_request()
    clock.now = 20
    assert breaker.allow_request()


def test_calls_that_were_out_when_it_opened_put_off_no_probe() -> None:
    clock = Clock()
    breaker = opened(clock)
    for clock.now in (3, 6, 9):
        breaker.record_failure()

    clock.now = 10

    assert breaker.allow_request()
