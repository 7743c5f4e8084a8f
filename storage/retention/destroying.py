"""How each class is destroyed: steps of bounded size, each of them whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, String, cast, delete, insert, select, union, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.audit import forget
from storage.models import (
    ApplicationRow,
    AuditLine,
    CondemnedFile,
    CorrectionRow,
    DeskCase,
    Destruction,
    DocumentRow,
    Employment,
    FindingRow,
    IssuerAnswerRow,
    JudgedPerson,
    JudgementRow,
    Person,
    RecordDecision,
    RulingRow,
    RulingText,
    Run,
    UploadRow,
    Version,
)
from storage.retention.due import Due, files_of
from storage.retention.periods import DataClass

Keys = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of row to be destroyed: what is due of it, what is locked first, and what is done, which is counted.

    `data_class` is None for what is only made ready for destruction; `at_once`: one chunk destroys all that is due.
    """

    data_class: DataClass | None
    key: InstrumentedAttribute[Any]
    due: ColumnElement[bool]
    lock: Callable[[UnitOfWork, Keys], None]
    destroy: Callable[[UnitOfWork, Keys], int]
    at_once: bool = False


def steps(due: Due) -> Iterator[Step]:
    """Yield the steps in their order: what others refer to comes after them."""
    version, judgement, employment = Version.id, JudgementRow.id, Employment.id
    yield Step(DataClass.EVIDENCE, version, due.evidence(Version), _lock_versions, destroy_evidence)
    yield Step(DataClass.FACTS, version, due.facts(Version), _lock_versions, destroy_facts)
    yield Step(DataClass.REPLACED, version, due.replaced(Version), _lock_versions, _destroy_both)
    yield Step(
        DataClass.EMPLOYMENTS, employment, due.employment(Employment), _lock_employments, _delete(employment)
    )
    yield Step(DataClass.PEOPLE, Person.id, due.person(Person), _lock_people, _delete(Person.id))
    yield Step(
        DataClass.JUDGEMENTS, judgement, due.judgement(JudgementRow), _lock_judgements, _delete_judgements
    )
    document = IssuerAnswerRow.document
    yield Step(
        DataClass.ISSUER_ANSWERS, document, due.answer(IssuerAnswerRow), _no_lock, _delete_answers(due)
    )
    run = aliased(Run)
    of_run = JudgementRow.run_id.in_(select(run.id).where(due.run(run)))
    yield Step(None, judgement, of_run, _no_lock, _forget_run)
    yield Step(DataClass.RUNS, Run.id, due.run(Run), _no_lock, _delete(Run.id))
    line, forgotten = AuditLine.id, _forget_lines(due)
    yield Step(DataClass.AUDIT, line, due.audit(AuditLine), _no_lock, forgotten, at_once=True)
    yield Step(DataClass.LOG, Destruction.id, due.entry(Destruction), _no_lock, _delete(Destruction.id))


def destroy_evidence(work: UnitOfWork, versions: Keys) -> int:
    """Condemn the files of versions; those that nothing else needs are removed afterwards."""
    condemned = union(*files_of(versions)).subquery()
    new = select(condemned.c.sha256).where(condemned.c.sha256.not_in(select(CondemnedFile.sha256)))
    work.session.execute(insert(CondemnedFile).from_select(["sha256"], new))
    gone = update(Version).where(Version.id.in_(versions)).values(evidence_destroyed_at=now())
    return _count(work, gone)


def destroy_facts(work: UnitOfWork, versions: Keys) -> int:
    """Destroy what was declared, read and found of versions; their rows, judgements and dates stay.

    The judgements get keys of their own: the same files, should they come again, are judged anew.
    """
    of_versions = select(Version.application_key).where(Version.id.in_(versions))
    judged = select(JudgementRow.id).where(
        JudgementRow.application_key.in_(of_versions), JudgementRow.version_key.in_(versions)
    )
    for rows in (FindingRow.judgement_key, JudgedPerson.judgement_key):
        work.session.execute(delete(rows.class_).where(rows.in_(judged)))
    for rows in (DocumentRow.version_key, UploadRow.version_key):
        work.session.execute(delete(rows.class_).where(rows.in_(versions)))
    _forget_at_desk(work, versions)
    key = cast(JudgementRow.id, String)
    work.session.execute(update(JudgementRow).where(JudgementRow.id.in_(judged)).values(run_key=key))
    note = work.keys.seal("", "record_decisions.note")
    work.session.execute(
        update(RecordDecision).where(RecordDecision.version_key.in_(versions)).values(note=note)
    )
    emptied = {"declaration": None, "problems": None, "petition": None, "facts_destroyed_at": now()}
    return _count(work, update(Version).where(Version.id.in_(versions)).values(emptied))


def _forget_at_desk(work: UnitOfWork, versions: Keys) -> None:
    """Destroy what officers wrote and corrected; that they ruled, on which codes, stays."""
    rulings = select(RulingRow.id).where(RulingRow.version_key.in_(versions))
    for rows in (RulingText.ruling_key, CorrectionRow.ruling_key):
        work.session.execute(delete(rows.class_).where(rows.in_(rulings)))
    nameless = update(DeskCase).where(DeskCase.version_key.in_(versions))
    work.session.execute(nameless.values(provider_index=None, provider_title=None))


def _destroy_both(work: UnitOfWork, versions: Keys) -> int:
    destroy_evidence(work, versions)
    return destroy_facts(work, versions)


def _delete_judgements(work: UnitOfWork, judgements: Keys) -> int:
    for rows in (FindingRow.judgement_key, JudgedPerson.judgement_key):
        work.session.execute(delete(rows.class_).where(rows.in_(judgements)))
    return _count(work, delete(JudgementRow).where(JudgementRow.id.in_(judgements)))


def _delete_answers(due: Due) -> Callable[[UnitOfWork, Keys], int]:
    """A document may have answers about several barcode numbers, not all of them due."""
    where = due.answer(IssuerAnswerRow)
    return lambda work, keys: _count(
        work, delete(IssuerAnswerRow).where(IssuerAnswerRow.document.in_(keys), where)
    )


def _forget_lines(due: Due) -> Callable[[UnitOfWork, Keys], int]:
    """All lines at once: each time that the trail is shortened adds a line to it."""
    return lambda work, _: forget(work, due.audit_before)


def _forget_run(work: UnitOfWork, judgements: Keys) -> int:
    return _count(work, update(JudgementRow).where(JudgementRow.id.in_(judgements)).values(run_id=None))


def _delete(key: Any) -> Callable[[UnitOfWork, Keys], int]:
    return lambda work, keys: _count(work, delete(key.class_).where(key.in_(keys)))


def _count(work: UnitOfWork, change: Any) -> int:
    result = work.session.execute(change, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)  # noqa: S101 - what a change returns
    return result.rowcount


def _lock_versions(work: UnitOfWork, keys: Keys) -> None:
    _lock_applications(work, select(Version.application_key).where(Version.id.in_(keys)))


def _lock_judgements(work: UnitOfWork, keys: Keys) -> None:
    _lock_applications(work, select(JudgementRow.application_key).where(JudgementRow.id.in_(keys)))


def _lock_employments(work: UnitOfWork, keys: Keys) -> None:
    _lock_applications(work, select(Employment.application_key).where(Employment.id.in_(keys)))


def _lock_applications(work: UnitOfWork, applications: Any) -> None:
    """Wait for whoever judges or decides these applications, and keep others from it, as `save_judgements` does."""
    rows = select(ApplicationRow.id).where(ApplicationRow.id.in_(applications)).order_by(ApplicationRow.id)
    work.session.execute(rows.with_for_update())


def _lock_people(work: UnitOfWork, keys: Keys) -> None:
    rows = select(Person.id).where(Person.id.in_(keys)).order_by(Person.person_index).with_for_update()
    work.session.execute(rows)


def _no_lock(work: UnitOfWork, keys: Keys) -> None:
    """Nothing else changes such rows once they are due."""
