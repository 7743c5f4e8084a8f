from datetime import UTC, datetime, timedelta

import pytest

from flows.alarms import ENOUGH, alarms, flagged_jump, queue_too_old, too_many_failures
from storage.columns import now
from storage.nights import LookBack, Night
from storage.runs import Counts
from storage.settings import load_settings

START = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)


def night(flagged: int, judged: int = 100, failed: int = 0) -> Night:
    """A night with so many flagged of those judged."""
    counts = Counts(judged + failed, judged - flagged, flagged, 0, failed)
    return Night("run", START, START + timedelta(hours=1), counts)


@pytest.mark.parametrize(
    ("flagged", "rings"), [(20, False), (40, False), (41, True), (100, True), (0, False)]
)
def test_a_jump_rings_only_when_it_passes_the_limit(flagged: int, rings: bool) -> None:
    assert (flagged_jump(night(flagged), [night(20)] * 7, 0.2) is not None) == rings


def test_a_jump_is_against_all_the_nights_together() -> None:
    earlier = [night(10), night(30), night(0, judged=1)]
    alarm = flagged_jump(night(50), earlier, 0.2)
    assert alarm is not None
    assert alarm.payload == {"share": 0.5, "usual": 0.199, "limit": 0.2}


@pytest.mark.parametrize(
    ("this", "earlier"),
    [
        (night(100), []),
        (night(0, judged=0), [night(20)]),
        (night(ENOUGH - 1, judged=ENOUGH - 1), [night(20)]),
        (night(100), [night(0, judged=ENOUGH - 1)]),
    ],
)
def test_too_little_to_compare_rings_nothing(this: Night, earlier: list[Night]) -> None:
    assert flagged_jump(this, earlier, 0.2) is None


def test_just_enough_rings() -> None:
    assert flagged_jump(night(ENOUGH, judged=ENOUGH), [night(0, judged=ENOUGH)], 0.2) is not None


def test_failures_ring_above_the_limit() -> None:
    assert too_many_failures(10, 10) is None
    alarm = too_many_failures(11, 10)
    assert alarm is not None
    assert alarm.payload == {"failed": 11, "limit": 10}


def test_an_old_queue_rings() -> None:
    assert queue_too_old(None, 10) is None
    assert queue_too_old(10.0, 10) is None
    alarm = queue_too_old(10.26, 10)
    assert alarm is not None
    assert alarm.payload == {"days": 10.3, "limit": 10}


def test_the_settings_are_the_limits() -> None:
    back = LookBack(night(50, failed=11), [night(20)], parked=11, oldest_waiting=now() - timedelta(days=11))
    assert [alarm.name for alarm in alarms(back, load_settings())] == [
        "flagged-share",
        "failures",
        "queue-age",
    ]
    patient = load_settings(alarm_flagged_jump=0.5, alarm_failures=11, alarm_queue_days=12)
    assert list(alarms(back, patient)) == []
