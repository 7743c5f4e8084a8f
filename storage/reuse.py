"""Which papers of an application other applications have too: the same bytes, or the same barcode number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, union
from sqlalchemy.orm import aliased

from extractors.facts import Document, Kind, Upload
from storage.database import UnitOfWork
from storage.desk.cases import was_approved
from storage.models import ApplicationRow, DocumentRow, JudgementRow, Version
from storage.queue import barcode_index
from validators.application import OWN_RECORD, Application
from validators.finding import Decision

NAMED_APPLICATIONS = 10
"""Applications that are named as users of the same paper; a reviewer needs to open one or two."""


def reused_papers(
    work: UnitOfWork, version_keys: Collection[int]
) -> Mapping[int, Mapping[int, tuple[str, ...]]]:
    """Return, by version and position of the document, the ids of the applications whose evidence it was before.

    Those are the applications that were submitted earlier, and those that hold a verified judgement, whenever they
    were submitted: the answer does not depend on how applications are spread over nights, nor on the order in which
    a batch works. A paper that one application has twice is left to the rules, which see the whole application.
    """
    users: dict[int, dict[int, tuple[str, ...]]] = defaultdict(dict)
    for row in work.session.execute(_reused(), {"versions": list(version_keys)}):
        known = users[row.version_key].get(row.position, ())
        users[row.version_key][row.position] = (*known, row.application_id)
    return users


@cache
def _reused() -> Select[tuple[Any, ...]]:
    """Return the query of `reused_papers`: to build it takes longer than to run it."""
    mine, theirs = aliased(DocumentRow), aliased(DocumentRow)
    asked = mine.version_key.in_(bindparam("versions", expanding=True))
    pairs = union(
        _pairs(mine, theirs, mine.sha256 == theirs.sha256).where(asked),
        _pairs(mine, theirs, mine.barcode_index == theirs.barcode_index).where(asked),
    ).subquery()
    paper = (pairs.c.version_key, pairs.c.position)
    place = func.row_number().over(partition_by=paper, order_by=pairs.c.application_id)
    ranked = select(pairs, place.label("place")).subquery()
    return select(ranked).where(ranked.c.place <= NAMED_APPLICATIONS).order_by(ranked.c.application_id)


def papers_of_others(
    work: UnitOfWork, application: Application, uploads: Iterable[Upload]
) -> Mapping[str, tuple[str, ...]]:
    """Answer as `reused_papers` does, by document key, for an application that is not stored, or not in this form."""
    if application.procedure in OWN_RECORD:
        return {}
    documents = {document.key: document for upload in uploads for document in upload.documents}
    users = {name: _users(work, application, document) for name, document in documents.items()}
    return {name: found for name, found in users.items() if found}


def _users(work: UnitOfWork, application: Application, document: Document) -> tuple[str, ...]:
    theirs, version, other = aliased(DocumentRow), aliased(Version), aliased(ApplicationRow)
    barcode = barcode_index(document, work.keys)
    if document.kind is Kind.UNKNOWN and barcode is None:
        return ()
    same = theirs.sha256 == document.id.removeprefix("sha256:")
    same_moment = and_(
        version.submitted_at == application.submitted_at, other.application_id < application.application_id
    )
    earlier = or_(version.submitted_at < application.submitted_at, same_moment)
    found = (
        select(other.application_id)
        .join(version, and_(version.application_key == other.id, version.fingerprint == other.fingerprint))
        .join(theirs, theirs.version_key == version.id)
        .where(
            same if barcode is None else or_(same, theirs.barcode_index == barcode),
            other.application_id != application.application_id,
            _is_paper(theirs),
            _shows_employment(version),
            or_(earlier, _is_verified(other, version)),
        )
        .distinct()
        .order_by(other.application_id)
        .limit(NAMED_APPLICATIONS)
    )
    return tuple(work.session.scalars(found))


def _pairs(
    mine: type[DocumentRow], theirs: type[DocumentRow], same: ColumnElement[bool]
) -> Select[tuple[Any, ...]]:
    my_version, their_version = aliased(Version), aliased(Version)
    me, application = aliased(ApplicationRow), aliased(ApplicationRow)
    current = application.fingerprint == their_version.fingerprint
    return (
        select(mine.version_key.label("version_key"), mine.position, application.application_id)
        .join(theirs, same)
        .join(my_version, my_version.id == mine.version_key)
        .join(me, me.id == my_version.application_key)
        .join(their_version, their_version.id == theirs.version_key)
        .join(application, and_(application.id == their_version.application_key, current))
        .where(
            their_version.application_key != my_version.application_key,
            _is_paper(mine),
            _is_paper(theirs),
            _shows_employment(my_version),
            _shows_employment(their_version),
            or_(
                _earlier(their_version, application, my_version, me), _is_verified(application, their_version)
            ),
        )
    )


def _is_verified(application: type[ApplicationRow], version: type[Version]) -> ColumnElement[bool]:
    return (
        select(JudgementRow.id)
        .where(
            JudgementRow.application_key == application.id,
            JudgementRow.version_key == version.id,
            JudgementRow.current,
            or_(JudgementRow.decision == Decision.VERIFIED, was_approved(JudgementRow)),
        )
        .exists()
    )


def _earlier(
    their_version: type[Version],
    they: type[ApplicationRow],
    my_version: type[Version],
    me: type[ApplicationRow],
) -> ColumnElement[bool]:
    """Submitted before; of two submitted at one moment the one whose id comes first."""
    same_moment = their_version.submitted_at == my_version.submitted_at
    first_id = they.application_id < me.application_id
    return or_(their_version.submitted_at < my_version.submitted_at, and_(same_moment, first_id))


def _is_paper(document: type[DocumentRow]) -> ColumnElement[bool]:
    """Leave out what was recognised by nothing: the same cover letter in a thousand uploads is no evidence."""
    return or_(document.kind != Kind.UNKNOWN, document.barcode_index.is_not(None))


def _shows_employment(version: type[Version]) -> ColumnElement[bool]:
    """Leave out certificates: a new set repeats the old ones (m.5(2)(ç)), and two people may share a course."""
    return version.procedure.not_in(OWN_RECORD)
