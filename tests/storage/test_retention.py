"""Retention: what is destroyed when its period is over, class by class, and what is held (KVKK m.4, m.7)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage.cases import judged_before, load_cases
from storage.columns import now
from storage.decisions import decide, decisions_on
from storage.judgements import save_judgements
from storage.models import (
    ApplicationRow,
    ApplicationState,
    DocumentRow,
    Employment,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    Person,
    Ruling,
    UploadRow,
)
from storage.retention import preview
from storage.search import person_by_national_id
from storage.verdicts import stored_verdict
from tests.storage.procedures import certify
from tests.storage.retained import (
    BEYOND,
    count,
    files,
    is_kept,
    later,
    retain,
    rule,
    run,
    store_of,
    version_of,
)
from tests.storage.samples import (
    AYSE,
    POLICY,
    Inbox,
    certificate,
)
from tests.storage.views import employments_of
from validators.finding import Decision


def test_nothing_is_destroyed_before_its_day(ended: Inbox) -> None:
    assert retain(ended, 59) == {}


def test_files_of_a_decided_application_go_and_those_a_running_employment_rests_on_stay(ended: Inbox) -> None:
    """Evidence: sixty days after the decision, İYUK m.7; m.6(3)(d): what runs must stay provable."""
    # Nobody's evidence: the registrations and the removal have no files; they are decided all the same.
    assert retain(ended, 61) == {"evidence": 4, "files": 1}
    assert (is_kept(ended, "A-1"), is_kept(ended, "A-2")) == (True, False)
    assert version_of(ended, "A-1").evidence_destroyed_at is None
    assert version_of(ended, "A-2").evidence_destroyed_at is not None
    assert version_of(ended, "A-2").facts_destroyed_at is None


def test_facts_findings_and_people_of_a_decided_application_go(ended: Inbox) -> None:
    got = retain(ended, BEYOND)
    assert (got["facts"], got["evidence"], got["files"]) == (4, 4, 1)
    kept = version_of(ended, "A-1")
    assert (kept.facts_destroyed_at, kept.declaration is not None) == (None, True)
    gone = version_of(ended, "A-2")
    assert (gone.declaration, gone.problems, gone.petition) == (None, None, None)
    with ended.database.reading() as work:
        for table in (UploadRow, DocumentRow):
            assert set(work.session.scalars(select(table.version_key))) == {kept.id}
        judged = select(JudgementRow.version_key)
        for rows in (JudgedPerson, FindingRow):
            joined = judged.join(rows, rows.judgement_key == JudgementRow.id)
            assert set(work.session.scalars(joined)) == {kept.id}


def test_the_decision_of_an_application_without_facts_is_told_with_the_day_of_destruction(
    ended: Inbox,
) -> None:
    retain(ended, BEYOND)
    with ended.database.reading() as work:
        verdict = stored_verdict(work, "A-2")
    assert verdict is not None
    assert verdict.judgement.decision is Decision.VERIFIED
    assert (verdict.judgement.people, verdict.judgement.findings, verdict.application) == ((), (), None)
    assert verdict.evidence_destroyed_at is not None
    assert verdict.facts_destroyed_at is not None


def test_what_has_no_facts_is_not_judged_again(ended: Inbox) -> None:
    """Judged on nothing, a verified application would be flagged, and its employments put under review."""
    keys = [ended.key(name) for name in ("A-1", "A-2")]
    (loaded,) = [item for item in ended.judged(keys) if item.file.application_key == keys[1]]
    retain(ended, BEYOND)
    with ended.database.reading() as work:
        again = {key for wave in judged_before(work) for key in wave}
        assert [file.application_id for file in load_cases(work, keys)] == ["A-1"]
    assert again == {keys[0]}
    saved = save_judgements(ended.database, [loaded], POLICY)
    assert saved.stale == {"A-2"}, "it was loaded before its facts were destroyed"


def test_an_ended_employment_goes_with_the_applications_that_brought_and_ended_it(ended: Inbox) -> None:
    assert retain(ended, BEYOND)["employments"] == 1
    assert [row.application_key for row in employments_of(ended)] == [ended.key("A-1")]


def test_an_ended_employment_stays_while_an_application_that_names_the_person_is_kept(ended: Inbox) -> None:
    """Judged again, that application would bring it back as running."""
    assert "employments" not in retain(ended, BEYOND, facts=2000)
    assert len(employments_of(ended)) == 2


def test_files_in_force_as_certificates_stay(inbox: Inbox) -> None:
    """m.8(1)(c): health-service providers may ask for them; a new set replaces them, m.5(2)(ç)."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    certify(inbox, "P-2", "02T09:00", certificate(AYSE), certificate(AYSE, "yeni.pdf"))
    run(inbox)
    assert retain(inbox, BEYOND) == {"evidence": 1, "facts": 1, "files": 1}
    assert (is_kept(inbox, "P-1"), is_kept(inbox, "P-2")) == (False, True)
    with inbox.database.reading() as work:
        record = person_by_national_id(work, AYSE.national_id)
    assert record is not None
    assert [each.sha256 for each in record.certificates] == [inbox.facts["P-2"][0].sha256]


def test_an_application_that_is_flagged_and_undecided_is_held_and_counted(flagged: Inbox) -> None:
    periods = later(20_000, flagged.path.parent)
    assert preview(flagged.database, periods, store_of(flagged)).held == 1
    assert retain(flagged, 20_000) == {}
    assert is_kept(flagged, "F-1")


def test_a_flagged_application_that_was_decided_goes(flagged: Inbox) -> None:
    rule(flagged, "F-1")
    assert retain(flagged, 61) == {"evidence": 1, "files": 1}


def test_a_decided_application_that_waits_for_a_day_is_held_until_then(flagged: Inbox) -> None:
    rule(flagged, "F-1", wait_until=(now() + timedelta(days=100)).date())
    assert retain(flagged, 99) == {}
    assert retain(flagged, 102) == {"evidence": 1, "files": 1}


def test_the_note_of_a_decision_goes_with_the_facts(flagged: Inbox) -> None:
    rule(flagged, "F-1")
    retain(flagged, BEYOND)
    with flagged.database.reading() as work:
        (told,) = decisions_on(work, "F-1")
    assert (told.note, told.officer) == ("", "Ayşe Örnek")


@pytest.mark.parametrize("state", [ApplicationState.PENDING, ApplicationState.READ, ApplicationState.FAILED])
def test_what_is_not_judged_as_it_stands_is_held(ended: Inbox, state: ApplicationState) -> None:
    with ended.database.unit_of_work() as work:
        work.session.execute(update(ApplicationRow).values(state=state))
        work.commit()
    assert retain(ended, BEYOND) == {}
    assert is_kept(ended, "A-2")


def test_a_petition_without_a_decision_is_held(petitioned: Inbox) -> None:
    assert retain(petitioned, BEYOND) == {}
    assert len(files(petitioned)) == 3


def test_a_petition_that_was_decided_goes_with_the_record_s_papers_and_then_its_tombstone(
    petitioned: Inbox,
) -> None:
    decide(petitioned.database, "D-1", Ruling.APPROVED, "Görevli Deneme", "Sehven.")
    assert retain(petitioned, 61) == {"evidence": 3, "files": 3}
    assert files(petitioned) == set()
    assert retain(petitioned, BEYOND) == {"facts": 3, "employments": 1, "people": 1}
    assert (count(petitioned, Person), count(petitioned, Employment)) == (0, 0)


def test_a_tombstone_stays_while_what_it_stands_against_is_kept(petitioned: Inbox) -> None:
    """Judged again, the registration would make the record anew."""
    decide(petitioned.database, "D-1", Ruling.APPROVED, "Görevli Deneme", "Sehven.")
    assert "people" not in retain(petitioned, BEYOND, facts=2000)
    assert count(petitioned, Person) == 1


def test_a_person_without_a_record_and_without_an_employment_goes(ended: Inbox) -> None:
    with ended.database.unit_of_work() as work:
        work.session.execute(update(Person).values(registered_at=None, registered_by=None))
        work.commit()
    assert retain(ended, BEYOND)["people"] == 1, "the other one works"
    assert count(ended, Person) == 1
