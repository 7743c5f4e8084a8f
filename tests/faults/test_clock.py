"""A clock that jumps: nothing holds for ever, nothing is decided by a wrong day, every night ends."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows import reading
from flows.bounds import next_moment
from storage.database import Database, connect
from storage.desk.accounts import FAILURES, Account, Refused, Role, authenticate, create_account
from storage.desk.audit import Action, Actor, record, verify
from storage.desk.claims import Claim, HeldBy, claim_case, release
from storage.desk.queue import Claimed, Filter, cases
from storage.desk.sessions import open_session, session_of
from storage.inbox import discover
from storage.models import Run, RunEnd
from storage.queue import FOLDER_CHANGED, backlog, claim, record_failures
from storage.runs import interrupt_lost, start_run
from tests.faults.clock import Clock
from tests.faults.picture import differences, faults, picture
from tests.faults.story import ENDED, GAP, WORKS, World, night, prepare
from tests.storage.desk.cases import put_for_review
from tests.storage.samples import KEYS, Inbox, application
from validators.application import ISTANBUL

PASSWORD = "uzun ve tuhaf bir cümle"
AHEAD = (timedelta(hours=1), timedelta(days=1), timedelta(days=4000))
FROM = datetime(2016, 10, 1, tzinfo=UTC)
"""Istanbul has kept its summer time since then."""
LEAP_DAY = datetime(2028, 2, 29, 23, 59, 58, tzinfo=ISTANBUL)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock in the place of the machine's."""
    with Clock().in_place() as clock:
        yield clock


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty registry."""
    with closing(connect(f"sqlite:///{tmp_path / 'registry.db'}", KEYS)) as opened:
        yield opened


@pytest.fixture
def inbox(database: Database, tmp_path: Path) -> Inbox:
    """An inbox with one application that was found and not read."""
    inbox = Inbox.at(tmp_path / "inbox", database)
    inbox.put(application("A-1"))
    discover(database, inbox.source)
    return inbox


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_a_claim_made_by_a_clock_that_was_ahead_does_not_outlast_it(
    inbox: Inbox, clock: Clock, ahead: timedelta
) -> None:
    clock.jump(ahead)
    assert claim(inbox.database, inbox.name, "another machine, which died", 1)
    clock.jump(-ahead)
    assert backlog(inbox.database, inbox.name).free == 1
    assert claim(inbox.database, inbox.name, "this one", 1)


def test_a_clock_that_goes_forwards_a_little_leaves_claims_alone(inbox: Inbox, clock: Clock) -> None:
    """Clocks of several machines agree to a few seconds only."""
    clock.jump(timedelta(seconds=20))
    assert claim(inbox.database, inbox.name, "another machine", 1)
    clock.jump(timedelta(seconds=-20))
    assert backlog(inbox.database, inbox.name).claimed == 1
    assert not claim(inbox.database, inbox.name, "this one", 1)


@pytest.mark.parametrize("ahead", AHEAD[1:], ids=str)
def test_a_rest_begun_by_a_clock_that_was_ahead_does_not_outlast_it(
    inbox: Inbox, clock: Clock, ahead: timedelta
) -> None:
    clock.jump(ahead)
    assert claim(inbox.database, inbox.name, "w", 1)
    record_failures(inbox.database, "w", {"A-1": FOLDER_CHANGED})
    assert backlog(inbox.database, inbox.name).resting == 1
    clock.jump(-ahead)
    assert backlog(inbox.database, inbox.name).free == 1


def test_a_batch_that_a_clock_ahead_heard_from_does_not_run_for_ever(
    database: Database, clock: Clock
) -> None:
    clock.jump(timedelta(days=1))
    run = start_run(database, "/inbox", "kilavuz", "another machine, which died")
    clock.jump(timedelta(days=-1))
    interrupt_lost(database)
    assert database.read(lambda work: work.session.get_one(Run, run).ended) is RunEnd.INTERRUPTED


def test_two_officers_after_a_clock_that_was_ahead(database: Database, clock: Clock, tmp_path: Path) -> None:
    put_for_review(Inbox.at(tmp_path / "flagged", database))
    ayla, bora = (create_account(database, name, name.title(), Role.REVIEWER) for name in ("ayla", "bora"))
    clock.jump(timedelta(days=1))
    assert isinstance(claim_case(database, "A-1", ayla), Claim)
    assert isinstance(claim_case(database, "A-1", bora), HeldBy)
    clock.jump(timedelta(days=-1))
    assert _free(database, bora) == ["A-1"]
    assert isinstance(claim_case(database, "A-1", bora), Claim)
    assert isinstance(claim_case(database, "A-1", ayla), HeldBy)
    assert not release(database, "A-1", ayla)


def _free(database: Database, account: Account) -> list[str]:
    wanted = Filter(claimed=Claimed.NOBODY, account=account.id)
    lines = database.read(lambda work: cases(work, wanted)).lines
    assert [line.claimed_by for line in lines] == [None] * len(lines)
    return [line.application_id for line in lines]


def test_a_session_opened_by_a_clock_that_was_ahead_ends_with_it(database: Database, clock: Clock) -> None:
    """Else a log-in of a wrong year would last until that year."""
    ayla = create_account(database, "ayla", "Ayla", Role.REVIEWER)
    clock.jump(timedelta(days=400))
    token = open_session(database, ayla).token
    assert session_of(database, token) is not None
    clock.jump(timedelta(days=-400))
    assert session_of(database, token) is None


def test_a_session_lives_through_a_clock_that_is_put_back_a_little(database: Database, clock: Clock) -> None:
    token = open_session(database, create_account(database, "ayla", "Ayla", Role.REVIEWER)).token
    clock.jump(timedelta(seconds=-20))
    assert session_of(database, token) is not None


def test_an_account_locked_by_a_clock_that_was_ahead_is_not_locked_for_ever(
    database: Database, clock: Clock
) -> None:
    create_account(database, "ayla", "Ayla", Role.REVIEWER, PASSWORD)
    clock.jump(timedelta(days=400))
    for _ in range(FAILURES):
        assert isinstance(authenticate(database, "ayla", "yanlış"), Refused)
    assert isinstance(authenticate(database, "ayla", PASSWORD), Refused)
    clock.jump(timedelta(days=-400))
    assert isinstance(authenticate(database, "ayla", PASSWORD), Account)


def test_the_audit_trail_stays_whole_however_the_clock_jumps(database: Database, clock: Clock) -> None:
    for hours in (0, 24, -25, 8760, -8761, 1):
        clock.jump(timedelta(hours=hours))
        database.transact(lambda work: record(work, Actor(None, "x"), Action.EXPORT, "run:1"))
    assert database.read(verify) == []


@pytest.fixture(scope="module")
def sober(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a night by a right clock makes of an inbox with a start that statements need not show yet (EVIDENCE_GAP)."""
    world = _world(tmp_path_factory.mktemp("sober"))
    night(world)
    return picture(world)


def _world(folder: Path) -> World:
    world = World(folder / "world")
    prepare(world, [WORKS, ENDED, GAP])
    return world


@pytest.mark.slow
@pytest.mark.parametrize(
    "moment",
    [datetime(2001, 1, 1, tzinfo=UTC), LEAP_DAY, datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)],
    ids=lambda moment: f"{moment:%Y-%m-%d}",
)
def test_what_is_judged_does_not_depend_on_today(
    sober: dict[str, Any], clock: Clock, tmp_path: Path, moment: datetime
) -> None:
    clock.put(moment)
    world = _world(tmp_path)
    night(world)
    assert differences(picture(world), sober) == []
    assert any("EVIDENCE_GAP" in reason for reason in sober["reasons"])


@pytest.mark.slow
@pytest.mark.parametrize("jumps", [(24, 24, 24), (-1, -1, -1), (24, -25, 24), (-8760, 8761, 1)], ids=str)
def test_a_night_in_which_the_clock_jumps_ends_as_any_other(
    sober: dict[str, Any],
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    jumps: tuple[int, ...],
) -> None:
    left, claiming = list(jumps), claim

    def jumping(*given: Any) -> Any:
        claims = claiming(*given)
        if claims and left:
            clock.jump(timedelta(hours=left.pop(0)))
        return claims

    monkeypatch.setattr(reading, "claim", jumping)
    world = _world(tmp_path)
    night(world)
    assert not left, "the clock jumped as often as it was to"
    assert differences(picture(world), sober) == []
    assert faults(world) == []


@given(
    st.integers(0, 24 * 365 * 86400).map(lambda seconds: FROM + timedelta(seconds=seconds)),
    st.times().map(lambda time: f"{time:%H:%M}"),
)
@example(LEAP_DAY, "00:00")
@example(datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "03:30")  # summer time would have begun
def test_a_night_ends_within_a_day_at_the_hour_that_was_asked_for(after: datetime, hour: str) -> None:
    moment = next_moment(hour, after)
    assert moment is not None
    assert after < moment <= after + timedelta(days=1)
    assert f"{moment.astimezone(ISTANBUL):%H:%M}" == hour


def test_the_leap_day_is_a_day_like_any_other() -> None:
    moment = next_moment("06:30", LEAP_DAY)
    assert moment is not None
    assert moment.astimezone(ISTANBUL).date() == date(2028, 3, 1)
