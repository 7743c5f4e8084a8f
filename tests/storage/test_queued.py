from datetime import UTC, datetime, timedelta

import pytest

from storage.columns import now
from storage.inbox import discover
from storage.queue import MAX_ATTEMPTS, PAUSES, claim, record_failures, release
from storage.queued import Place, Queued, oldest_waiting, queued, retry, retry_all, unread
from tests.storage.samples import OWNER, Inbox, application, statement


@pytest.fixture
def four(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    """An inbox with one application in each place: parked, resting, in work, waiting; the parked one is the oldest."""
    for number, day in enumerate(("2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05")):
        inbox.put(application(f"A-{number}", day=day), statement())
    discover(inbox.database, inbox.source)
    with monkeypatch.context() as impatient:
        impatient.setattr("storage.queue.PAUSES", (timedelta(0),) * len(PAUSES))
        for _ in range(MAX_ATTEMPTS):
            _fail(inbox, "A-0")
    _fail(inbox, "A-1")
    assert [each.application_id for each in claim(inbox.database, inbox.name, "busy", 1)] == ["A-2"]
    return inbox


def _fail(inbox: Inbox, application_id: str) -> None:
    claim(inbox.database, inbox.name, OWNER, 50)
    record_failures(inbox.database, OWNER, {application_id: "INTERNAL_ERROR"})
    release(inbox.database, OWNER)


def _places(inbox: Inbox) -> dict[str, Place]:
    return {row.application_id: row.place for row in inbox.database.read(queued)}


def test_everything_unread_is_listed_with_its_place_the_oldest_first(four: Inbox) -> None:
    assert list(_places(four).items()) == [
        ("A-0", Place.PARKED),
        ("A-1", Place.RESTING),
        ("A-2", Place.IN_WORK),
        ("A-3", Place.WAITING),
    ]


def test_a_row_says_why_since_when_and_when_again(four: Inbox) -> None:
    parked, resting, *_ = four.database.read(queued)
    since = datetime(2026, 11, 2, 11, 5, tzinfo=UTC)
    assert parked == Queued(
        "A-0", four.name, Place.PARKED, "INTERNAL_ERROR", MAX_ATTEMPTS, since, parked.not_before
    )
    assert resting.not_before is not None
    assert resting.not_before > now()


def test_what_was_read_is_not_listed(four: Inbox) -> None:
    four.read_all("another")
    assert list(_places(four)) == ["A-0", "A-1", "A-2"]


def test_an_application_without_a_day_waits_since_it_was_found(inbox: Inbox) -> None:
    before = now()
    inbox.write("A-0", b"{}", b"")
    discover(inbox.database, inbox.source)
    (row,) = inbox.database.read(queued)
    assert before <= row.since <= now()


def test_a_retried_application_is_as_good_as_new(four: Inbox) -> None:
    assert retry(four.database, ["A-0"]) == {"A-0"}
    assert _places(four)["A-0"] is Place.WAITING
    _fail(four, "A-0")
    assert _places(four)["A-0"] is Place.RESTING


def test_a_resting_application_can_be_tried_at_once(four: Inbox) -> None:
    assert retry(four.database, ["A-1"]) == {"A-1"}
    assert _places(four)["A-1"] is Place.WAITING


def test_nothing_else_is_retried(four: Inbox) -> None:
    assert retry(four.database, ["A-2", "A-3", "A-9"]) == frozenset()
    assert retry_all(four.database) == {"A-0"}
    assert retry_all(four.database) == frozenset()


def test_what_failed_is_told_apart_from_what_waits(four: Inbox) -> None:
    left = four.database.read(lambda work: unread(work, four.name))
    assert left.waiting == 2
    assert left.failures == {"A-0": "INTERNAL_ERROR", "A-1": "INTERNAL_ERROR"}
    assert four.database.read(lambda work: unread(work, "/another")).failures == {}


def test_the_oldest_that_waits_is_none_that_was_parked(four: Inbox) -> None:
    oldest = four.database.read(lambda work: oldest_waiting(work, four.name))
    assert oldest == datetime(2026, 11, 3, 11, 5, tzinfo=UTC)
    assert four.database.read(lambda work: oldest_waiting(work, "/another")) is None


def test_a_list_is_made_of_many_days(inbox: Inbox) -> None:
    for number in range(3):
        inbox.put(application(f"A-{number}", day=f"2026-11-{20 - number:02}"), statement())
    discover(inbox.database, inbox.source)
    rows = inbox.database.read(queued)
    assert [row.application_id for row in rows] == ["A-2", "A-1", "A-0"]
    assert rows[1].since - rows[0].since == timedelta(days=1)
