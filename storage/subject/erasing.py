"""Erasure on a data subject's request: what nothing holds is destroyed, and what remains is told with its ground."""

import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from storage.cases import load_uploads
from storage.database import Database, UnitOfWork
from storage.desk.audit import COMMAND_LINE, Action, about, record
from storage.evidence import PAGES_FOLDER, EvidenceStore
from storage.keys import person_indexes
from storage.models import Person, Version
from storage.retention import DataClass, Periods
from storage.retention.running import Report, Run, destroy_of, preview_of
from storage.settings import Settings
from storage.subject.due import CLASSES, DueOfPerson, periods_on_request
from storage.subject.grounds import Ground, Remaining, applications_left, log_left, registry_left
from storage.subject.mentions import Mention, mentions_of
from storage.subject.papers import own_papers
from validators.application import ISTANBUL


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was destroyed of a person, or would be, by class; and what remains, each with its ground.

    `run_id` names the run in the destruction log, None for a dry run. `files_waiting` counts files that the next
    retention run removes, because a batch is at work.
    """

    run_id: str | None
    destroyed: Mapping[DataClass, int]
    remains: tuple[Remaining, ...]
    files_waiting: int

    @property
    def is_held(self) -> bool:
        """Whether something remains that tells about the person; what is left of history and access log does not."""
        return any(each.ground not in (Ground.HISTORY, Ground.ACCESS_LOG) for each in self.remains)

    def as_json(self) -> dict[str, Any]:
        """Return the object of `kanit person erase --json`."""
        return {
            "dry_run": self.run_id is None,
            "run_id": self.run_id,
            "destroyed": {each.value: count for each, count in self.destroyed.items()},
            "remains": [
                {
                    "what": each.what.value,
                    "application_id": each.name or None,
                    "ground": each.ground.value,
                    "until": each.until.astimezone(ISTANBUL).date().isoformat() if each.until else None,
                }
                for each in self.remains
            ],
            "files_waiting": self.files_waiting,
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    due: DueOfPerson
    mentions: tuple[Mention, ...]
    remains: tuple[Remaining, ...]
    going: tuple[str, ...]
    """Ids of the applications that lose files or facts."""


def erase(  # noqa: PLR0913 - what a request is made of
    database: Database,
    settings: Settings,
    periods: Periods,
    national_id: str,
    *,
    reference: str,
    dry_run: bool,
) -> Erasure | None:
    """Destroy what may go of a person, or count it alone; None where nothing is kept about the person.

    `periods` are those of retention, as of the moment of the request; `reference` is the request's number in the
    controller's files, sealed in the audit line. A run that was killed is made again: what it has destroyed is gone,
    the rest is still due. Raises WrongKey, EvidenceUnreachable.
    """
    asked = periods_on_request(settings, periods)
    plan = database.read(lambda work: _plan(work, settings, asked, national_id))
    if not plan.remains and not plan.mentions:
        return None
    run = Run(str(uuid.uuid4()), periods.moment)
    # First the line: it alone ties the person to the applications, once they are destroyed.
    database.transact(lambda work: _note(work, national_id, reference, plan, None if dry_run else run.id))
    if dry_run:
        return _erasure(preview_of(database, plan.due, CLASSES), plan)
    store = EvidenceStore(settings.evidence_url, database.keys)
    try:
        report = destroy_of(database, store, plan.due, run, CLASSES)
    finally:
        shutil.rmtree(settings.home / PAGES_FOLDER, ignore_errors=True)
    return _erasure(report, plan)


def _erasure(report: Report, plan: _Plan) -> Erasure:
    return Erasure(report.run_id, report.destroyed, plan.remains, report.files_waiting)


def _plan(work: UnitOfWork, settings: Settings, periods: Periods, national_id: str) -> _Plan:
    mentions = mentions_of(work, national_id)
    index = person_indexes(work.keys, national_id)
    person = work.session.scalar(select(Person.id).where(Person.person_index.in_(index)))
    own = [mention for mention in mentions if mention.is_sole]
    due = DueOfPerson(
        periods, [each.version.id for each in own], person, _answers(work, mentions, national_id)
    )
    version = Version
    gone = or_(due.facts(version), due.replaced(version))
    going = set(work.session.scalars(select(version.id).where(gone)))
    losing = set(work.session.scalars(select(version.id).where(or_(gone, due.evidence(version)))))
    remains = (
        *applications_left(work, settings, due, mentions, going),
        *registry_left(work, settings, due, national_id),
        *log_left(work, settings, national_id),
    )
    names = sorted({each.application_id for each in mentions if each.version.id in losing})
    return _Plan(due, mentions, remains, tuple(names))


def _answers(work: UnitOfWork, mentions: Sequence[Mention], national_id: str) -> list[str]:
    uploads = load_uploads(work, [mention.version.id for mention in mentions])
    return [
        paper.document.key
        for mention in mentions
        for paper in own_papers(mention, uploads[mention.version.id], national_id)
    ]


def _note(work: UnitOfWork, national_id: str, reference: str, plan: _Plan, run_id: str | None) -> None:
    details = {"dry_run": run_id is None, "applications": list(plan.going)}
    if run_id is not None:
        details["run"] = run_id
    record(
        work, COMMAND_LINE, Action.PERSON_ERASED, about("person", "request"), national_id, reference, details
    )
