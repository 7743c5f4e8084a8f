"""Why something of a person stays, with the rule that holds it and the day on which it ends, where that is known."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from storage.database import UnitOfWork
from storage.keys import person_indexes
from storage.models import (
    RUNNING,
    ApplicationRow,
    AuditLine,
    Employment,
    JudgementRow,
    Person,
    Provider,
    RecordDecision,
    RegistryState,
    RulingRow,
    Version,
)
from storage.settings import Settings
from storage.subject.due import DueOfPerson
from storage.subject.mentions import Mention


class What(StrEnum):
    """What remains."""

    APPLICATION = "application"
    EMPLOYMENT = "employment"
    RECORD = "record"
    PROVIDER = "provider"
    ACCESS_LOG = "access_log"


class Ground(StrEnum):
    """Why it remains."""

    OPEN_CASE = "open_case"
    """Nobody has decided on the application, or a day is waited for."""
    RUNNING = "running"
    """An employment that runs rests on it (Kılavuz m.6(3)(d): it must stay provable)."""
    CERTIFICATES = "certificates"
    """The certificates in force are its uploads (m.5(2)(ç))."""
    RECORD = "record"
    """The personnel record is deleted on the person's petition to the agency alone (m.4(3))."""
    PROVIDER = "provider"
    """The provider's record in the registry, of a sole trader (m.6)."""
    COURT_TERM = "court_term"
    """The term for a court action runs (İYUK m.7; KVKK m.5(2)(e): establishing or defending a right)."""
    OTHERS = "others"
    """The application is about other people as well: it goes whole, by retention."""
    KEPT_APPLICATION = "kept_application"
    """An application that remains names it, and judged again would bring it back."""
    ACCESS_LOG = "access_log"
    """Lines that say who looked, with a keyed index and no name (KVKK m.12)."""
    HISTORY = "history"
    """What is left of a destroyed application: its id, the decision, the dates. It tells about nobody."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """Something that stays: `name` is the application's id, or empty; `until` when the ground ends, where known."""

    what: What
    name: str
    ground: Ground
    until: datetime | None = None


def applications_left(
    work: UnitOfWork,
    settings: Settings,
    due: DueOfPerson,
    mentions: Collection[Mention],
    going: Collection[int],
) -> Iterator[Remaining]:
    """Yield the applications of the person, in their order, each with its ground; `going` are versions that go."""
    term = timedelta(days=settings.retention_evidence_days)
    settled = _settled(work, due, mentions)
    rests = _rests(work, mentions)
    for mention in mentions:
        key, until = mention.version.id, None
        if key in going:
            ground = Ground.HISTORY
        elif key not in settled:
            ground = Ground.OPEN_CASE
        elif key in rests:
            ground = rests[key]
        elif not mention.is_sole:
            ground = Ground.OTHERS
        else:
            ground, until = Ground.COURT_TERM, _decided_at(work, mention) + term
        yield Remaining(What.APPLICATION, mention.application_id, ground, until)


def registry_left(
    work: UnitOfWork, settings: Settings, due: DueOfPerson, national_id: str
) -> Iterator[Remaining]:
    """Yield what stays of the person in the registry itself: employments, record, the provider's record."""
    index, term = person_indexes(work.keys, national_id), timedelta(days=settings.retention_evidence_days)
    person = work.session.scalar(select(Person).where(Person.person_index.in_(index)))
    if person is not None:
        kept = (Employment.person_key == person.id, ~due.employment(Employment))
        for row in work.session.execute(
            select(Employment, ApplicationRow.application_id)
            .join(ApplicationRow, ApplicationRow.id == Employment.application_key)
            .where(*kept)
            .order_by(Employment.id)
        ):
            yield _employment(row.Employment, row.application_id, due, term)
        stays = select(Person.id).where(Person.id == person.id, ~due.person(Person))
        if work.session.scalar(stays) is not None:
            yield _record(person, due, term)
    tax_indexes = work.keys.indexes(national_id, "tax_number")
    if work.session.scalar(select(Provider.id).where(Provider.tax_index.in_(tax_indexes))) is not None:
        yield Remaining(What.PROVIDER, "", Ground.PROVIDER)


def log_left(work: UnitOfWork, settings: Settings, national_id: str) -> Iterator[Remaining]:
    """Yield the access log where it has lines that name the person, with the day on which the last of them goes."""
    named = AuditLine.person_index.in_(person_indexes(work.keys, national_id))
    newest = work.session.scalar(select(func.max(AuditLine.at)).where(named))
    if newest is not None:
        until = newest + timedelta(days=settings.retention_audit_days)
        yield Remaining(What.ACCESS_LOG, "", Ground.ACCESS_LOG, until)


def _employment(row: Employment, application_id: str, due: DueOfPerson, term: timedelta) -> Remaining:
    ground, until = Ground.KEPT_APPLICATION, None
    if row.ended_at is None or row.state in RUNNING:
        ground = Ground.RUNNING
    elif row.ended_at >= due.term:
        ground, until = Ground.COURT_TERM, row.ended_at + term
    return Remaining(What.EMPLOYMENT, application_id, ground, until)


def _record(person: Person, due: DueOfPerson, term: timedelta) -> Remaining:
    ground, until = Ground.KEPT_APPLICATION, None
    if person.state is not RegistryState.DELETED and person.registered_at is not None:
        ground = Ground.RECORD
    elif person.deleted_as_of is not None and person.deleted_as_of >= due.term:
        ground, until = Ground.COURT_TERM, person.deleted_as_of + term
    return Remaining(What.RECORD, "", ground, until)


def _settled(work: UnitOfWork, due: DueOfPerson, mentions: Collection[Mention]) -> set[int]:
    """Return the versions of applications on which nothing is open."""
    applications = {mention.version.application_key for mention in mentions}
    where = (ApplicationRow.id.in_(applications), due.settled(ApplicationRow))
    settled = set(work.session.scalars(select(ApplicationRow.id).where(*where)))
    return {mention.version.id for mention in mentions if mention.version.application_key in settled}


def _rests(work: UnitOfWork, mentions: Collection[Mention]) -> Mapping[int, Ground]:
    """Return the versions on which a running employment, anybody's, or certificates in force rest."""
    keys = [mention.version.id for mention in mentions]
    certified = select(Person.certified_by).where(
        Person.certified_by.in_(keys), Person.state != RegistryState.DELETED
    )
    running = (
        select(JudgementRow.version_key)
        .join(Employment, Employment.judgement_key == JudgementRow.id)
        .where(JudgementRow.version_key.in_(keys), Employment.state.in_(RUNNING))
    )
    found = {key: Ground.CERTIFICATES for key in work.session.scalars(certified) if key is not None}
    return found | dict.fromkeys(work.session.scalars(running), Ground.RUNNING)


def _decided_at(work: UnitOfWork, mention: Mention) -> datetime:
    """Return from when the term runs: the last decision, the end of an employment, or a newer version."""
    key = mention.version.id
    moments = (
        select(func.max(JudgementRow.created_at)).where(JudgementRow.version_key == key),
        select(func.max(RecordDecision.decided_at)).where(RecordDecision.version_key == key),
        select(func.max(RulingRow.ruled_at)).where(RulingRow.version_key == key),
        select(func.max(RulingRow.seconded_at)).where(RulingRow.version_key == key),
        select(func.max(Employment.ended_at))
        .join(JudgementRow, JudgementRow.id == Employment.judgement_key)
        .where(JudgementRow.version_key == key),
        select(func.max(Version.read_at)).where(Version.application_key == mention.version.application_key),
    )
    found = [work.session.scalar(moment) for moment in moments]
    return max(moment for moment in found if moment is not None)
