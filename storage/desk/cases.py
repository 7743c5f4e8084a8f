"""The queue's rows, written in the transaction of a judgement, and whether what an officer ruled still stands.

A ruling stands as long as the application's files are the same and nothing flags it that the officer had not seen. So
a batch that judges an approved application again leaves it approved; one that finds something new opens the case again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import aliased

from storage.batches import IN_VALUES, batched, bulk_insert
from storage.columns import now
from storage.database import UnitOfWork
from storage.keys import Keyring, tax_index
from storage.models import (
    CaseReason,
    CaseState,
    CorrectionRow,
    DeskCase,
    JudgementRow,
    RecordDecision,
    RulingKind,
    RulingRow,
    RulingState,
)
from storage.models import Ruling as RecordRuling
from validators.application import ISTANBUL, Application
from validators.case import Judgement
from validators.catalogue import proposal_of
from validators.finding import Code, Decision, Finding, Level, Proposal

REPLY_WITHIN = timedelta(days=30)
"""When an applicant is to have an answer: thirty days (3071 sayılı Dilekçe Hakkının Kullanılmasına Dair Kanun m.7)."""
CLOSED = frozenset({CaseState.APPROVED, CaseState.RETURNED, CaseState.REJECTED})
"""States in which nobody must do anything."""
TITLE = "desk_cases.provider_title"

_STATES = {
    RulingKind.APPROVE: CaseState.APPROVED,
    RulingKind.RETURN: CaseState.RETURNED,
    RulingKind.REJECT: CaseState.REJECTED,
    RulingKind.WAIT: CaseState.WAITING,
    RulingKind.REOPEN: CaseState.OPEN,
}
"""What an effective ruling makes of a case; those that are not here leave it open."""
_CORRECTIONS = frozenset({RulingKind.CORRECT, RulingKind.MARK_KIND})
_RANKS = {Level.BLOCK: 0, Level.REVIEW: 1, Level.NOTE: 2}


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement that counts from now on, and what it was made on."""

    application_key: int
    version_key: int
    judgement_key: int
    application: Application | None
    judgement: Judgement
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What was ruled last on a version, with effect, and the codes that the officer saw; None: it is final.

    `corrected`: an officer had corrected what was read of it.
    """

    state: CaseState
    codes: frozenset[str] | None
    corrected: bool = False

    @property
    def doubts_correction(self) -> bool:
        """Whether a case was opened again that rests on a correction, and nothing was corrected since."""
        return self.corrected and self.state is CaseState.OPEN

    def covers(self, judgement: Judgement) -> bool:
        """Return whether nothing flags that the officer had not seen."""
        return self.codes is None or codes_of(judgement) <= self.codes


def flagging(judgement: Judgement) -> tuple[Finding, ...]:
    """Return the findings that flag an application: its own and those of its people."""
    findings = (*judgement.findings, *(finding for person in judgement.people for finding in person.findings))
    return tuple(finding for finding in findings if finding.flags)


def codes_of(judgement: Judgement) -> frozenset[Code]:
    """Return the codes that flag an application."""
    return frozenset(finding.code for finding in flagging(judgement))


def blocks_of(judgement: Judgement) -> frozenset[Code]:
    """Return the codes that flag an application at level block."""
    return frozenset(finding.code for finding in flagging(judgement) if finding.level is Level.BLOCK)


def upheld(judged: Sequence[Judged], standing: Mapping[int, Standing]) -> tuple[Judgement, ...]:
    """Return the judgements as officers let them stand.

    As verified where an approval still covers them; as flagged where the correction that they rest on is in doubt.
    """
    return tuple(_upheld(item, standing) for item in judged)


def _upheld(item: Judged, standing: Mapping[int, Standing]) -> Judgement:
    if _is_approved(item, standing):
        return replace(item.judgement, decision=Decision.VERIFIED)
    ruled = standing.get(item.version_key)
    if ruled is not None and ruled.doubts_correction:
        return replace(item.judgement, decision=Decision.FLAGGED)
    return item.judgement


def standing_of(work: UnitOfWork, version_keys: Collection[int]) -> Mapping[int, Standing]:
    """Return by version what was ruled last with effect; nothing where a case was opened again and then corrected."""
    standing: dict[int, Standing] = {}
    corrected: set[int] = set()
    for keys in batched(version_keys, IN_VALUES):
        rows = (
            select(RulingRow.version_key, RulingRow.kind, RulingRow.codes)
            .where(
                RulingRow.version_key.in_(keys),
                RulingRow.state == RulingState.EFFECTIVE,
                RulingRow.kind.in_(_STATES.keys() | _CORRECTIONS),
            )
            .order_by(func.coalesce(RulingRow.seconded_at, RulingRow.ruled_at), RulingRow.id)
        )
        for row in work.session.execute(rows):
            key = row.version_key
            if row.kind not in _CORRECTIONS:
                standing[key] = Standing(_STATES[row.kind], frozenset(row.codes), key in corrected)
                continue
            corrected.add(key)
            if key in standing and standing[key].doubts_correction:
                del standing[key]
        decided = select(RecordDecision.version_key, RecordDecision.decision).where(
            RecordDecision.version_key.in_(keys)
        )
        for version_key, decision in work.session.execute(decided):
            standing[version_key] = Standing(_decided(decision), None)
    return standing


def was_approved(judgement: type[JudgementRow]) -> ColumnElement[bool]:
    """Return the condition that an officer approved what a judgement was made on, and nobody opened it again."""
    approval, reopening = aliased(RulingRow), aliased(RulingRow)
    opened = select(reopening.id).where(
        reopening.version_key == approval.version_key,
        reopening.kind == RulingKind.REOPEN,
        reopening.id > approval.id,
    )
    approved = select(approval.id).where(
        approval.version_key == judgement.version_key,
        approval.kind == RulingKind.APPROVE,
        approval.state == RulingState.EFFECTIVE,
        ~opened.exists(),
    )
    return approved.exists()


def enter_cases(work: UnitOfWork, judged: Sequence[Judged], standing: Mapping[int, Standing]) -> None:
    """Write the queue's rows of judgements that have just become those that count; `standing` is of their versions.

    What an officer's correction has verified stays, as approved, so that an officer who erred can open it again.
    """
    keys = [item.application_key for item in judged]
    known = {row.application_key: row for row in _rows(work, keys)}
    flagged = [item for item in judged if item.judgement.decision is Decision.FLAGGED]
    righted = _righted(work, [item for item in judged if item not in flagged], known)
    values = [_values(work.keys, item, known.get(item.application_key), standing) for item in flagged]
    values += [_righted_values(work.keys, item, known[item.application_key], standing) for item in righted]
    _forget(work, known)
    if values:
        work.session.execute(bulk_insert(DeskCase), values)
    if flagged:
        work.session.execute(bulk_insert(CaseReason), [row for item in flagged for row in _reasons(item)])


def set_state(work: UnitOfWork, application_key: int, state: CaseState, due: date | None = None) -> None:
    """Give a case another state, and a due date where it waits; one that opens again is due by its application."""
    row = work.session.get(DeskCase, application_key)
    if row is None:
        return
    if due is None and row.state is CaseState.WAITING:
        due = due_on(row.submitted_at, row.opened_at)
    row.state, row.pending, row.due_on = state, state not in CLOSED, due or row.due_on
    work.session.flush()


def close_decided(work: UnitOfWork, application_key: int, decision: RecordRuling) -> None:
    """Close the case of a petition that was decided (`storage.decisions`)."""
    set_state(work, application_key, _decided(decision))


def _is_approved(item: Judged, standing: Mapping[int, Standing]) -> bool:
    ruled = standing.get(item.version_key)
    return ruled is not None and ruled.state is CaseState.APPROVED and ruled.covers(item.judgement)


def _rows(work: UnitOfWork, application_keys: Sequence[int]) -> Sequence[DeskCase]:
    where = DeskCase.application_key.in_(application_keys)
    return work.session.scalars(select(DeskCase).where(where).execution_options(populate_existing=True)).all()


def _forget(work: UnitOfWork, known: Mapping[int, DeskCase]) -> None:
    if known:
        for row in known.values():
            work.session.expunge(row)
        for column in (CaseReason.application_key, DeskCase.application_key):
            work.session.execute(delete(column.class_).where(column.in_(known)))


def _values(
    keys: Keyring, item: Judged, known: DeskCase | None, standing: Mapping[int, Standing]
) -> dict[str, Any]:
    """Return a row; what was ruled on the same version stays while the ruling covers the judgement."""
    same = known if known is not None and known.version_key == item.version_key else None
    ruled = standing.get(item.version_key)
    state = ruled.state if ruled is not None and ruled.covers(item.judgement) else CaseState.OPEN
    submitted_at = item.application.submitted_at if item.application is not None else None
    opened_at = same.opened_at if same is not None else now()
    waits = same is not None and state is CaseState.WAITING
    return {
        "application_key": item.application_key,
        "judgement_key": item.judgement_key,
        "version_key": item.version_key,
        "state": state,
        "pending": state not in CLOSED,
        "rank": min((_RANKS[finding.level] for finding in flagging(item.judgement)), default=2),
        "due_on": same.due_on if same is not None and waits else due_on(submitted_at, opened_at),
        "procedure": item.application and item.application.procedure,
        **_provider(keys, item.application),
        "people": len(item.judgement.people),
        "proposal": _proposal(item.judgement),
        "run_id": item.run_id,
        "submitted_at": submitted_at,
        "opened_at": opened_at,
    }


def _righted(work: UnitOfWork, verified: Sequence[Judged], known: Mapping[int, DeskCase]) -> list[Judged]:
    """Return the verified ones that were in the queue with the same files, and rest on an officer's correction."""
    same = [
        item
        for item in verified
        if item.application_key in known and known[item.application_key].version_key == item.version_key
    ]
    if not same:
        return []
    where = CorrectionRow.version_key.in_([item.version_key for item in same])
    corrected = set(work.session.scalars(select(CorrectionRow.version_key).where(where)))
    return [item for item in same if item.version_key in corrected]


def _righted_values(
    keys: Keyring, item: Judged, known: DeskCase, standing: Mapping[int, Standing]
) -> dict[str, Any]:
    ruled = standing.get(item.version_key)
    state = CaseState.OPEN if ruled is not None and ruled.doubts_correction else CaseState.APPROVED
    return {**_values(keys, item, known, {}), "state": state, "pending": state is CaseState.OPEN}


def _provider(keys: Keyring, application: Application | None) -> dict[str, bytes | None]:
    provider = application.provider if application is not None else None
    return {
        "provider_index": tax_index(keys, provider.tax_number) if provider else None,
        "provider_title": keys.seal(provider.title, TITLE) if provider else None,
    }


def _reasons(item: Judged) -> Iterable[dict[str, Any]]:
    return ({"application_key": item.application_key, "code": code} for code in codes_of(item.judgement))


def _proposal(judgement: Judgement) -> Proposal:
    """Return the proposal on the application: the one for people and findings that asks most of an officer."""
    proposals = {person.proposal for person in judgement.people}
    proposals |= {proposal_of(finding) for finding in judgement.findings if finding.flags}
    order = (Proposal.CHECK_BY_HAND, Proposal.RETURN_TO_APPLICANT, Proposal.WAIT_UNTIL)
    return next((each for each in order if each in proposals), Proposal.CHECK_BY_HAND)


def due_on(submitted_at: datetime | None, opened_at: datetime) -> date:
    """Return the day by which an applicant is to have an answer."""
    return ((submitted_at or opened_at).astimezone(ISTANBUL) + REPLY_WITHIN).date()


def _decided(decision: RecordRuling) -> CaseState:
    return CaseState.APPROVED if decision is RecordRuling.APPROVED else CaseState.REJECTED
