"""What issuers answered about papers, kept from night to night, so that no paper is asked about twice.

An answer belongs to a document and its barcode number, and to what was read of it: when the same bytes are read
otherwise by a later version, the answer no longer counts. Answers are sealed: they tell whose paper is not genuine. An
answer that has expired still counts until a newer one is there; expiry only says when to ask anew.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, and_, or_, select

from extractors.facts import Document
from storage.batches import IN_VALUES, batched
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.facts import to_bytes
from storage.keys import Keyring
from storage.models import ApplicationRow, ApplicationState, FindingRow, IssuerAnswerRow, JudgementRow
from storage.queue import barcode_index
from validators.finding import Code, Level, Outcome
from validators.issuer import (
    UNREACHABLE,
    IssuerAnswer,
    IssuerStatus,
    Question,
    is_of_an_issuer,
    question_of,
)

SETTLED = timedelta(days=90)
"""How long an identical paper is not asked about again: what was issued stays issued."""
UNSETTLED = timedelta(hours=12)
"""How long any other answer holds: an applicant who comes back the next day is asked about anew."""

_PURPOSE = "issuer_answers.answer"


@dataclass(frozen=True, slots=True)
class _Kept:
    asked: str
    answer: IssuerAnswer


_KEPT = TypeAdapter(_Kept)


@dataclass(frozen=True, slots=True)
class _Row:
    answer: IssuerAnswer
    expires_at: datetime


def stored_answers(work: UnitOfWork, documents: Iterable[Document]) -> Mapping[str, IssuerAnswer]:
    """Return by document key what is known of these documents; those that nobody asked about are left out."""
    return {key: row.answer for key, row in _rows(work, _papers(documents)).items()}


def to_be_asked(work: UnitOfWork, documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return the documents, each once, that can be asked about and have no answer, or one that has expired."""
    papers, moment = _papers(documents), now()
    held = {key for key, row in _rows(work, papers).items() if row.expires_at > moment}
    return tuple(d for key, d in papers.items() if key not in held and question_of(d) is not None)


def store_answers(database: Database, answers: Iterable[tuple[Document, IssuerAnswer]]) -> None:
    """Enter answers in one transaction. That an issuer could not be reached replaces no answer."""
    given = {document.key: (document, answer) for document, answer in answers}
    if given:
        database.transact(lambda work: _store(work, given))


def answered_since() -> Select[tuple[int]]:
    """Select the applications whose current judgement lacks an answer that has come since."""
    return (
        select(JudgementRow.application_key)
        .join(FindingRow, FindingRow.judgement_key == JudgementRow.id)
        .join(IssuerAnswerRow, IssuerAnswerRow.document == FindingRow.document)
        .where(
            JudgementRow.current,
            FindingRow.code == Code.EDEVLET_NOT_CHECKED,
            FindingRow.outcome != Outcome.PASSED,
            IssuerAnswerRow.answer.is_not(None),
            IssuerAnswerRow.asked_at > JudgementRow.created_at,
        )
    )


def waiting_for_answers(work: UnitOfWork, inbox: str) -> tuple[int, ...]:
    """Return the keys of judged applications whose issuer could not be reached, or that are flagged for not asking."""
    in_vain = FindingRow.outcome == Outcome.INDETERMINATE
    demanded = and_(FindingRow.outcome == Outcome.FAILED, FindingRow.level != Level.NOTE)
    found = (
        select(ApplicationRow.id)
        .join(JudgementRow, and_(JudgementRow.application_key == ApplicationRow.id, JudgementRow.current))
        .join(FindingRow, FindingRow.judgement_key == JudgementRow.id)
        .where(
            ApplicationRow.inbox == inbox,
            ApplicationRow.state == ApplicationState.JUDGED,
            FindingRow.code == Code.EDEVLET_NOT_CHECKED,
            or_(in_vain, demanded),
        )
        .distinct()
        .order_by(ApplicationRow.id)
    )
    return tuple(work.session.scalars(found))


@dataclass(frozen=True, slots=True)
class _Asked:
    barcode_index: bytes
    digest: str


def _papers(documents: Iterable[Document]) -> dict[str, Document]:
    return {document.key: document for document in documents if is_of_an_issuer(document)}


def _asked(keys: Keyring, document: Document) -> _Asked | None:
    question, index = question_of(document), barcode_index(document, keys)
    if question is None or index is None:
        return None
    return _Asked(index, _digest(question, document))


def _digest(question: Question, document: Document) -> str:
    """Hash what an answer is about: the question, and all that is compared."""
    values = sorted((name, field.value) for name, field in document.fields.items())
    read = (astuple(question), document.kind, values, rows_read(document))
    return hashlib.sha256(to_bytes(read)).hexdigest()


def rows_read(document: Document) -> str:
    """Return a digest of a paper's rows as they were read, also of those that were left out since."""
    if document.rows_read is not None:
        return document.rows_read
    return hashlib.sha256(to_bytes((document.records, document.workplaces))).hexdigest()


def _rows(work: UnitOfWork, papers: Mapping[str, Document]) -> dict[str, _Row]:
    found = {}
    for row in _entries(work, papers):
        answer = _opened(work.keys, row, _asked(work.keys, papers[row.document]))
        if answer is not None:
            found[row.document] = _Row(answer, row.expires_at)
    return found


def _entries(work: UnitOfWork, documents: Collection[str]) -> Iterable[IssuerAnswerRow]:
    for part in batched(documents, IN_VALUES):
        yield from work.session.scalars(select(IssuerAnswerRow).where(IssuerAnswerRow.document.in_(part)))


def _opened(keys: Keyring, row: IssuerAnswerRow, asked: _Asked | None) -> IssuerAnswer | None:
    """Open an answer; None when it was given about another reading of the document."""
    if asked is None or row.barcode_index != asked.barcode_index:
        return None
    if row.answer is None:
        return UNREACHABLE
    kept = _KEPT.validate_json(keys.unseal_bytes(row.answer, _PURPOSE))
    return kept.answer if kept.asked == asked.digest else None


def _store(work: UnitOfWork, given: Mapping[str, tuple[Document, IssuerAnswer]]) -> None:
    rows = {(row.document, row.barcode_index): row for row in _entries(work, given)}
    for key, (document, answer) in given.items():
        asked = _asked(work.keys, document)
        if asked is None:
            continue
        row = rows.get((key, asked.barcode_index))
        values = _values(work.keys, asked, answer)
        if row is None:
            work.session.add(IssuerAnswerRow(document=key, barcode_index=asked.barcode_index, **values))
        elif answer != UNREACHABLE or _opened(work.keys, row, asked) is None:
            for name, value in values.items():
                setattr(row, name, value)


def _values(keys: Keyring, asked: _Asked, answer: IssuerAnswer) -> dict[str, Any]:
    moment = now()
    if answer == UNREACHABLE:
        return {"answer": None, "asked_at": moment, "expires_at": moment}
    holds = SETTLED if answer.status is IssuerStatus.IDENTICAL else UNSETTLED
    sealed = keys.seal_bytes(_KEPT.dump_json(_Kept(asked.digest, answer)), _PURPOSE)
    return {"answer": sealed, "asked_at": moment, "expires_at": moment + holds}
