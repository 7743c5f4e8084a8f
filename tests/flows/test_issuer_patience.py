"""Rate, retries and circuit breaker, with a clock that only moves when somebody sleeps."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from flows.issuer.patience import ATTEMPTS, LONGEST_WAIT, Breaker, Pace, PatientIssuer
from flows.issuer.port import IssuerUnreachable, Reason, Reply, Word
from validators.issuer import Question

QUESTION = Question("hd12", "10000000078", "0" * 64)
DOWN = IssuerUnreachable(Reason.CONNECTION, again=True)
WRONG = IssuerUnreachable(Reason.NOT_UNDERSTOOD)
YES = Reply(Word.IDENTICAL)


@dataclass
class World:
    """A clock, and an issuer that says one thing after another; the last one for ever."""

    script: Sequence[Reply | Exception]
    now: float = 100.0
    asked: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def ask(self, question: Question) -> Reply:
        assert question is QUESTION
        said = self.script[min(len(self.asked), len(self.script) - 1)]
        self.asked.append(self.now)
        if isinstance(said, Exception):
            raise said
        return said

    def patient(self, failures: int = 100, pause: float = 60.0, rate: float = 1000.0) -> PatientIssuer:
        breaker = Breaker(failures, pause, self.clock)
        return PatientIssuer(self, Pace(rate, self.clock, self.sleep), breaker, self.sleep)


def reason_of(issuer: PatientIssuer) -> Reason:
    with pytest.raises(IssuerUnreachable) as caught:
        issuer.ask(QUESTION)
    return caught.value.reason


def test_what_may_help_is_tried_again_after_a_wait() -> None:
    world = World([DOWN, DOWN, YES])
    assert world.patient().ask(QUESTION) is YES
    assert len(world.asked) == 3
    assert world.asked == sorted(world.asked)


def test_it_is_tried_so_many_times_and_no_more() -> None:
    world = World([DOWN])
    assert reason_of(world.patient()) is Reason.CONNECTION
    assert len(world.asked) == ATTEMPTS
    assert world.now - 100.0 <= LONGEST_WAIT * ATTEMPTS


def test_what_cannot_help_is_not_tried_again() -> None:
    world = World([WRONG])
    assert reason_of(world.patient()) is Reason.NOT_UNDERSTOOD
    assert len(world.asked) == 1


@pytest.mark.parametrize(("wanted", "waited"), [(7.0, 7.0), (3600.0, LONGEST_WAIT)])
def test_it_waits_as_long_as_the_issuer_wants_within_reason(wanted: float, waited: float) -> None:
    world = World([IssuerUnreachable(Reason.BUSY, 429, again=True, after=wanted), YES])
    world.patient().ask(QUESTION)
    assert world.asked[1] - world.asked[0] == pytest.approx(waited, abs=0.01)


def test_the_waits_differ_from_one_another() -> None:
    waits = set()
    for _ in range(20):
        world = World([DOWN, YES])
        world.patient().ask(QUESTION)
        waits.add(world.asked[1] - world.asked[0])
    assert len(waits) > 1


def test_requests_keep_to_the_rate() -> None:
    world = World([YES])
    issuer = world.patient(rate=4.0)
    for _ in range(5):
        issuer.ask(QUESTION)
    assert world.asked == [100.0, 100.25, 100.5, 100.75, 101.0]


def test_after_many_failures_in_a_row_the_issuer_is_left_alone() -> None:
    world = World([WRONG])
    issuer = world.patient(failures=3)
    assert [reason_of(issuer) for _ in range(6)] == [Reason.NOT_UNDERSTOOD] * 3 + [Reason.GIVEN_UP] * 3
    assert len(world.asked) == 3


def test_failures_that_are_not_in_a_row_do_not_count() -> None:
    world = World([WRONG, WRONG, YES, WRONG, WRONG, YES])
    issuer = world.patient(failures=3)
    for _ in range(2):
        assert reason_of(issuer) is Reason.NOT_UNDERSTOOD
        assert reason_of(issuer) is Reason.NOT_UNDERSTOOD
        assert issuer.ask(QUESTION) is YES


def test_an_open_breaker_costs_no_time() -> None:
    world = World([WRONG])
    issuer = world.patient(failures=1, rate=0.01)
    reason_of(issuer)
    before = world.now
    for _ in range(1000):
        assert reason_of(issuer) is Reason.GIVEN_UP
    assert world.now == before


def test_after_the_pause_one_request_decides() -> None:
    world = World([WRONG, WRONG, WRONG, YES])
    issuer = world.patient(failures=2, pause=60.0)
    assert [reason_of(issuer) for _ in range(2)] == [Reason.NOT_UNDERSTOOD] * 2
    world.sleep(59.0)
    assert reason_of(issuer) is Reason.GIVEN_UP
    world.sleep(1.0)
    assert [reason_of(issuer) for _ in range(2)] == [Reason.NOT_UNDERSTOOD, Reason.GIVEN_UP]
    world.sleep(60.0)
    assert issuer.ask(QUESTION) is YES
    assert issuer.ask(QUESTION) is YES


def test_only_one_request_tries_at_a_time() -> None:
    world = World([YES])
    breaker = Breaker(1, 60.0, world.clock)
    with pytest.raises(IssuerUnreachable), breaker.guard():
        raise WRONG
    world.sleep(60.0)
    with breaker.guard(), pytest.raises(IssuerUnreachable, match="given_up"), breaker.guard():
        pytest.fail("a second request was let through")
    assert breaker.seconds_left() == 0.0


def test_a_trial_that_ends_by_a_fault_of_ours_lets_the_next_one_try() -> None:
    world = World([YES])
    breaker = Breaker(1, 60.0, world.clock)
    for _ in range(2):
        with pytest.raises(KeyError), breaker.guard():
            raise KeyError
        assert breaker.seconds_left() == 60.0
        world.sleep(60.0)
    with breaker.guard():
        pass
    assert breaker.seconds_left() == 0.0


def test_opening_is_logged_once_without_the_question(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    issuer = World([WRONG]).patient(failures=2)
    for _ in range(10):
        reason_of(issuer)
    assert [record.message for record in caplog.records if record.name.startswith("flows")] == [
        "issuer: no answer (not_understood); not asked for the next 60 seconds"
    ]
    assert QUESTION.national_id not in caplog.text
