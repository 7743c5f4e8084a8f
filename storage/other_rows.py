"""Rows of other employers: forgotten as soon as no finding rests on them (KVKK m.4; which, says `validators.needed`).

Papers are stored as they were read before anybody has judged them. A judgement that needs less than all rows empties
the others in its own transaction; rows keep their places, so that corrections and findings name the same ones.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import select, update

from extractors.facts import Document, Record, Workplace
from storage.cases import CaseFile
from storage.database import UnitOfWork
from storage.desk.corrections import Corrections, corrections_of
from storage.facts import pack_document, unpack_document
from storage.issuer import rows_read
from storage.models import DocumentRow
from validators.case import Case, Judgement
from validators.needed import NOTHING, Needed, needed_rows
from validators.policy_series import Policies, policy_for

_Row = TypeVar("_Row", Record, Workplace)

_FACTS = "documents.facts"


def leave_out(work: UnitOfWork, judged: Iterable[tuple[CaseFile, Judgement]], policies: Policies) -> None:
    """Empty the rows that these judgements, made under these policies, do not need."""
    # A rotation of keys locks papers in this order, too.
    in_order = sorted(judged, key=lambda item: item[0].version_key)
    changed = [
        {"version_key": file.version_key, "position": position, "facts": _sealed(work, document)}
        for file, judgement in in_order
        if (needed := _needed(file, judgement, policies))
        for position, document in _reduced(work, file, needed)
    ]
    if changed:
        work.overwrite()
        work.session.execute(update(DocumentRow), changed)


def without_others(document: Document, needed: Needed) -> Document:
    """Return a paper with those rows alone that are needed; the others keep their places."""
    reduced = replace(
        document,
        records=_emptied(document.records, needed.records),
        workplaces=_emptied(document.workplaces, needed.workplaces),
    )
    return document if reduced == document else replace(reduced, rows_read=rows_read(document))


def _emptied(rows: tuple[_Row, ...], needed: frozenset[int]) -> tuple[_Row, ...]:
    return tuple(row if place in needed or row.left_out else row.emptied() for place, row in enumerate(rows))


def _needed(file: CaseFile, judgement: Judgement, policies: Policies) -> Mapping[str, Needed]:
    if file.application is None:  # nobody could say whose papers these are: no rule looked at them
        return {d.key: NOTHING for upload in file.uploads for d in upload.documents}
    policy = policy_for(policies, file.application)
    return needed_rows(Case(file.application, file.uploads, file.registry, policy), judgement)


def _reduced(
    work: UnitOfWork, file: CaseFile, needed: Mapping[str, Needed]
) -> Iterator[tuple[int, Document]]:
    """Yield what changes, by its position. Corrections lie over the facts as read, which are what is stored."""
    corrections = corrections_of(work, [file.version_key])[file.version_key] if file.corrections else None
    stored = _stored(work, file) if corrections else (d for upload in file.uploads for d in upload.documents)
    for position, document in enumerate(stored):
        if document.key in needed:
            kept = needed[document.key]
            reduced = without_others(document, _with_corrected(kept, document, corrections))
            if reduced is not document:
                yield position, reduced


def _stored(work: UnitOfWork, file: CaseFile) -> Iterator[Document]:
    rows = select(DocumentRow.facts).where(DocumentRow.version_key == file.version_key)
    for facts in work.session.scalars(rows.order_by(DocumentRow.position)):
        yield unpack_document(work.keys.unseal_bytes(facts, _FACTS))


def _with_corrected(needed: Needed, document: Document, corrections: Corrections | None) -> Needed:
    """Keep also what an officer corrected: the correction is laid over it each time."""
    if corrections is None:
        return needed
    rows = corrections.rows_of(document.key)
    return Needed(needed.records | rows["records"], needed.workplaces | rows["workplaces"])


def _sealed(work: UnitOfWork, document: Document) -> bytes:
    return work.keys.seal_bytes(pack_document(document), _FACTS)
