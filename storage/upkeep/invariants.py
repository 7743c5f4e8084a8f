"""What must hold of the rows of a registry whatever happens, as queries for the rows of which it does not.

Each is of one moment and knows what retention may have destroyed (`storage.retention`). Keys of rows are told, never
what stands in them.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Select, Table, and_, exists, not_, or_, select
from sqlalchemy.orm import aliased

from storage.columns import Base
from storage.database import UnitOfWork
from storage.models import (
    RUNNING,
    ApplicationRow,
    ApplicationState,
    CorrectionRow,
    DeskCase,
    DocumentRow,
    Employment,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    Person,
    RecordDecision,
    RegistryState,
    Ruling,
    RulingKind,
    RulingRow,
    RulingState,
    RulingText,
    UploadRow,
    Version,
)
from storage.upkeep.faults import Fault, FaultKind
from validators.finding import Code, Decision, Outcome

_AT_ONCE = 1000

Query = Select[tuple[Any, ...]]


def row_faults(work: UnitOfWork) -> Iterator[Fault]:
    """Yield the rows of which something does not hold that must."""
    for table in Base.metadata.sorted_tables:
        for reference in table.foreign_key_constraints:
            yield from _found(work, FaultKind.REFERENCE_BROKEN, _dangling(table, reference), table.name)
    for kind, table_name, query in _INVARIANTS:
        yield from _found(work, kind, query(), table_name)


def _found(work: UnitOfWork, kind: FaultKind, query: Query, table: str) -> Iterator[Fault]:
    for row in work.session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Fault(kind, f"{table} {'.'.join(map(str, row))}")


def _dangling(table: Table, reference: ForeignKeyConstraint) -> Query:
    """Return the query for rows whose reference leads nowhere. A database sees to that while it is not meddled with."""
    target = reference.referred_table.alias()
    pairs = [(element.parent, target.c[element.column.name]) for element in reference.elements]
    there = select(target).where(*(mine == theirs for mine, theirs in pairs)).exists()
    return select(*table.primary_key.columns).where(*(mine.is_not(None) for mine, _ in pairs), ~there)


def _unread() -> Query:
    kept = exists().where(
        Version.application_key == ApplicationRow.id, Version.fingerprint == ApplicationRow.fingerprint
    )
    done = ApplicationRow.state.in_((ApplicationState.READ, ApplicationState.JUDGED))
    return select(ApplicationRow.id).where(done, ~kept)


def _unjudged() -> Query:
    judged = (
        select(JudgementRow.id)
        .join(Version, Version.id == JudgementRow.version_key)
        .where(
            JudgementRow.application_key == ApplicationRow.id,
            JudgementRow.current,
            Version.fingerprint == ApplicationRow.fingerprint,
        )
    )
    return select(ApplicationRow.id).where(ApplicationRow.state == ApplicationState.JUDGED, ~judged.exists())


def _without_facts() -> Query:
    """A declaration, what is wrong with it, or the mark of retention; and the people whom a declaration names."""
    people = select(JudgedPerson.position).where(JudgedPerson.judgement_key == JudgementRow.id)
    nothing = and_(Version.declaration.is_(None), Version.problems.is_(None))
    nobody = and_(Version.declaration.is_not(None), ~people.exists())
    return _judgements().where(Version.facts_destroyed_at.is_(None), or_(nothing, nobody))


def _judgements() -> Query:
    return select(JudgementRow.id).join(Version, Version.id == JudgementRow.version_key)


def _judgement_elsewhere() -> Query:
    return _judgements().where(Version.application_key != JudgementRow.application_key)


def _case_elsewhere() -> Query:
    judged = (JudgementRow.id == DeskCase.judgement_key, JudgementRow.version_key == DeskCase.version_key)
    own = select(JudgementRow.id).where(*judged, JudgementRow.application_key == DeskCase.application_key)
    return select(DeskCase.application_key).where(~own.exists())


def _remains() -> Query:
    """What `storage.retention.destroying.destroy_facts` destroys must be gone."""
    judged = JudgementRow.version_key == Version.id
    finding = select(FindingRow.position).join(JudgementRow, JudgementRow.id == FindingRow.judgement_key)
    person = select(JudgedPerson.position).join(JudgementRow, JudgementRow.id == JudgedPerson.judgement_key)
    said = select(RulingText.ruling_key).join(RulingRow, RulingRow.id == RulingText.ruling_key)
    left = [
        Version.declaration.is_not(None),
        Version.problems.is_not(None),
        Version.petition.is_not(None),
        exists().where(UploadRow.version_key == Version.id),
        exists().where(DocumentRow.version_key == Version.id),
        finding.where(judged).exists(),
        person.where(judged).exists(),
        said.where(RulingRow.version_key == Version.id).exists(),
        exists().where(CorrectionRow.version_key == Version.id),
    ]
    return select(Version.id).where(Version.facts_destroyed_at.is_not(None), or_(*left))


def _employments() -> Query:
    return (
        select(Employment.id)
        .join(JudgementRow, JudgementRow.id == Employment.judgement_key)
        .join(Version, Version.id == JudgementRow.version_key)
    )


def _employment_unjudged() -> Query:
    """Whoever opened a case again later: that the judgement was good for it once is what counts here."""
    approved = exists().where(
        RulingRow.version_key == JudgementRow.version_key,
        RulingRow.kind == RulingKind.APPROVE,
        RulingRow.state == RulingState.EFFECTIVE,
    )
    decided = exists().where(
        RecordDecision.version_key == JudgementRow.version_key, RecordDecision.decision == Ruling.APPROVED
    )
    return _employments().where(JudgementRow.decision != Decision.VERIFIED, ~approved, ~decided)


def _employment_elsewhere() -> Query:
    named = exists().where(
        JudgedPerson.judgement_key == JudgementRow.id, JudgedPerson.person_index == Person.person_index
    )
    forgotten = and_(Version.facts_destroyed_at.is_(None), ~named)
    strange = JudgementRow.application_key != Employment.application_key
    return _employments().join(Person, Person.id == Employment.person_key).where(or_(strange, forgotten))


def _employment_end() -> Query:
    closed = Employment.state == RegistryState.CLOSED
    ended = and_(Employment.ended_at.is_not(None), Employment.ended_by.is_not(None))
    neither = and_(Employment.ended_at.is_(None), Employment.ended_by.is_(None))
    return select(Employment.id).where(or_(and_(closed, not_(ended)), and_(not_(closed), not_(neither))))


def _employment_of_deleted() -> Query:
    runs = Employment.state.in_(RUNNING)
    joined = select(Employment.id).join(Person, Person.id == Employment.person_key)
    return joined.where(Person.state == RegistryState.DELETED, runs)


def _evidence_twice() -> Query:
    """One file may hold papers of several people, and a replaced folder the paper of the one before it.

    Else the rules ask whether a paper was used before (DOCUMENT_REUSED): a judgement of the two has that answer.
    """
    other = aliased(Employment)
    told = exists().where(
        FindingRow.judgement_key.in_((Employment.judgement_key, other.judgement_key)),
        FindingRow.code == Code.DOCUMENT_REUSED,
        FindingRow.outcome != Outcome.PASSED,
    )
    return (
        select(Employment.id, other.id)
        .join(other, other.evidence == Employment.evidence)
        .where(
            Employment.id < other.id,
            Employment.application_key != other.application_key,
            Employment.state.in_(RUNNING),
            other.state.in_(RUNNING),
            ~told,
        )
    )


def _evidence_foreign() -> Query:
    paper = exists().where(
        DocumentRow.version_key == JudgementRow.version_key, DocumentRow.sha256 == Employment.evidence
    )
    kept = (Employment.evidence.is_not(None), Version.facts_destroyed_at.is_(None))
    return _employments().where(*kept, ~paper)


def _record_unclear() -> Query:
    return select(Person.id).where(
        or_(
            Person.registered_at.is_(None) != Person.registered_by.is_(None),
            Person.certified_by.is_(None) != Person.certified_as_of.is_(None),
            and_(Person.state == RegistryState.DELETED, Person.deleted_as_of.is_(None)),
        )
    )


_INVARIANTS: tuple[tuple[FaultKind, str, Callable[[], Query]], ...] = (
    (FaultKind.APPLICATION_UNREAD, "applications", _unread),
    (FaultKind.APPLICATION_UNJUDGED, "applications", _unjudged),
    (FaultKind.JUDGEMENT_WITHOUT_FACTS, "judgements", _without_facts),
    (FaultKind.JUDGEMENT_ELSEWHERE, "judgements", _judgement_elsewhere),
    (FaultKind.JUDGEMENT_ELSEWHERE, "desk_cases", _case_elsewhere),
    (FaultKind.DESTROYED_REMAINS, "versions", _remains),
    (FaultKind.EMPLOYMENT_UNJUDGED, "employments", _employment_unjudged),
    (FaultKind.EMPLOYMENT_ELSEWHERE, "employments", _employment_elsewhere),
    (FaultKind.EMPLOYMENT_END, "employments", _employment_end),
    (FaultKind.EMPLOYMENT_OF_DELETED, "employments", _employment_of_deleted),
    (FaultKind.EVIDENCE_TWICE, "employments", _evidence_twice),
    (FaultKind.EVIDENCE_FOREIGN, "employments", _evidence_foreign),
    (FaultKind.RECORD_UNCLEAR, "people", _record_unclear),
)
