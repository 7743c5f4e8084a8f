from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from storage.columns import now
from storage.database import Database
from storage.inbox import discover
from storage.models import Run, RunEnd
from storage.nights import NIGHTS, Night, ToDo, flagged_share, look_back, to_do
from storage.queue import MAX_ATTEMPTS, PAUSES, claim, record_failures, store_readings
from storage.runs import Counts
from tests.storage.samples import OWNER, Inbox, application, statement

FIRST = datetime(2026, 11, 1, 22, 30, tzinfo=UTC)


def enter(database: Database, name: str, day: int, inbox: str = "/inbox", **values: Any) -> str:
    """Enter the run of a night: forty minutes, eight verified, two flagged, unless said otherwise."""
    started = FIRST + timedelta(days=day)
    row = {
        "id": name,
        "inbox": inbox,
        "policy": "kilavuz",
        "pipeline_version": "1",
        "started_at": started,
        "finished_at": started + timedelta(minutes=40),
        "ended": RunEnd.FINISHED,
        "applications": 10,
        "verified": 8,
        "flagged": 2,
        "unchanged": 0,
        "failed": 0,
        **values,
    }
    database.transact(lambda work: work.session.execute(insert(Run).values(row)))
    return name


def test_a_night_is_seen_beside_the_last_ones_of_its_inbox(database: Database) -> None:
    names = [enter(database, f"night-{day}", day) for day in range(NIGHTS + 3)]
    *_, before, run, _later = names
    back = database.read(lambda work: look_back(work, run))
    assert back.night.run == run
    assert [night.run for night in back.earlier] == names[NIGHTS:0:-1]
    assert back.earlier[0] == Night(
        before,
        FIRST + timedelta(days=NIGHTS),
        FIRST + timedelta(days=NIGHTS, minutes=40),
        Counts(10, 8, 2, 0, 0, 0),
    )


def test_nights_that_judged_nothing_or_broke_off_and_other_inboxes_are_no_measure(database: Database) -> None:
    enter(database, "nothing new", 0, verified=0, flagged=0, unchanged=10)
    enter(database, "elsewhere", 1, inbox="/other")
    enter(database, "killed", 2, ended=RunEnd.INTERRUPTED, finished_at=None, verified=None, flagged=None)
    enter(database, "running", 3, ended=None, finished_at=None, verified=None, flagged=None)
    enter(database, "until its hour", 4, ended=RunEnd.DEADLINE, waiting=90)
    run = enter(database, "this", 5)
    back = database.read(lambda work: look_back(work, run))
    assert [night.run for night in back.earlier] == ["until its hour"]


def test_the_share_of_nights_is_that_of_all_their_applications(database: Database) -> None:
    enter(database, "large", 0, verified=90, flagged=10)
    enter(database, "small", 1, verified=0, flagged=1)
    run = enter(database, "this", 2)
    back = database.read(lambda work: look_back(work, run))
    assert flagged_share(back.earlier) == pytest.approx(11 / 101)
    assert flagged_share([back.night]) == pytest.approx(0.2)
    assert flagged_share([]) is None


def test_a_night_tells_how_long_it_took_for_how_many() -> None:
    night = Night("n", FIRST, FIRST + timedelta(seconds=50), Counts(300, 80, 20, 200, 0))
    assert (night.seconds, night.judged) == (50, 100)


def test_what_is_left_behind_is_seen(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.queue.PAUSES", (timedelta(0),) * len(PAUSES))
    inbox.put(application("A-0", day="2026-11-02"), statement())
    discover(inbox.database, inbox.source)
    for _ in range(MAX_ATTEMPTS):
        claim(inbox.database, inbox.name, OWNER, 1)
        record_failures(inbox.database, OWNER, {"A-0": "INTERNAL_ERROR"})
    inbox.put(application("A-1", day="2026-11-05"), statement())
    inbox.put(application("A-2", day="2026-11-06"), statement())
    discover(inbox.database, inbox.source)
    claims = claim(inbox.database, inbox.name, OWNER, 1)
    left = inbox.database.read(lambda work: to_do(work, inbox.name))
    assert left == ToDo(unread=2, unjudged=0), "what is parked is nothing to do"
    store_readings(inbox.database, OWNER, [inbox.read(claims[0])])
    assert inbox.database.read(lambda work: to_do(work, inbox.name)) == ToDo(unread=1, unjudged=1)
    assert inbox.database.read(lambda work: to_do(work, "/other")) == ToDo(0, 0)
    run = enter(inbox.database, "this", 5, inbox=inbox.name)
    back = inbox.database.read(lambda work: look_back(work, run))
    assert back.parked == 1
    assert back.oldest_waiting == datetime(2026, 11, 6, 11, 5, tzinfo=UTC)
    assert back.queue_days == pytest.approx((now() - back.oldest_waiting) / timedelta(days=1), abs=0.01)


def test_nothing_waits_after_a_whole_night(inbox: Inbox) -> None:
    inbox.put(application("A-0"), statement())
    inbox.run()
    run = enter(inbox.database, "this", 5, inbox=inbox.name)
    assert inbox.database.read(lambda work: look_back(work, run)).queue_days is None


@pytest.mark.parametrize(
    ("left", "percent"),
    [(ToDo(100, 0), 0), (ToDo(50, 0), 50), (ToDo(0, 100), 90), (ToDo(0, 50), 95), (ToDo(0, 0), 99)],
)
def test_reading_is_nine_tenths_of_the_work(left: ToDo, percent: int) -> None:
    assert ToDo(100, 0).percent_done(left) == percent


_counts = st.integers(0, 10**6)


@given(st.builds(ToDo, _counts, _counts), st.builds(ToDo, _counts, _counts))
def test_a_percentage_is_one_whatever_came_meanwhile(work: ToDo, left: ToDo) -> None:
    assert 0 <= work.percent_done(left) <= 99
