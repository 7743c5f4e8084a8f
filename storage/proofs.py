"""The papers that employments rest on: kind, and the day that the paper gives as its own."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from extractors.facts import Document, Kind
from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.desk.corrections import NONE as NOT_CORRECTED
from storage.desk.corrections import corrections_of
from storage.facts import unpack_document
from storage.models import DocumentRow
from validators.fields import day_in

_DAYS = ("issued_on", "generated_at")
"""Fields that hold the day of a statement or an official document, and the moment of a declaration."""


class Rest(NamedTuple):
    """What an employment rests on: a file of a version, if on one, and the person whose paper it is (T.C. number)."""

    version_key: int
    sha256: str | None
    national_id: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A paper: SHA-256 of its file, its kind, and its own day; None where the paper did not tell it."""

    sha256: str
    kind: Kind
    day: date | None


def proofs_of(work: UnitOfWork, rests: Collection[Rest]) -> Mapping[Rest, Proof]:
    """Load the papers of employments; those that rest on no file are left out. Raises WrongKey."""
    proofs: dict[Rest, Proof] = {}
    for some in batched(rests, IN_VALUES // 2):
        documents = _documents(work, some)
        for rest in some:
            candidates = documents.get((rest.version_key, rest.sha256))
            if rest.sha256 is not None and candidates:
                paper = next((d for d in candidates if _is_of(d, rest.national_id)), candidates[0])
                proofs[rest] = Proof(rest.sha256, paper.kind, own_day(paper))
    return proofs


def own_day(document: Document) -> date | None:
    """Return the day on which a paper was issued, by what it prints itself."""
    for name in _DAYS:
        if day := day_in(document.fields.get(name)):
            return day
    return None


def _documents(work: UnitOfWork, rests: Collection[Rest]) -> Mapping[tuple[int, str | None], list[Document]]:
    found: dict[tuple[int, str | None], list[Document]] = defaultdict(list)
    rows = work.session.execute(
        select(DocumentRow.version_key, DocumentRow.sha256, DocumentRow.facts)
        .where(
            DocumentRow.version_key.in_({rest.version_key for rest in rests}),
            DocumentRow.sha256.in_({rest.sha256 for rest in rests if rest.sha256 is not None}),
        )
        .order_by(DocumentRow.version_key, DocumentRow.position)
    )
    corrections = corrections_of(work, {rest.version_key for rest in rests})
    for row in rows:
        document = unpack_document(work.keys.unseal_bytes(row.facts, "documents.facts"))
        as_corrected = corrections.get(row.version_key, NOT_CORRECTED).of(document)
        found[row.version_key, row.sha256].append(as_corrected)
    return found


def _is_of(document: Document, national_id: str) -> bool:
    printed = document.fields.get("national_id")
    coded = (qr.national_id for qr in document.qrs)
    return (printed is not None and printed.value == national_id) or national_id in coded
