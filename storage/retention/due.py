"""What is due for destruction, as conditions on the tables.

A condition never asks whether something else that is due has already gone, but whether it is kept: so a preview counts
what a run destroys, and a run that was cut off goes on where it was. Each takes the table, or an alias of it, whose
rows it is asked about.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from storage.desk.cases import CLOSED
from storage.models import (
    RUNNING,
    ApplicationRow,
    ApplicationState,
    AuditLine,
    CondemnedFile,
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
    RegistryState,
    RulingRow,
    Run,
    UploadRow,
    Version,
)
from storage.retention.periods import DataClass, Periods
from validators.application import ADDS_PEOPLE, Procedure
from validators.finding import Decision

_CHANGES_EMPLOYMENTS = ADDS_PEOPLE | {Procedure.PERSONNEL_REMOVAL}
_HASH_IN_KEY = (len("sha256:") + 1, 64)
"""Where the SHA-256 stands in a document's key, counted from 1, and how long it is."""

Condition = ColumnElement[bool]


class Due:
    """The conditions for one run."""

    def __init__(self, periods: Periods) -> None:
        self._before = periods.before
        self._today = periods.today

    @property
    def audit_before(self) -> datetime:
        """The moment before which lines of the audit trail are due."""
        return self._before[DataClass.AUDIT]

    @property
    def evidence_before(self) -> datetime:
        """The moment before which evidence is due."""
        return self._before[DataClass.EVIDENCE]

    def evidence(self, version: type[Version]) -> Condition:
        """Decided: its files are not needed any more. What is to lose its facts loses its files as well."""
        decided = self._decided_version(version, self._before[DataClass.EVIDENCE])
        return and_(version.evidence_destroyed_at.is_(None), or_(decided, self.facts(version)))

    def facts(self, version: type[Version]) -> Condition:
        """Decided: nothing that was read, declared or found is needed any more."""
        decided = self._decided_version(version, self._before[DataClass.FACTS])
        return and_(version.facts_destroyed_at.is_(None), decided)

    def replaced(self, version: type[Version]) -> Condition:
        """Replaced by another version of the folder, of an application that is decided."""
        before = self._before[DataClass.REPLACED]
        application, newer = aliased(ApplicationRow), aliased(Version)
        old = (application.id == version.application_key, application.fingerprint != version.fingerprint)
        lately = (newer.application_key == version.application_key, newer.read_at >= before)
        return and_(
            version.facts_destroyed_at.is_(None),
            _there_is(application, where=(*old, self.settled(application))),
            ~_there_is(newer, where=lately),
            ~_rests(version, before),
        )

    def employment(self, employment: type[Employment]) -> Condition:
        """Ended, and nothing is kept of the applications that brought or ended it: judged again, they would know."""
        person, version = aliased(Person), aliased(Version)
        changes = (
            version.procedure.in_(_CHANGES_EMPLOYMENTS),
            version.submitted_at <= employment.ended_at,
        )
        named = (person.id == employment.person_key, self._is_named(person, version, *changes))
        return and_(
            employment.state == RegistryState.CLOSED,
            employment.ended_at < self._before[DataClass.EMPLOYMENTS],
            ~_there_is(person, where=named),
        )

    def person(self, person: type[Person]) -> Condition:
        """A tombstone, or somebody without a record; and nothing kept names the person, who would come back by it."""
        before = self._before[DataClass.PEOPLE]
        employment, version = aliased(Employment), aliased(Version)
        tombstone = and_(person.state == RegistryState.DELETED, person.deleted_as_of < before)
        unrecorded = (
            person.state == RegistryState.ACTIVE,
            person.registered_at.is_(None),
            person.as_of < before,
        )
        employed = (employment.person_key == person.id, ~self.employment(employment))
        return and_(
            or_(tombstone, and_(*unrecorded)),
            ~_there_is(employment, where=employed),
            ~self._is_named(person, version),
        )

    def judgement(self, judgement: type[JudgementRow]) -> Condition:
        """Superseded; no employment that is kept rests on it, and no officer has decided on it."""
        before = self._before[DataClass.JUDGEMENTS]
        application, current = aliased(ApplicationRow), aliased(JudgementRow)
        employment, ruling, at_desk = aliased(Employment), aliased(RecordDecision), aliased(RulingRow)
        superseded = (
            application.id == judgement.application_key,
            self.settled(application),
            current.application_key == application.id,
            current.current,
            current.created_at < before,
        )
        rests = (employment.judgement_key == judgement.id, ~self.employment(employment))
        return and_(
            ~judgement.current,
            judgement.created_at < before,
            _there_is(application, current, where=superseded),
            ~_there_is(employment, where=rests),
            ~_there_is(ruling, where=(ruling.judgement_key == judgement.id,)),
            ~_there_is(at_desk, where=(at_desk.judgement_key == judgement.id,)),
        )

    def answer(self, answer: type[IssuerAnswerRow]) -> Condition:
        """Given long ago, about a paper whose facts are not kept: what is judged again needs the answer."""
        document, version = aliased(DocumentRow), aliased(Version)
        about = (
            document.sha256 == func.substr(answer.document, *_HASH_IN_KEY),
            version.id == document.version_key,
            self._keeps(version),
        )
        return and_(
            answer.asked_at < self._before[DataClass.ISSUER_ANSWERS],
            ~_there_is(document, version, where=about),
        )

    def run(self, run: type[Run]) -> Condition:
        """Ended long ago."""
        ended = func.coalesce(run.finished_at, run.heard_at, run.started_at)
        return and_(run.ended.is_not(None), ended < self._before[DataClass.RUNS])

    def audit(self, line: type[AuditLine]) -> Condition:
        """One of the oldest lines of the audit trail: none before it is to be kept (`storage.desk.audit.forget`)."""
        before, kept = self._before[DataClass.AUDIT], aliased(AuditLine)
        first_kept = select(func.min(kept.id)).where(kept.at >= before).scalar_subquery()
        return and_(line.at < before, line.id < func.coalesce(first_kept, line.id + 1))

    def entry(self, entry: type[Destruction]) -> Condition:
        """An entry of the destruction log that is kept long enough."""
        return entry.destroyed_at < self._before[DataClass.LOG]

    def files(self) -> Select[tuple[str]]:
        """Select the files that no row needs once all that is due is gone."""
        version = aliased(Version)
        losing = select(version.id).where(or_(self.evidence(version), self.replaced(version))).cte("losing")
        going = select(losing.c.id)
        condemned = union(*files_of(going), select(CondemnedFile.sha256)).subquery()
        return select(condemned.c.sha256).where(~needs_file(condemned.c.sha256, but=going))

    def held(self) -> Select[tuple[int]]:
        """Count the applications that are open though they were found before the period of the evidence."""
        application = aliased(ApplicationRow)
        old = application.created_at < self._before[DataClass.EVIDENCE]
        return select(func.count()).select_from(application).where(old, ~self.settled(application))

    def settled(self, application: type[ApplicationRow], before: datetime | None = None) -> Condition:
        """Judged as it stands, and verified or decided by an officer (before a moment), with no day to wait for."""
        judgement, version, ruling = aliased(JudgementRow), aliased(Version), aliased(RecordDecision)
        ruled = (ruling.version_key == version.id,)
        decided = or_(
            judgement.decision == Decision.VERIFIED,
            and_(or_(_there_is(ruling, where=ruled), _is_closed(version)), ~self._waits(judgement)),
        )
        where: tuple[Any, ...] = (
            judgement.application_key == application.id,
            judgement.current,
            version.id == judgement.version_key,
            version.application_key == application.id,
            version.fingerprint == application.fingerprint,
            decided,
        )
        if before is not None:
            lately = (*ruled, ruling.decided_at >= before)
            at_desk = aliased(RulingRow)
            ruled_lately = or_(at_desk.ruled_at >= before, at_desk.seconded_at >= before)
            where = (*where, judgement.created_at < before, ~_there_is(ruling, where=lately))
            where += (~_there_is(at_desk, where=(at_desk.version_key == version.id, ruled_lately)),)
        return and_(application.state == ApplicationState.JUDGED, _there_is(judgement, version, where=where))

    def _waits(self, judgement: type[JudgementRow]) -> Condition:
        person, finding = aliased(JudgedPerson), aliased(FindingRow)
        return or_(
            _there_is(person, where=(person.judgement_key == judgement.id, person.wait_until >= self._today)),
            _there_is(
                finding, where=(finding.judgement_key == judgement.id, finding.wait_until >= self._today)
            ),
        )

    def _decided_version(self, version: type[Version], before: datetime) -> Condition:
        application = aliased(ApplicationRow)
        current = (application.id == version.application_key, application.fingerprint == version.fingerprint)
        decided = (*current, self.settled(application, before))
        return and_(_there_is(application, where=decided), ~_rests(version, before))

    def _keeps(self, version: type[Version]) -> Condition:
        """Its facts are there and stay."""
        going = or_(self.facts(version), self.replaced(version))
        return and_(version.facts_destroyed_at.is_(None), ~going)

    def _is_named(self, person: type[Person], version: type[Version], *where: Condition) -> Condition:
        """Tell whether a version whose facts are kept, and for which all this holds, was judged on the person."""
        judged, judgement = aliased(JudgedPerson), aliased(JudgementRow)
        names = (
            judged.person_index == person.person_index,
            judgement.id == judged.judgement_key,
            version.id == judgement.version_key,
        )
        return _there_is(judged, judgement, version, where=(*names, *where, self._keeps(version)))


def files_of(versions: Any) -> tuple[Select[Any], ...]:
    """Select the hashes of the uploads, and of the petitions, of versions (a selection or a list of keys)."""
    uploads = select(UploadRow.sha256).where(UploadRow.version_key.in_(versions))
    petitions = select(Version.petition).where(Version.id.in_(versions), Version.petition.is_not(None))
    return uploads, petitions


def needs_file(sha256: ColumnElement[str], but: Any = ()) -> Condition:
    """Tell whether a version still has this file as upload or petition; `but`: versions that are left out."""
    upload, version, petitioned = aliased(UploadRow), aliased(Version), aliased(Version)
    as_upload = (upload.sha256 == sha256, version.id == upload.version_key, *_has_files(version, but))
    as_petition = (petitioned.petition == sha256, *_has_files(petitioned, but))
    return or_(_there_is(upload, version, where=as_upload), _there_is(petitioned, where=as_petition))


def _has_files(version: type[Version], but: Any) -> tuple[Condition, Condition]:
    return version.evidence_destroyed_at.is_(None), version.id.not_in(but)


def _is_closed(version: type[Version]) -> Condition:
    """Tell whether officers closed the case of a version at their desk."""
    case = aliased(DeskCase)
    return _there_is(case, where=(case.version_key == version.id, case.state.in_(CLOSED)))


def _rests(version: type[Version], since: datetime) -> Condition:
    """Tell whether an employment that runs or ended since, or certificates in force, rest on a version."""
    employment, judgement, person = aliased(Employment), aliased(JudgementRow), aliased(Person)
    runs = or_(employment.state.in_(RUNNING), employment.ended_at.is_(None), employment.ended_at >= since)
    works = (
        judgement.application_key == version.application_key,
        judgement.version_key == version.id,
        employment.judgement_key == judgement.id,
        runs,
    )
    in_force = or_(person.state != RegistryState.DELETED, person.deleted_as_of >= since)
    return or_(
        _there_is(employment, judgement, where=works),
        _there_is(person, where=(person.certified_by == version.id, in_force)),
    )


def _there_is(*own: Any, where: Any) -> Condition:
    """Return the condition that rows of these tables exist; all other tables are those of the query around it."""
    return select(literal(1)).select_from(*own).where(*where).correlate_except(*own).exists()
