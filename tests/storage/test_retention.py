"""Retention: what is destroyed when its period is over, class by class, and what is held (KVKK m.4, m.7)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage.cases import judged_before, load_cases
from storage.columns import now
from storage.decisions import decide, decisions_on
from storage.issuer import store_answers
from storage.judgements import save_judgements
from storage.models import (
    ApplicationRow,
    ApplicationState,
    CondemnedFile,
    Destruction,
    DocumentRow,
    Employment,
    FindingRow,
    IssuerAnswerRow,
    JudgedPerson,
    JudgementRow,
    Person,
    RecordDecision,
    Ruling,
    Run,
    RunEnd,
    UploadRow,
    Version,
)
from storage.retention import preview, run_retention
from storage.runs import start_run
from storage.search import person_by_national_id
from storage.verdicts import stored_verdict
from tests.storage.procedures import add, certify, petition, remove
from tests.storage.retained import (
    assert_consistent,
    destroyed,
    files,
    is_kept,
    keep_files,
    later,
    retain,
    sizes,
    store_of,
)
from tests.storage.samples import (
    AYSE,
    ISIL,
    POLICY,
    Inbox,
    application,
    certificate,
    register,
    statement,
)
from tests.storage.views import decision_of, employments_of
from validators.finding import Decision
from validators.issuer import IssuerAnswer, IssuerStatus

PAPER = "hd11-1111-1111-1111"
BEYOND = 800
"""Days after which every default period is over but that of the destruction log."""


def run(inbox: Inbox) -> None:
    inbox.run()
    keep_files(inbox)


@pytest.fixture
def ended(inbox: Inbox) -> Inbox:
    """Somebody who was added and removed, and somebody who still works; nobody has certificates."""
    for person in (AYSE, ISIL):
        certify(inbox, f"P-{person.given_name[0]}", "01T09:00", procedure="registration", person=person)
    add(inbox, "A-1", "10T10:00", PAPER)
    add(inbox, "A-2", "11T10:00", "hd22-2222-2222-2222", person=ISIL)
    remove(inbox, "R-2", "15T10:00", people=[ISIL])
    run(inbox)
    return inbox


def version_of(inbox: Inbox, application_id: str) -> Version:
    with inbox.database.reading() as work:
        return work.session.scalars(
            select(Version)
            .join(ApplicationRow, ApplicationRow.id == Version.application_key)
            .where(ApplicationRow.application_id == application_id)
            .order_by(Version.id.desc())
        ).first() or pytest.fail("no such application")


def count(inbox: Inbox, table: type) -> int:
    return int(sizes(inbox)[table.__tablename__])  # type: ignore[attr-defined]  # every table has a name


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


@pytest.fixture
def flagged(inbox: Inbox) -> Inbox:
    """An application that waits for an officer."""
    inbox.put(application("F-1", "personnel_addition"), statement(exit_date="2026-10-10"))
    run(inbox)
    assert decision_of(inbox, "F-1") is Decision.FLAGGED
    return inbox


def test_an_application_that_is_flagged_and_undecided_is_held_and_counted(flagged: Inbox) -> None:
    periods = later(20_000, flagged.path.parent)
    assert preview(flagged.database, periods).held == 1
    assert retain(flagged, 20_000) == {}
    assert is_kept(flagged, "F-1")


def rule(inbox: Inbox, application_id: str, wait_until: date | None = None) -> None:
    """Enter an officer's decision as the review of flagged applications does, and what the judgement waits for."""
    with inbox.database.unit_of_work() as work:
        row = work.session.scalars(
            select(JudgementRow).where(
                JudgementRow.application_key == inbox.key(application_id), JudgementRow.current
            )
        ).one()
        sealed = {
            name: work.keys.seal("Ayşe Örnek", f"record_decisions.{name}") for name in ("officer", "note")
        }
        work.session.add(
            RecordDecision(
                application_key=row.application_key,
                version_key=row.version_key,
                judgement_key=row.id,
                decision=Ruling.REFUSED,
                decided_at=now(),
                **sealed,
            )
        )
        waits = update(JudgedPerson).where(JudgedPerson.judgement_key == row.id)
        work.session.execute(waits.values(wait_until=wait_until))
        work.commit()


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


@pytest.fixture
def petitioned(inbox: Inbox) -> Inbox:
    """Somebody with a record, certificates and an employment, who asked for the deletion of the record (m.4(3))."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    add(inbox, "A-1", "10T10:00", PAPER)
    petition(inbox, "D-1", "15T10:00")
    run(inbox)
    sha256 = store_of(inbox).put(b"dilekce")
    with inbox.database.unit_of_work() as work:
        row = update(Version).where(Version.application_key == inbox.key("D-1"))
        work.session.execute(row.values(petition=sha256))
        work.commit()
    return inbox


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


@pytest.fixture
def replaced(inbox: Inbox) -> Inbox:
    """An application whose folder was replaced by one with another paper."""
    register(inbox, AYSE)
    inbox.put(application("A-1", "personnel_addition"), statement(barcode="hd33-3333-3333-3333"))
    run(inbox)
    inbox.put(application("A-1", "personnel_addition"), statement(barcode=PAPER))
    run(inbox)
    return inbox


def test_files_and_facts_of_a_replaced_version_go(replaced: Inbox) -> None:
    (first, second) = versions(replaced, "A-1")
    assert retain(replaced, 61) == {"replaced": 1, "files": 1}
    with replaced.database.reading() as work:
        assert set(work.session.scalars(select(UploadRow.version_key))) > {second.id}
        assert first.id not in set(work.session.scalars(select(UploadRow.version_key)))
    assert is_kept(replaced, "A-1")


def versions(inbox: Inbox, application_id: str) -> list[Version]:
    with inbox.database.reading() as work:
        rows = select(Version).where(Version.application_key == inbox.key(application_id))
        return list(work.session.scalars(rows.order_by(Version.id)))


def test_a_replaced_version_of_an_open_case_is_held(flagged: Inbox) -> None:
    flagged.put(application("F-1", "personnel_addition"), statement(exit_date="2026-10-11"))
    run(flagged)
    assert decision_of(flagged, "F-1") is Decision.FLAGGED
    assert retain(flagged, BEYOND) == {}


def test_a_replaced_version_that_comes_back_is_read_and_judged_as_if_new(replaced: Inbox) -> None:
    retain(replaced, 61)
    replaced.put(application("A-1", "personnel_addition"), statement(barcode="hd33-3333-3333-3333"))
    run(replaced)
    assert decision_of(replaced, "A-1") is Decision.VERIFIED
    *_, newest = versions(replaced, "A-1")
    assert (newest.facts_destroyed_at, newest.declaration is not None) == (None, True)
    with replaced.database.reading() as work:
        verdict = stored_verdict(work, "A-1")
    assert verdict is not None
    assert [person.national_id for person in verdict.judgement.people] == [AYSE.national_id]
    assert is_kept(replaced, "A-1")


def test_files_that_come_back_count_as_kept_and_are_destroyed_again(ended: Inbox) -> None:
    """The files alone were destroyed; the folder changes and changes back."""
    content = application("A-2", "personnel_addition", [ISIL])
    before = {"A-2": ended.facts["A-2"]}
    declared = (ended.path / "A-2" / "application.json").read_bytes()
    evidence = (ended.path / "A-2" / "evidence.zip").read_bytes()
    retain(ended, 61)
    ended.put(content, statement(ISIL, "hd44-4444-4444-4444"))
    ended.read_all()
    ended.write("A-2", declared, evidence)
    ended.facts |= before
    run(ended)
    assert is_kept(ended, "A-2")
    assert [v.evidence_destroyed_at for v in versions(ended, "A-2")] == [None, None]
    assert "files" in retain(ended, 61)
    assert not is_kept(ended, "A-2")


def test_superseded_judgements_go_with_people_and_findings(replaced: Inbox) -> None:
    before = count(replaced, JudgementRow)
    assert retain(replaced, BEYOND)["judgements"] == 1
    assert count(replaced, JudgementRow) == before - 1
    with replaced.database.reading() as work:
        assert all(work.session.scalars(select(JudgementRow.current)))


def test_a_superseded_judgement_that_an_employment_rests_on_stays(replaced: Inbox) -> None:
    """Nobody ended the employment, and the judgement says on what it rests."""
    with replaced.database.unit_of_work() as work:
        first, _ = work.session.scalars(
            select(JudgementRow)
            .where(JudgementRow.application_key == replaced.key("A-1"))
            .order_by(JudgementRow.id)
        )
        work.session.execute(update(Employment).values(judgement_key=first.id))
        work.commit()
    got = retain(replaced, BEYOND)
    assert "judgements" not in got
    assert "replaced" not in got


def test_a_file_that_a_kept_version_needs_stays_until_the_last_one_goes(inbox: Inbox) -> None:
    """The same bytes are kept once, whoever uploaded them."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    # The same course, the same bytes; a second registration of the person is in force, the first one is not.
    certify(inbox, "P-2", "02T09:00", certificate(AYSE))
    run(inbox)
    assert len(files(inbox)) == 1
    assert retain(inbox, 61) == {"evidence": 1}
    assert is_kept(inbox, "P-1")
    with inbox.database.unit_of_work() as work:
        work.session.execute(update(Person).values(certified_by=None))
        work.commit()
    assert retain(inbox, 61) == {"evidence": 1, "files": 1}


def answer(inbox: Inbox) -> None:
    store_answers(inbox.database, [(statement(AYSE, PAPER), IssuerAnswer(IssuerStatus.IDENTICAL))])


def test_an_issuer_s_answer_goes_when_the_facts_of_its_paper_are_gone(ended: Inbox) -> None:
    answer(ended)
    assert retain(ended, 184).get("issuer_answers") is None
    remove(ended, "R-1", "18T10:00")
    run(ended)
    assert retain(ended, BEYOND)["issuer_answers"] == 1
    assert count(ended, IssuerAnswerRow) == 0


def test_batches_go_and_one_that_goes_on_stays(ended: Inbox) -> None:
    old, going = (start_run(ended.database, ended.name, "kilavuz", owner) for owner in ("a", "b"))
    with ended.database.unit_of_work() as work:
        work.session.execute(
            update(Run).where(Run.id == old).values(ended=RunEnd.FINISHED, finished_at=now())
        )
        work.session.execute(update(JudgementRow).values(run_id=old))
        work.commit()
    assert "runs" not in retain(ended, 729)
    assert retain(ended, 731)["runs"] == 1
    with ended.database.reading() as work:
        assert work.session.scalars(select(Run.id)).all() == [going]
        assert set(work.session.scalars(select(JudgementRow.run_id))) == {None}


def test_the_destruction_log_tells_numbers_and_is_kept_for_three_years(ended: Inbox) -> None:
    """Yönetmelik m.7(3), RG 28.10.2017/30224."""
    report = run_retention(ended.database, store_of(ended), later(61, ended.path.parent))
    with ended.database.reading() as work:
        rows = work.session.scalars(select(Destruction)).all()
        assert {(row.run_id, row.data_class, row.amount) for row in rows} == {
            (report.run_id, name, amount) for name, amount in destroyed(report).items()
        }
    columns = {column.name for column in Destruction.__table__.columns}
    assert columns == {"id", "run_id", "data_class", "amount", "destroyed_at"}
    assert "log" not in retain(ended, 61 + 1095)
    assert retain(ended, 61 + 1097) == {"log": len(rows)}


def test_no_file_is_removed_while_somebody_reads(ended: Inbox) -> None:
    """A reader that keeps a file which is there already writes nothing: it must not be taken away under its hands."""
    row = update(ApplicationRow).where(ApplicationRow.application_id == "P-A")
    with ended.database.unit_of_work() as work:
        values = {"state": ApplicationState.PENDING, "owner": "reader"}
        work.session.execute(row.values(leased_until=now() + timedelta(minutes=5), **values))
        work.commit()
    periods = later(61, ended.path.parent)
    report = run_retention(ended.database, store_of(ended), periods)
    assert (report.files_waiting, "files" in destroyed(report), is_kept(ended, "A-2")) == (1, False, True)
    with ended.database.unit_of_work() as work:
        work.session.execute(row.values(leased_until=datetime(2026, 1, 1, tzinfo=UTC)))
        work.commit()
    assert (
        preview(ended.database, periods).destroyed
        == run_retention(ended.database, store_of(ended), periods).destroyed
    )
    assert not is_kept(ended, "A-2")
    assert_consistent(ended)


def test_a_condemned_file_that_is_needed_again_stays(ended: Inbox) -> None:
    """It was uploaded anew between the run that condemned it and the one that would remove it."""
    with ended.database.unit_of_work() as work:
        work.session.add(CondemnedFile(sha256=ended.facts["A-1"][0].sha256))
        work.commit()
    assert retain(ended, 0) == {}
    assert is_kept(ended, "A-1")
    assert count(ended, CondemnedFile) == 0


def test_an_upload_that_was_never_kept_is_no_trouble(ended: Inbox) -> None:
    store_of(ended).delete(ended.facts["A-2"][0].sha256)
    assert retain(ended, 61)["files"] == 1
