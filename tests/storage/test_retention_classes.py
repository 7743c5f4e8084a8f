"""Retention: replaced versions, judgements, files of several, answers, batches, the log; files while somebody reads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storage.columns import now
from storage.desk.audit import COMMAND_LINE, Action, lines, record, verify
from storage.errors import SettingsInvalid
from storage.issuer import store_answers
from storage.models import (
    ApplicationRow,
    ApplicationState,
    AuditLine,
    CondemnedFile,
    Destruction,
    Employment,
    IssuerAnswerRow,
    JudgementRow,
    Person,
    Run,
    RunEnd,
    UploadRow,
)
from storage.retention import DataClass, preview, run_retention
from storage.runs import start_run
from storage.settings import load_settings
from storage.verdicts import stored_verdict
from tests.storage.fixtures import unguarded
from tests.storage.procedures import certify, remove
from tests.storage.retained import (
    BEYOND,
    PAPER,
    assert_consistent,
    count,
    destroyed,
    files,
    is_kept,
    later,
    retain,
    run,
    store_of,
    versions,
)
from tests.storage.samples import (
    AYSE,
    ISIL,
    Inbox,
    application,
    certificate,
    statement,
)
from tests.storage.views import decision_of
from validators.finding import Decision
from validators.issuer import IssuerAnswer, IssuerStatus


def test_files_and_facts_of_a_replaced_version_go(replaced: Inbox) -> None:
    (first, second) = versions(replaced, "A-1")
    assert retain(replaced, 61) == {"replaced": 1, "files": 1}
    with replaced.database.reading() as work:
        assert set(work.session.scalars(select(UploadRow.version_key))) > {second.id}
        assert first.id not in set(work.session.scalars(select(UploadRow.version_key)))
    assert is_kept(replaced, "A-1")


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
        preview(ended.database, periods, store_of(ended)).destroyed
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


def write_lines(inbox: Inbox, number: int) -> None:
    for step in range(number):
        inbox.database.transact(
            lambda work, step=step: record(  # type: ignore[misc]  # the step of this round
                work, COMMAND_LINE, Action.VIEW_PAPER, f"application:A-{step}", AYSE.national_id
            )
        )


def test_lines_of_the_audit_trail_go_in_their_time_and_the_rest_is_whole(inbox: Inbox) -> None:
    """The access log: two years (KVKK m.12); what is left of it can still be verified."""
    write_lines(inbox, 3)
    early = later(700, inbox.path.parent, audit=730)
    assert preview(inbox.database, early, store_of(inbox)).destroyed[DataClass.AUDIT] == 0
    due = later(731, inbox.path.parent, audit=730)
    assert preview(inbox.database, due, store_of(inbox)).destroyed[DataClass.AUDIT] == 3
    report = run_retention(inbox.database, store_of(inbox), due)
    assert destroyed(report) == {"audit": 3}
    write_lines(inbox, 1)
    with inbox.database.reading() as work:
        assert verify(work) == []
        assert [(line.id, line.action) for line in lines(work)] == [(5, "view_paper"), (4, "audit_forgotten")]


def test_no_line_is_destroyed_before_an_older_one_that_is_kept(inbox: Inbox) -> None:
    """A clock that went wrong: the trail goes from its beginning, without a gap."""
    write_lines(inbox, 2)
    with inbox.database.engine.begin() as connection, unguarded(connection):
        connection.execute(update(AuditLine).where(AuditLine.id == 1).values(at=now() + timedelta(days=900)))
    due = later(800, inbox.path.parent, audit=730)
    assert preview(inbox.database, due, store_of(inbox)).destroyed[DataClass.AUDIT] == 0
    assert destroyed(run_retention(inbox.database, store_of(inbox), due)) == {}


def test_the_audit_trail_is_kept_for_a_year_at_least(tmp_path: Path) -> None:
    """KVKK m.12(3): the controller's own audits need it; no setting lets it vanish at once."""
    with pytest.raises(SettingsInvalid, match="retention_audit_days"):
        load_settings(home=tmp_path, retention_audit_days=30)
    assert load_settings(home=tmp_path).retention_audit_days == 730
