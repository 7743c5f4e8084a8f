"""Erasure on request: what nothing holds goes, what is held stays and says why (KVKK m.7)."""

from typing import Any

import pytest
from sqlalchemy import func, select

from storage.columns import Base
from storage.decisions import decide
from storage.desk.audit import Action, LineFilter, lines, verify
from storage.models import (
    CondemnedFile,
    Destruction,
    DocumentRow,
    Employment,
    JudgedPerson,
    Person,
    Ruling,
    Version,
)
from storage.settings import Settings
from storage.subject.access import accesses
from storage.subject.erasing import Erasure, erase
from storage.subject.export import subject_of
from storage.subject.grounds import Ground, What
from storage.subject.mentions import applications_naming
from tests.storage.procedures import add, certify, petition, remove
from tests.storage.retained import assert_consistent, files, keep_files, later, sizes
from tests.storage.samples import (
    AYSE,
    ISIL,
    Crash,
    Inbox,
    application,
    certificate,
    crash_before,
    register,
    statement,
)

LATER = 100
"""Days: beyond the term for a court action, within every other period."""


def request(
    inbox: Inbox, settings: Settings, days: int = LATER, *, dry_run: bool = False, who: Any = AYSE
) -> Erasure:
    erasure = erase(
        inbox.database,
        settings,
        later(days, inbox.path.parent),
        who.national_id,
        reference="KVKK-7",
        dry_run=dry_run,
    )
    assert erasure is not None
    assert_consistent(inbox)
    return erasure


def count(inbox: Inbox, table: type[Base]) -> int:
    with inbox.database.reading() as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def grounds(erasure: Erasure) -> set[tuple[What, str, Ground]]:
    left = {(each.what, each.name, each.ground) for each in erasure.remains}
    return {each for each in left if each[0] is not What.ACCESS_LOG}


def destroyed(erasure: Erasure) -> dict[str, int]:
    return {each.value: number for each, number in erasure.destroyed.items() if number}


@pytest.fixture
def gone(inbox: Inbox) -> Inbox:
    """Ayşe came, left and had her record deleted; Işıl works there still."""
    register(inbox, ISIL)
    certify(inbox, "P-1", "01T10:00", procedure="registration")
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    add(inbox, "A-2", "10T11:00", "hd22-2222-2222-2222", person=ISIL)
    inbox.run()
    remove(inbox, "R-1", "15T10:00")
    petition(inbox, "D-1", "16T10:00")
    inbox.run()
    decide(inbox.database, "D-1", Ruling.APPROVED, "Görevli", "İstedi.")
    keep_files(inbox)
    return inbox


def test_nothing_is_kept_of_somebody_who_is_not_known(gone: Inbox, settings: Settings) -> None:
    periods = later(LATER, gone.path.parent)
    nobody = erase(gone.database, settings, periods, "10000000214", reference="", dry_run=False)
    assert nobody is None
    assert count(gone, Destruction) == 0


def test_all_of_somebody_goes_whom_nothing_holds(gone: Inbox, settings: Settings) -> None:
    erasure = request(gone, settings)
    assert destroyed(erasure) == {"evidence": 4, "facts": 4, "employments": 1, "people": 1, "files": 1}
    assert not erasure.is_held
    assert grounds(erasure) == {
        (What.APPLICATION, name, Ground.HISTORY) for name in ("P-1", "A-1", "R-1", "D-1")
    }
    subject = subject_of(gone.database, AYSE.national_id)
    assert subject is not None
    assert (subject.told["record"], subject.told["applications"]) == (None, [])
    with gone.database.reading() as work:
        assert {
            work.keys.unseal(n, "people.national_id")
            for n in work.session.scalars(select(Person.national_id))
        } == {ISIL.national_id}


def test_what_is_somebody_elses_stays(gone: Inbox, settings: Settings) -> None:
    before = len(files(gone))
    request(gone, settings)
    assert len(files(gone)) == before - 1
    assert (count(gone, Employment), count(gone, DocumentRow)) == (1, 2)
    with gone.database.reading() as work:
        judged = {
            work.keys.unseal(n, "judged_people.national_id")
            for n in work.session.scalars(select(JudgedPerson.national_id))
        }
    assert judged == {ISIL.national_id}


def test_a_dry_run_tells_the_same_and_destroys_nothing(gone: Inbox, settings: Settings) -> None:
    before = {name: size for name, size in sizes(gone).items() if not name.startswith("audit")}
    told = request(gone, settings, dry_run=True)
    assert {name: size for name, size in sizes(gone).items() if not name.startswith("audit")} == before
    assert told.run_id is None
    done = request(gone, settings)
    assert (told.destroyed, grounds(told)) == (done.destroyed, grounds(done))


def test_a_second_request_finds_nothing_but_the_access_log(gone: Inbox, settings: Settings) -> None:
    request(gone, settings)
    again = request(gone, settings)
    assert (destroyed(again), grounds(again)) == ({}, set())
    assert [each.ground for each in again.remains] == [Ground.ACCESS_LOG]


def test_nothing_goes_before_the_term_for_a_court_action_is_over(gone: Inbox, settings: Settings) -> None:
    erasure = request(gone, settings, days=30)
    assert destroyed(erasure) == {}
    assert {ground for _, _, ground in grounds(erasure)} <= {Ground.COURT_TERM, Ground.KEPT_APPLICATION}
    assert all(each.until for each in erasure.remains if each.ground is Ground.COURT_TERM)


def test_what_a_running_employment_rests_on_stays_with_the_record(gone: Inbox, settings: Settings) -> None:
    erasure = request(gone, settings, who=ISIL)
    assert grounds(erasure) == {
        (What.APPLICATION, "P-146", Ground.CERTIFICATES),
        (What.APPLICATION, "A-2", Ground.RUNNING),
        (What.EMPLOYMENT, "A-2", Ground.RUNNING),
        (What.RECORD, "", Ground.RECORD),
    }
    assert erasure.is_held
    assert destroyed(erasure) == {}


def test_an_open_case_holds_everything_it_needs(inbox: Inbox, settings: Settings) -> None:
    inbox.put(application("A-1", people=[AYSE]), statement(AYSE))  # flagged: no personnel record
    inbox.run()
    keep_files(inbox)
    erasure = request(inbox, settings, days=3000)
    assert grounds(erasure) == {(What.APPLICATION, "A-1", Ground.OPEN_CASE)}
    assert destroyed(erasure) == {}


def test_an_application_of_several_people_stays_for_the_others(inbox: Inbox, settings: Settings) -> None:
    register(inbox, AYSE, ISIL)
    papers = (statement(AYSE), statement(ISIL, "hd99-9999-9999-9999"))
    inbox.put(application("A-1", people=[AYSE, ISIL]), *papers)
    inbox.run()
    remove(inbox, "R-1", "22T10:00", people=[AYSE, ISIL])
    inbox.run()
    keep_files(inbox)
    erasure = request(inbox, settings)
    assert {each for each in grounds(erasure) if each[1] in {"A-1", "R-1"}} == {
        (What.APPLICATION, "A-1", Ground.OTHERS),
        (What.APPLICATION, "R-1", Ground.OTHERS),
        (What.EMPLOYMENT, "A-1", Ground.KEPT_APPLICATION),
    }
    assert count(inbox, Employment) == 2


def test_the_destruction_log_names_nobody_and_the_trail_tells_who_asked(
    gone: Inbox, settings: Settings
) -> None:
    erasure = request(gone, settings)
    with gone.database.reading() as work:
        entries = work.session.scalars(select(Destruction)).all()
        assert {entry.run_id for entry in entries} == {erasure.run_id}
        (line,) = lines(work, LineFilter(person=AYSE.national_id, actions=(Action.PERSON_ERASED,)))
        assert verify(work) == []
    assert line.reason == "KVKK-7"
    assert line.details == {
        "dry_run": False,
        "applications": ["A-1", "D-1", "P-1", "R-1"],
        "run": erasure.run_id,
    }


def test_who_looked_at_the_applications_can_be_told_after_an_erasure(gone: Inbox, settings: Settings) -> None:
    request(gone, settings)
    with gone.database.reading() as work:
        named = applications_naming(work, AYSE.national_id)
        found = accesses(work, person=AYSE.national_id, applications=named)
    assert named == {"A-1", "D-1", "P-1", "R-1"}
    assert [each.line.action for each in found] == [Action.PERSON_ERASED]


def test_a_night_after_an_erasure_brings_nobody_back(gone: Inbox, settings: Settings) -> None:
    request(gone, settings)
    before = (count(gone, Person), count(gone, Employment), count(gone, Version))
    gone.run()
    assert (count(gone, Person), count(gone, Employment), count(gone, Version)) == before


@pytest.mark.parametrize(
    "statement", ["DELETE FROM documents", "DELETE FROM employments", "DELETE FROM people"]
)
def test_an_erasure_that_was_killed_is_finished_by_the_next(
    gone: Inbox, settings: Settings, statement: str
) -> None:
    with pytest.raises(Crash), crash_before(gone.database, statement):
        request(gone, settings)
    request(gone, settings)
    with gone.database.reading() as work:
        people = work.session.scalars(select(Person.national_id))
        assert {work.keys.unseal(number, "people.national_id") for number in people} == {ISIL.national_id}
        assert verify(work) == []
    assert (count(gone, Employment), count(gone, DocumentRow), count(gone, CondemnedFile)) == (1, 2, 0)


def test_certificates_in_force_are_held(inbox: Inbox, settings: Settings) -> None:
    certify(inbox, "P-1", "01T10:00", certificate(AYSE), procedure="registration")
    inbox.run()
    keep_files(inbox)
    assert (What.APPLICATION, "P-1", Ground.CERTIFICATES) in grounds(request(inbox, settings))
