"""What a ruling does: to the registry, to a petition for deletion, to the facts that are judged."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy import insert, update

from extractors.facts import Document
from storage.cases import CaseFile, load_cases
from storage.database import UnitOfWork
from storage.decisions import enter_decision
from storage.desk.asks import Approve, Ask, Obstacle, Reject, Reopen, change_of
from storage.desk.corrections import (
    Change,
    NoSuchPlace,
    ValueInvalid,
    check,
    corrected,
    seal_change,
    value_at,
)
from storage.desk.held import Held, Refusal
from storage.errors import DecisionImpossible
from storage.errors import Obstacle as DecisionObstacle
from storage.judgements import Judged, enter_judgements
from storage.models import (
    CaseState,
    CorrectionRow,
    DocumentRow,
)
from storage.models import Ruling as RecordRuling
from storage.queue import barcode_index
from storage.registry import Effect, apply_effects
from validators.application import Procedure
from validators.case import Case, Judgement
from validators.finding import Decision
from validators.judgement import judge
from validators.policy_series import Policies, policy_for

FindPolicies: TypeAlias = Callable[[str], Policies]
"""Finds a policy or series by name: `lambda name: find_policies(name, settings.policies)`."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a correction replaces, and what would be judged with it."""

    change: Change
    old: Document
    judgement: Judgement


def try_correction(work: UnitOfWork, held: Held, ask: Ask, policies: FindPolicies) -> Trial | None:
    """Judge with a correction and write nothing; None for what corrects nothing. Raises Refusal."""
    change = change_of(ask)
    if change is None:
        return None
    file = _file(work, held)
    old = next((d for u in file.uploads for d in u.documents if d.key == change.document), None)
    if old is None:
        raise Refusal(Obstacle.NO_SUCH_PLACE)
    new = _checked(old, change)
    uploads = tuple(
        replace(u, documents=tuple(new if d.key == change.document else d for d in u.documents))
        for u in file.uploads
    )
    return Trial(change, old, _judge(replace(file, uploads=uploads), policies(held.row.policy)))


def enter_correction(
    work: UnitOfWork, held: Held, ruling: int, change: Change, policies: FindPolicies
) -> None:
    """Lay a correction over the facts, judge the application again, and let that take effect."""
    work.session.execute(
        insert(CorrectionRow).values(
            ruling_key=ruling, version_key=held.version.id, change=seal_change(change, work.keys)
        )
    )
    file, found = _file(work, held), policies(held.row.policy)
    _index_again(work, file, change.document)
    file = _file(work, held)
    enter_judgements(work, [Judged(file, _judge(file, found))], found)


def take_effect(work: UnitOfWork, held: Held, ask: Ask, officer: str) -> int | None:
    """Do what an approval, a rejection or a reopening does.

    Return the key of a decision on a petition, if one was made. Raises Refusal.
    """
    if held.application is not None and held.application.procedure is Procedure.RECORD_DELETION:
        return _decide_petition(work, held, ask, officer)
    if isinstance(ask, Approve):
        _write(work, held, Decision.VERIFIED)
    elif isinstance(ask, Reopen) and held.case.state is CaseState.APPROVED:
        _write(work, held, Decision.FLAGGED)
    return None


def _write(work: UnitOfWork, held: Held, decision: Decision) -> None:
    """Change the registry as a judgement with this decision does."""
    judgement = replace(held.judgement, decision=decision)
    apply_effects(work, [Effect(_file(work, held), judgement, held.row.id)])


def _decide_petition(work: UnitOfWork, held: Held, ask: Ask, officer: str) -> int | None:
    if not isinstance(ask, Approve | Reject):
        return None
    decision = RecordRuling.APPROVED if isinstance(ask, Approve) else RecordRuling.REFUSED
    try:
        return enter_decision(work, held.application_id, decision, officer, ask.reason).key
    except DecisionImpossible as error:
        unjudged = error.obstacle is DecisionObstacle.NOT_JUDGED
        raise Refusal(Obstacle.JUDGEMENT_CHANGED if unjudged else Obstacle(error.obstacle.value)) from error


def _file(work: UnitOfWork, held: Held) -> CaseFile:
    files = load_cases(work, [held.key])
    if not files:
        raise Refusal(Obstacle.JUDGEMENT_CHANGED)
    return files[0]


def _judge(file: CaseFile, policies: Policies) -> Judgement:
    if file.application is None:
        raise Refusal(Obstacle.NOT_PARSED)
    return judge(Case(file.application, file.uploads, file.registry, policy_for(policies, file.application)))


def _checked(old: Document, change: Change) -> Document:
    try:
        check(change.place, change.value)
        if value_at(old, change.place) == change.value:
            raise Refusal(Obstacle.SAME_VALUE)
        return corrected(old, change)
    except NoSuchPlace:
        raise Refusal(Obstacle.NO_SUCH_PLACE) from None
    except ValueInvalid:
        raise Refusal(Obstacle.VALUE_INVALID) from None


def _index_again(work: UnitOfWork, file: CaseFile, document_key: str) -> None:
    """Let a corrected paper be found by its kind and barcode number when papers used twice are looked for."""
    documents = [document for upload in file.uploads for document in upload.documents]
    for position, document in enumerate(documents):
        if document.key == document_key:
            work.session.execute(
                update(DocumentRow)
                .where(DocumentRow.version_key == file.version_key, DocumentRow.position == position)
                .values(kind=document.kind, barcode_index=barcode_index(document, work.keys))
            )
