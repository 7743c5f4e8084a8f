"""What officers decide on applications that kanit leaves to them.

So far that is the deletion of a record on petition (Kılavuz m.4(3)): nobody can delete a record, the person who made it
asks the agency with a petition, and an officer decides. An approval makes the record a tombstone, never a gap: the row
stays with its judgements, its petition and this decision; it counts as no record any more, the queries of m.8 do not
find it, and the person's employments end. The person may register anew; the decision stays all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.cases import declared_application
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.cases import close_decided
from storage.employments import end
from storage.errors import DecisionImpossible, Obstacle
from storage.keys import person_index
from storage.models import (
    RUNNING,
    ApplicationRow,
    Employment,
    JudgementRow,
    Person,
    RecordDecision,
    RegistryState,
    Ruling,
    Version,
)
from validators.application import Application, Procedure
from validators.rules.procedures import petitioner_fault


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was entered; `officer` says who decided and `note` why."""

    application_id: str
    decision: Ruling
    officer: str
    note: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class DecisionEntered:
    """The key of a decision's row, and the decision."""

    key: int
    decided: Decided


@dataclass(frozen=True, slots=True)
class _Open:
    """A judged application: the judgement and version that are current; no declaration where it did not parse."""

    application_key: int
    judgement_key: int
    version_key: int
    application: Application | None


def decide(database: Database, application_id: str, decision: Ruling, officer: str, note: str) -> Decided:
    """Enter an officer's decision on a deletion and carry it out, in one transaction; the note says why.

    A version of an application is decided once: whoever comes second is told, even at the same moment. Raises
    DecisionImpossible.
    """
    return database.transact(
        lambda work: enter_decision(work, application_id, decision, officer, note).decided
    )


def decisions_on(work: UnitOfWork, application_id: str) -> tuple[Decided, ...]:
    """Return all decisions on an application, the oldest first."""
    rows = work.session.scalars(
        select(RecordDecision)
        .join(ApplicationRow, ApplicationRow.id == RecordDecision.application_key)
        .where(ApplicationRow.application_id == application_id)
        .order_by(RecordDecision.id)
    )
    return tuple(
        Decided(
            application_id,
            row.decision,
            work.keys.unseal(row.officer, "record_decisions.officer"),
            work.keys.unseal(row.note, "record_decisions.note"),
            row.decided_at,
        )
        for row in rows
    )


def enter_decision(
    work: UnitOfWork, application_id: str, decision: Ruling, officer: str, note: str
) -> DecisionEntered:
    """Do what `decide` does, in the caller's transaction. Raises DecisionImpossible."""
    case = _undecided(work, application_id)
    if decision is Ruling.APPROVED and case.application is not None:
        _delete_records(work, case.application_key, case.application)
    decided = Decided(application_id, decision, officer, note, now())
    row = RecordDecision(
        application_key=case.application_key,
        version_key=case.version_key,
        judgement_key=case.judgement_key,
        decision=decision,
        officer=work.keys.seal(officer, "record_decisions.officer"),
        note=work.keys.seal(note, "record_decisions.note"),
        decided_at=decided.decided_at,
    )
    work.session.add(row)
    work.session.flush()
    close_decided(work, case.application_key, decision)
    return DecisionEntered(row.id, decided)


def _undecided(work: UnitOfWork, application_id: str) -> _Open:
    """Lock the application and return what is to be decided: its current version, judged and not yet decided."""
    where = ApplicationRow.application_id == application_id
    row = work.session.scalar(select(ApplicationRow).where(where).with_for_update())
    if row is None or (case := _judged(work, row)) is None:
        raise DecisionImpossible(Obstacle.NOT_JUDGED)
    if case.application is None or case.application.procedure is not Procedure.RECORD_DELETION:
        raise DecisionImpossible(Obstacle.NOT_FORESEEN)
    if work.session.scalar(select(RecordDecision.id).where(RecordDecision.version_key == case.version_key)):
        raise DecisionImpossible(Obstacle.ALREADY_DECIDED)
    return case


def _judged(work: UnitOfWork, row: ApplicationRow) -> _Open | None:
    found = work.session.execute(
        select(JudgementRow.id, Version)
        .join(Version, Version.id == JudgementRow.version_key)
        .where(
            JudgementRow.application_key == row.id,
            JudgementRow.current,
            Version.fingerprint == row.fingerprint,
        )
    ).one_or_none()
    if found is None:
        return None
    return _Open(row.id, found.id, found.Version.id, declared_application(found.Version, work.keys))


def _delete_records(work: UnitOfWork, application_key: int, application: Application) -> None:
    """Make the records of the declared people tombstones as of the petition, and end their employments."""
    if petitioner_fault(application) is not None:
        raise DecisionImpossible(Obstacle.NOT_CREATOR)
    people = _records(work, application)
    for person in people:
        person.state = RegistryState.DELETED
        person.deleted_as_of = application.submitted_at
    running = (
        select(Employment)
        .where(
            Employment.person_key.in_([person.id for person in people]),
            Employment.state.in_(RUNNING),
        )
        .order_by(Employment.id)
        .with_for_update()
    )
    for employment in work.session.scalars(running):
        end(employment, application_key, application.submitted_at)


def _records(work: UnitOfWork, application: Application) -> Sequence[Person]:
    """Lock and return the records that are asked to be deleted, each of them as the petition saw it.

    A record that the person changed after the petition, by an update or a new registration, is not what the petition
    asks to delete.
    """
    indexes = {person_index(work.keys, person.national_id) for person in application.people}
    rows = (
        select(Person).where(Person.person_index.in_(indexes)).order_by(Person.person_index).with_for_update()
    )
    people = work.session.scalars(rows).all()
    recorded = [p for p in people if p.registered_at is not None and p.state is not RegistryState.DELETED]
    if len(recorded) < len(indexes):
        raise DecisionImpossible(Obstacle.NO_RECORD)
    if any(person.as_of > application.submitted_at for person in recorded):
        raise DecisionImpossible(Obstacle.RECORD_CHANGED)
    return recorded
