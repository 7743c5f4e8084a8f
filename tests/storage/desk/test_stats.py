"""Figures of the statistics page, on what a night and officers left in the registry."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from storage.columns import now
from storage.database import Database
from storage.decisions import decide
from storage.desk.rulings import Approve, Correct, Reject, Return, RulingKind, Wait
from storage.desk.stats import (
    LONGEST,
    Period,
    decisions,
    intake,
    proposals_of,
    queue_age,
    reasons,
    time_to_decision,
)
from storage.inbox import discover
from storage.models import CaseState, DeskCase, JudgementRow, Ruling, RulingRow
from tests.storage.desk.cases import Desk, put_blocked, put_for_review
from tests.storage.procedures import certify, petition
from tests.storage.samples import AYSE, ISIL, application, certificate, statement
from validators.application import ISTANBUL
from validators.finding import Code, Proposal

TODAY = now().astimezone(ISTANBUL).date()
PERIOD = Period(TODAY - timedelta(1), TODAY + timedelta(1))


def total(counts: object) -> dict[str, int]:
    """Add up what came on all days."""
    names = ("untouched", "by_hand", "unjudged")
    return {name: sum(getattr(each, name) for each in counts) for name in names}  # type: ignore[attr-defined]  # a tuple


def made_older(database: Database, table: type[JudgementRow | DeskCase], days: float) -> None:
    """Let rows have been written so many days before."""
    column = "opened_at" if table is DeskCase else "created_at"
    with database.engine.begin() as connection:
        connection.execute(update(table).values({column: now() - timedelta(days=days)}))


@given(
    first=st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    days=st.integers(0, LONGEST - 1),
    seconds=st.floats(0, 1, exclude_max=True),
)
def test_every_moment_of_a_period_belongs_to_one_of_its_steps(first: date, days: int, seconds: float) -> None:
    period = Period(first, first + timedelta(days))
    begin, end = period.moments
    moment = min(begin + seconds * (end - begin), end - timedelta(microseconds=1))
    assert period.step_of(moment.astimezone(UTC)) in period.steps
    assert len(period.steps) <= 60


@pytest.mark.parametrize("days", [-1, LONGEST])
def test_what_ends_before_it_begins_or_lasts_too_long_is_no_period(days: int) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Period(TODAY, TODAY + timedelta(days))


def test_days_are_those_of_istanbul() -> None:
    period = Period(date(2026, 11, 21), date(2026, 11, 22))
    assert period.moments[0] == datetime(2026, 11, 20, 21, tzinfo=UTC)
    assert period.step_of(datetime(2026, 11, 21, 21, tzinfo=UTC)) == date(2026, 11, 22)


def test_nothing_gives_empty_figures(database: Database) -> None:
    with database.reading() as work:
        assert total(intake(work, PERIOD)) == {"untouched": 0, "by_hand": 0, "unjudged": 0}
        assert [each.share for each in intake(work, PERIOD)] == [None] * 3
        assert reasons(work, PERIOD) == ()
        assert (queue_age(work).total, queue_age(work).overdue) == (0, 0)
        assert time_to_decision(work, PERIOD).median is None
        assert not decisions(work, PERIOD).matrix


def test_applications_count_by_what_became_of_them(desk: Desk) -> None:
    put_for_review(desk.inbox)  # and the personnel record, which is verified
    desk.inbox.put(application("A-2", people=[ISIL]), statement(ISIL))
    discover(desk.database, desk.inbox.source)
    with desk.database.reading() as work:
        counted = intake(work, PERIOD)
    assert total(counted) == {"untouched": 1, "by_hand": 1, "unjudged": 1}
    assert [each.received for each in counted] == [0, 3, 0]
    assert counted[1].share == 0.5


def test_what_an_officer_corrected_was_not_verified_without_a_hand(desk: Desk) -> None:
    name = put_for_review(desk.inbox)
    key = next(upload.documents[0].key for upload in desk.inbox.facts[name])
    desk.enter(name, Correct(key, "family_name", AYSE.family_name, "Belgede doğru."))
    assert desk.state(name) is CaseState.APPROVED
    with desk.database.reading() as work:
        assert total(intake(work, PERIOD)) == {"untouched": 1, "by_hand": 1, "unjudged": 0}


def test_other_days_do_not_count(desk: Desk) -> None:
    put_for_review(desk.inbox)
    past = Period(TODAY - timedelta(9), TODAY - timedelta(2))
    with desk.database.reading() as work:
        assert total(intake(work, past)) == {"untouched": 0, "by_hand": 0, "unjudged": 0}
        assert reasons(work, past) == ()


def test_reasons_count_applications_not_findings(desk: Desk) -> None:
    put_for_review(desk.inbox)
    put_for_review(desk.inbox, "A-2", ISIL)
    put_blocked(desk.inbox, "A-3")
    with desk.database.reading() as work:
        found = {each.code: each.counts for each in reasons(work, PERIOD)}
    assert found[Code.PERSON_NAME_DIFFERS] == (0, 2, 0)
    assert found[Code.EMPLOYMENT_ENDED] == (0, 1, 0)
    assert Code.EDEVLET_NOT_CHECKED not in found


@pytest.mark.parametrize(("days", "band"), [(0.5, 0), (1, 1), (2.9, 1), (3, 2), (29, 4), (31, 5)])
def test_age_of_the_queue_stands_in_bands(desk: Desk, days: float, band: int) -> None:
    put_for_review(desk.inbox)
    made_older(desk.database, DeskCase, days)
    with desk.database.reading() as work:
        queue = queue_age(work)
    assert [count for count in queue.bands if count] == [1]
    assert queue.bands[band] == 1


def test_what_was_decided_or_put_off_does_not_wait(desk: Desk) -> None:
    put_for_review(desk.inbox)
    put_for_review(desk.inbox, "A-2", ISIL)
    desk.enter("A-1", Return((Code.PERSON_NAME_DIFFERS,), "Düzeltiniz."))
    desk.enter("A-2", Wait(TODAY + timedelta(5), "Bekliyor"))
    with desk.database.reading() as work:
        assert queue_age(work).total == 0
        later = queue_age(work, now() + timedelta(7))
    assert (later.total, later.overdue) == (1, 1)


def test_time_to_decision_counts_from_the_first_flagging(desk: Desk) -> None:
    put_for_review(desk.inbox)
    made_older(desk.database, JudgementRow, 10.5)
    desk.enter("A-1", Return((Code.PERSON_NAME_DIFFERS,), "Düzeltiniz."))
    with desk.database.reading() as work:
        taken = time_to_decision(work, PERIOD)
    assert taken.bands == (0, 0, 0, 1, 0, 0)
    assert taken.median == taken.ninetieth == pytest.approx(10.5, abs=0.1)


def test_overturned_is_what_was_decided_otherwise_than_proposed(desk: Desk) -> None:
    put_blocked(desk.inbox, "A-1")
    put_blocked(desk.inbox, "A-2", ISIL)
    put_for_review(desk.inbox, "A-3", ISIL)
    with desk.database.reading() as work:
        keys = [desk.judgement(name) for name in ("A-1", "A-2")]
        assert set(proposals_of(work, keys).values()) == {Proposal.RETURN_TO_APPLICANT}
    desk.enter("A-1", Return((Code.EMPLOYMENT_ENDED,), "Düzeltiniz."))
    desk.enter("A-2", Reject((Code.EMPLOYMENT_ENDED,), "Reddedildi.", "Belge sahte."))
    with desk.database.reading() as work:
        found = decisions(work, PERIOD)
    assert [(each.followed, each.otherwise) for each in found.steps] == [(0, 0), (1, 1), (0, 0)]
    assert found.matrix[Proposal.RETURN_TO_APPLICANT, RulingKind.RETURN] == 1
    assert found.matrix[Proposal.RETURN_TO_APPLICANT, RulingKind.REJECT] == 1


def test_a_proposed_override_counts_once_it_is_seconded(desk: Desk) -> None:
    put_blocked(desk.inbox)
    entered = desk.enter("A-1", Approve("Kayıt düzeltildi."))
    with desk.database.reading() as work:
        assert not decisions(work, PERIOD).matrix
    desk.second(entered.ruling)
    with desk.database.reading() as work:
        assert dict(decisions(work, PERIOD).matrix) == {(Proposal.RETURN_TO_APPLICANT, RulingKind.APPROVE): 1}
        assert work.session.query(RulingRow).count() == 1


def test_decisions_by_the_command_line_count_as_well(desk: Desk) -> None:
    certify(desk.inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    petition(desk.inbox, "D-1", "20T14:05")
    desk.inbox.run()
    decide(desk.database, "D-1", Ruling.APPROVED, "Memur", "Dilekçe yerinde.")
    with desk.database.reading() as work:
        assert sum(decisions(work, PERIOD).matrix.values()) == 1
        assert time_to_decision(work, PERIOD).total == 1
