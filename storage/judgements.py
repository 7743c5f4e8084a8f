"""Enters judgements, and in the same transaction what follows from them for the registry.

A judgement is entered once: its run key is the hash of all that it depends on, and unique. When the key is there
already, the work was done by a batch that was killed or by one that runs at the same time, and only what is missing is
made good. Judgements are never changed or removed; the newest is marked as current.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from storage.batches import bulk_insert
from storage.cases import CaseFile, current_version
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.cases import Judged as DeskJudged
from storage.desk.cases import enter_cases, standing_of, upheld
from storage.findings import finding_values, to_day
from storage.keys import Keyring, person_index
from storage.models import (
    ApplicationRow,
    ApplicationState,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    Version,
)
from storage.other_rows import leave_out
from storage.registry import Effect, apply_effects
from storage.runs import pipeline_version
from validators.case import Judgement
from validators.policy_series import Policies, policy_for


@dataclass(frozen=True, slots=True)
class Judged:
    """A case file and the judgement on it."""

    file: CaseFile
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Saved:
    """Ids of the applications whose judgement is new, was there already, or was left out.

    Left out are those whose folder changed after they were read: they are judged in the next batch.
    """

    new: frozenset[str]
    known: frozenset[str]
    stale: frozenset[str]


def save_judgements(
    database: Database, judged: Sequence[Judged], policies: Policies, run_id: str | None = None
) -> Saved:
    """Enter judgements, which were made under these policies, and their effects on the registry in one transaction."""
    return database.transact(lambda work: enter_judgements(work, judged, policies, run_id))


def enter_judgements(
    work: UnitOfWork, judged: Sequence[Judged], policies: Policies, run_id: str | None = None
) -> Saved:
    """Do what `save_judgements` does, in the caller's transaction."""
    keyed = {_run_key(item.file, policies, work.keys): item for item in judged}
    fresh = _lock(work, [item.file for item in judged])
    valid = {key: item for key, item in keyed.items() if item.file.application_key in fresh}
    rows = {
        row.run_key: row
        for row in work.session.scalars(select(JudgementRow).where(JudgementRow.run_key.in_(valid)))
    }
    outdated = {key: item for key, item in valid.items() if key not in rows or not rows[key].current}
    new = {key: item for key, item in outdated.items() if key not in rows}
    _retire(work, [item.file.application_key for item in outdated.values()])
    ids = {key: row.id for key, row in rows.items()} | _insert(work, new, policies, run_id)
    _mark_current(work, [ids[key] for key in outdated if key not in new])
    _let_take_effect(work, {ids[key]: item for key, item in outdated.items()}, run_id)
    _mark_judged(work, [item.file.application_key for item in valid.values()])
    leave_out(work, [(item.file, item.judgement) for item in valid.values()], policies)
    return Saved(
        new=frozenset(item.file.application_id for item in new.values()),
        known=frozenset(item.file.application_id for key, item in valid.items() if key not in new),
        stale=frozenset(i.file.application_id for i in judged if i.file.application_key not in fresh),
    )


def _let_take_effect(work: UnitOfWork, judged: Mapping[int, Judged], run_id: str | None) -> None:
    """Write what judgements that count from now on change: the registry, and the officers' queue.

    An approval by an officer that covers a flagged one makes it as good as verified.
    """
    cases = [
        DeskJudged(
            item.file.application_key,
            item.file.version_key,
            key,
            item.file.application,
            item.judgement,
            run_id,
        )
        for key, item in judged.items()
    ]
    standing = standing_of(work, [case.version_key for case in cases])
    ruled = zip(judged.items(), upheld(cases, standing), strict=True)
    apply_effects(work, [Effect(item.file, judgement, key) for (key, item), judgement in ruled])
    enter_cases(work, cases, standing)


def _lock(work: UnitOfWork, files: Sequence[CaseFile]) -> frozenset[int]:
    """Keep other batches from these applications, and return those whose facts are still the current ones."""
    rows = work.session.execute(
        select(ApplicationRow.id, ApplicationRow.fingerprint, ApplicationRow.state)
        .join(Version, current_version())
        .where(ApplicationRow.id.in_([file.application_key for file in files]))
        .order_by(ApplicationRow.id)
        .with_for_update(of=ApplicationRow)
    )
    current = {
        row.id: row.fingerprint
        for row in rows
        if row.state in (ApplicationState.READ, ApplicationState.JUDGED)
    }
    return frozenset(f.application_key for f in files if current.get(f.application_key) == f.fingerprint)


def _retire(work: UnitOfWork, application_keys: Sequence[int]) -> None:
    where = (JudgementRow.application_key.in_(application_keys), JudgementRow.current)
    work.session.execute(update(JudgementRow).where(*where).values(current=False))


def _mark_current(work: UnitOfWork, judgement_keys: Sequence[int]) -> None:
    if judgement_keys:
        where = JudgementRow.id.in_(judgement_keys)
        work.session.execute(update(JudgementRow).where(where).values(current=True))


def _mark_judged(work: UnitOfWork, application_keys: Sequence[int]) -> None:
    where = ApplicationRow.id.in_(application_keys)
    work.session.execute(update(ApplicationRow).where(where).values(state=ApplicationState.JUDGED))


def _insert(
    work: UnitOfWork, judged: Mapping[str, Judged], policies: Policies, run_id: str | None
) -> dict[str, int]:
    """Insert judgements with their people and findings: three statements, however many there are."""
    if not judged:
        return {}
    rows = [_judgement_values(key, item, policies, run_id) for key, item in judged.items()]
    returned = bulk_insert(JudgementRow).returning(JudgementRow.id, sort_by_parameter_order=True)
    ids = dict(zip(judged, work.session.scalars(returned, rows), strict=True))
    people = [row for key, item in judged.items() for row in _people_values(ids[key], item, work.keys)]
    findings = [
        row for key, item in judged.items() for row in finding_values(ids[key], item.judgement, work.keys)
    ]
    if people:
        work.session.execute(bulk_insert(JudgedPerson), people)
    if findings:
        work.session.execute(bulk_insert(FindingRow), findings)
    return ids


def _run_key(file: CaseFile, policies: Policies, keys: Keyring) -> str:
    return file.run_key(policy_for(policies, file.application), pipeline_version(), keys)


def _judgement_values(run_key: str, item: Judged, policies: Policies, run_id: str | None) -> dict[str, Any]:
    return {
        "application_key": item.file.application_key,
        "version_key": item.file.version_key,
        "run_id": run_id,
        "run_key": run_key,
        "decision": item.judgement.decision,
        "policy": item.judgement.policy,
        "policy_version": policy_for(policies, item.file.application).version,
        "pipeline_version": pipeline_version(),
        "current": True,
        "created_at": now(),
    }


def _people_values(judgement_key: int, item: Judged, keys: Keyring) -> Iterator[dict[str, Any]]:
    registered, employed = item.file.registry.registered, item.file.registry.employed
    for position, person in enumerate(item.judgement.people):
        yield {
            "judgement_key": judgement_key,
            "position": position,
            "national_id": keys.seal(person.national_id, "judged_people.national_id"),
            "person_index": person_index(keys, person.national_id),
            "decision": person.decision,
            "route": person.route,
            "proposal": person.proposal,
            "wait_until": to_day(person.wait_until),
            "registered": None if registered is None else person.national_id in registered,
            "employed": None if employed is None else person.national_id in employed,
        }
