import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from extractors.facts import Document, Media
from storage.cases import load_cases
from storage.columns import now
from storage.inbox import discover
from storage.models import ApplicationRow, ApplicationState, DocumentRow, Version
from storage.queue import (
    FOLDER_CHANGED,
    MAX_ATTEMPTS,
    MAX_CLAIMS,
    OWNER_DIED,
    PAUSES,
    Backlog,
    backlog,
    claim,
    record_failures,
    release,
    release_dead,
    renew,
    states,
    store_readings,
)
from tests.storage.samples import OWNER, Crash, Inbox, application, crash_before, statement, upload

OVER = timedelta(seconds=-1)
"""A lease that has run out when it begins."""


@pytest.fixture
def five(inbox: Inbox) -> Inbox:
    """An inbox with five applications, discovered and not read."""
    for number in range(5):
        inbox.put(application(f"A-{number}"), statement(barcode=f"hd00000000{number}"))
    discover(inbox.database, inbox.source)
    return inbox


def _claim(
    inbox: Inbox, owner: str = OWNER, limit: int = 50, lease: timedelta = timedelta(minutes=5)
) -> set[str]:
    return {item.application_id for item in claim(inbox.database, inbox.name, owner, limit, lease)}


def _rows(inbox: Inbox) -> dict[str, ApplicationRow]:
    with inbox.database.reading() as work:
        return {row.application_id: row for row in work.session.scalars(select(ApplicationRow))}


def test_claims_are_disjoint_and_bounded(five: Inbox) -> None:
    first, second = _claim(five, "a", 2), _claim(five, "b", 2)
    assert len(first) == len(second) == 2
    assert not first & second
    assert len(_claim(five, "c")) == 1
    assert _claim(five, "d") == set()


def test_threads_that_claim_at_once_share_the_work(five: Inbox) -> None:
    barrier = threading.Barrier(4)

    def work(owner: str) -> list[str]:
        barrier.wait()
        mine: list[str] = []
        while claims := _claim(five, owner, 1):
            mine += claims
        return mine

    with ThreadPoolExecutor(4) as pool:
        claimed = [name for names in pool.map(work, "abcd") for name in names]
    assert sorted(claimed) == [f"A-{number}" for number in range(5)]


def test_another_inbox_has_its_own_work(five: Inbox) -> None:
    assert claim(five.database, "/another", OWNER, 50) == ()


def test_a_lease_that_ran_out_frees_the_application_and_the_late_owner_is_refused(five: Inbox) -> None:
    (claimed,) = claim(five.database, five.name, "late", 1, OVER)
    reading = five.read(claimed)
    assert claimed.application_id in _claim(five, "next")
    assert store_readings(five.database, "late", [reading]) == frozenset()
    assert store_readings(five.database, "next", [reading]) == {claimed.application_id}


def test_a_renewed_lease_holds(five: Inbox) -> None:
    _claim(five, "a", lease=OVER)
    renew(five.database, "a")
    assert _claim(five, "b") == set()


def test_released_applications_are_free_and_bear_no_mark(five: Inbox) -> None:
    _claim(five, "a")
    release(five.database, "a")
    assert {(row.owner, row.claims) for row in _rows(five).values()} == {(None, 0)}
    assert len(_claim(five, "b")) == 5


def test_release_touches_nobody_else(five: Inbox) -> None:
    _claim(five, "a", 2)
    _claim(five, "b", 2)
    release(five.database, "a")
    assert len(_claim(five, "c")) == 3


def test_applications_whose_owners_keep_dying_come_last_and_are_parked(five: Inbox) -> None:
    (poison,) = _claim(five, "w", 1)
    release_dead(five.database, ["w"])
    assert poison not in _claim(five, "x", 4)
    for number in range(MAX_CLAIMS - 1):
        assert _claim(five, f"y{number}") == {poison}
        release_dead(five.database, [f"y{number}"])
    assert _claim(five, "z") == set()
    row = _rows(five)[poison]
    assert (row.state, row.error) == (ApplicationState.FAILED, OWNER_DIED)


def test_the_backlog_tells_what_is_left_and_until_when(five: Inbox) -> None:
    assert backlog(five.database, five.name) == Backlog(free=5, claimed=0, next_free=None)
    _claim(five, "a", 2)
    left = backlog(five.database, five.name)
    assert (left.free, left.claimed) == (3, 2)
    assert left.next_free is not None
    five.read_all("b")
    assert backlog(five.database, five.name).free == 0


def test_what_was_read_is_what_is_judged(five: Inbox) -> None:
    claims = claim(five.database, five.name, OWNER, 50)
    readings = [five.read(item) for item in claims]
    assert store_readings(five.database, OWNER, readings) == {item.application_id for item in claims}
    rows = _rows(five)
    with five.database.reading() as work:
        cases = load_cases(work, [rows[item.application_id].id for item in claims])
    assert [(case.application, case.uploads) for case in cases] == [
        (r.application, r.uploads) for r in readings
    ]
    assert {row.state for row in rows.values()} == {ApplicationState.READ}


def test_uploads_and_documents_keep_their_order(inbox: Inbox) -> None:
    inbox.put(application("A-1"))
    discover(inbox.database, inbox.source)
    (claimed,) = claim(inbox.database, inbox.name, OWNER, 1)
    names = ["b.pdf", "a.pdf", "c.pdf"]
    documents = [Document(id=f"sha256:{name}", name=name, size=1, media=Media.PDF) for name in names]
    uploads = (
        upload(*documents[:2], name="2.zip"),
        upload(name="1.zip"),
        upload(*documents[2:], name="0.zip"),
    )
    inbox.facts["A-1"] = uploads
    store_readings(inbox.database, OWNER, [inbox.read(claimed)])
    with inbox.database.reading() as work:
        (case,) = load_cases(work, [_rows(inbox)["A-1"].id])
    assert case.uploads == uploads


def test_a_declaration_that_does_not_parse_is_read_with_its_problems(inbox: Inbox) -> None:
    inbox.write("A-1", b"{}", b"")
    inbox.read_all()
    with inbox.database.reading() as work:
        (case,) = load_cases(work, [_rows(inbox)["A-1"].id])
    assert case.application is None
    assert "people" in {problem.place for problem in case.problems}


def test_facts_are_entered_once_however_often_a_reading_comes(five: Inbox) -> None:
    (claimed,) = claim(five.database, five.name, OWNER, 1)
    reading = five.read(claimed)
    assert store_readings(five.database, OWNER, [reading])
    assert not store_readings(five.database, OWNER, [reading])
    with five.database.reading() as work:
        counts = [
            work.session.scalar(select(func.count()).select_from(table)) for table in (Version, DocumentRow)
        ]
    assert counts == [1, 1]


def test_a_folder_that_changes_back_uses_the_facts_it_had(inbox: Inbox) -> None:
    for day in ("2026-11-20", "2026-11-21", "2026-11-20"):
        inbox.put(application("A-1", day=day), statement())
        inbox.read_all()
    with inbox.database.reading() as work:
        assert work.session.scalar(select(func.count(Version.id))) == 2
        (case,) = load_cases(work, [_rows(inbox)["A-1"].id])
    assert case.application is not None
    assert case.application.reference_day.day == 20


class Clock:
    """The queue's clock, put forward by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = now()
        monkeypatch.setattr("storage.queue.now", lambda: self.moment)

    def forward(self, time: timedelta) -> None:
        self.moment += time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_failed_reading_is_tried_again_after_longer_and_longer_pauses_and_then_parked(
    five: Inbox, clock: Clock
) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        claims = _claim(five)
        assert len(claims) == 5
        parked = record_failures(five.database, OWNER, {"A-0": "INTERNAL_ERROR"})
        assert parked == ({"A-0"} if attempt == MAX_ATTEMPTS else set())
        release(five.database, OWNER)
        if attempt < MAX_ATTEMPTS:
            clock.forward(PAUSES[attempt - 1] - timedelta(microseconds=1))
            assert backlog(five.database, five.name).resting == 1
            assert "A-0" not in _claim(five)
            release(five.database, OWNER)
            clock.forward(timedelta(microseconds=1))
    row = _rows(five)["A-0"]
    assert (row.state, row.error, row.attempts) == (ApplicationState.FAILED, "INTERNAL_ERROR", MAX_ATTEMPTS)
    assert "A-0" not in _claim(five)
    with five.database.reading() as work:
        assert states(work, five.name) == {ApplicationState.FAILED: 1, ApplicationState.PENDING: 4}


def test_what_failed_comes_after_all_others(five: Inbox, clock: Clock) -> None:
    _claim(five)
    record_failures(five.database, OWNER, {"A-0": "INTERNAL_ERROR"})
    release(five.database, OWNER)
    clock.forward(PAUSES[0])
    assert "A-0" not in _claim(five, "b", 4)
    assert _claim(five, "c") == {"A-0"}


def test_deaths_of_owners_and_failures_are_counted_apart(five: Inbox, clock: Clock) -> None:
    """Neither number alone parks it; together they are more readings than either may be."""
    _claim(five, "keeper")
    release_dead(five.database, ["keeper"])
    for number in range(MAX_CLAIMS - 2):
        _claim(five, f"x{number}")
        release_dead(five.database, [f"x{number}"])
    for pause in PAUSES:
        assert "A-0" in _claim(five)
        assert record_failures(five.database, OWNER, {"A-0": "INTERNAL_ERROR"}) == frozenset()
        release(five.database, OWNER)
        clock.forward(pause)
    assert "A-0" in _claim(five)
    assert record_failures(five.database, OWNER, {"A-0": "INTERNAL_ERROR"}) == {"A-0"}
    assert _rows(five)["A-0"].error == "INTERNAL_ERROR"


def test_a_folder_that_changed_rests_until_it_is_discovered_anew(five: Inbox) -> None:
    _claim(five)
    record_failures(five.database, OWNER, {"A-0": FOLDER_CHANGED})
    release(five.database, OWNER)
    due = backlog(five.database, five.name).next_due
    assert due is not None
    assert due > now() + PAUSES[-1] / 2
    five.put(application("A-0", day="2026-11-21"), statement())
    discover(five.database, five.source)
    assert backlog(five.database, five.name).free == 5


def test_the_backlog_tells_what_rests_and_until_when(five: Inbox, clock: Clock) -> None:
    _claim(five, limit=1)
    record_failures(five.database, OWNER, {"A-0": "INTERNAL_ERROR"})
    _claim(five, limit=1)
    left = backlog(five.database, five.name)
    assert (left.free, left.claimed, left.resting) == (3, 1, 1)
    assert left.next_due == clock.moment + PAUSES[0]


def test_the_oldest_come_first_and_what_tells_no_day_comes_last(inbox: Inbox) -> None:
    inbox.write("A-0", b"no declaration", b"")
    inbox.put(application("A-1", day="2026-11-20"))
    inbox.put(application("A-2", day="2026-11-03"))
    inbox.put(application("A-3", day="2026-11-12"))
    discover(inbox.database, inbox.source)
    order = [item.application_id for _ in range(4) for item in claim(inbox.database, inbox.name, OWNER, 1)]
    assert order == ["A-2", "A-3", "A-1", "A-0"]


def test_a_changed_declaration_changes_the_place_in_the_order(inbox: Inbox) -> None:
    inbox.put(application("A-1", day="2026-11-20"))
    inbox.put(application("A-2", day="2026-11-21"))
    discover(inbox.database, inbox.source)
    inbox.put(application("A-1", day="2026-11-22"))
    discover(inbox.database, inbox.source)
    assert _claim(inbox, limit=1) == {"A-2"}


def test_a_parked_application_whose_folder_changes_is_tried_afresh(five: Inbox, clock: Clock) -> None:
    for _ in range(MAX_ATTEMPTS):
        _claim(five)
        record_failures(five.database, OWNER, {"A-0": "INTERNAL_ERROR"})
        release(five.database, OWNER)
        clock.forward(max(PAUSES))
    assert _rows(five)["A-0"].state is ApplicationState.FAILED
    five.put(application("A-0", day="2026-11-21"), statement())
    discover(five.database, five.source)
    row = _rows(five)["A-0"]
    assert (row.state, row.error, row.attempts) == (ApplicationState.PENDING, None, 0)


def test_a_failure_of_somebody_elses_application_counts_for_nothing(five: Inbox) -> None:
    _claim(five, "a")
    assert record_failures(five.database, "b", {"A-0": "INTERNAL_ERROR"}) == frozenset()
    assert _rows(five)["A-0"].attempts == 0


def test_a_chunk_is_entered_whole_or_not_at_all(five: Inbox) -> None:
    claims = claim(five.database, five.name, OWNER, 50)
    readings = [five.read(item) for item in claims]
    with pytest.raises(Crash), crash_before(five.database, "UPDATE applications"):
        store_readings(five.database, OWNER, readings)
    with five.database.reading() as work:
        assert work.session.scalar(select(func.count(Version.id))) == 0
    assert len(store_readings(five.database, OWNER, readings)) == 5


def test_nothing_to_enter_is_no_error(five: Inbox) -> None:
    assert store_readings(five.database, OWNER, []) == frozenset()
    assert record_failures(five.database, OWNER, {}) == frozenset()
    release_dead(five.database, [])
