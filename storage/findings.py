"""Findings and judgements to rows and back."""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select

from extractors.facts import Box, Value
from storage.cases import load_uploads
from storage.database import UnitOfWork
from storage.facts import to_bytes
from storage.keys import Keyring
from storage.models import ApplicationRow, FindingRow, JudgedPerson, JudgementRow, Version
from validators.case import Judgement, PersonJudgement
from validators.finding import Finding

_FACTS: TypeAdapter[dict[str, Value]] = TypeAdapter(dict[str, Value])


def finding_values(judgement_key: int, judgement: Judgement, keys: Keyring) -> Iterator[dict[str, Any]]:
    """Yield a row for every finding: those of the people in their order, then the application's own.

    The findings beside the documents are the same ones, and are not written twice.
    """
    listed = [(n, finding) for n, person in enumerate(judgement.people) for finding in person.findings]
    listed_by_nobody = [(None, finding) for finding in judgement.findings]
    for position, (person, finding) in enumerate([*listed, *listed_by_nobody]):
        yield {
            "judgement_key": judgement_key,
            "position": position,
            "person": person,
            "code": finding.code,
            "outcome": finding.outcome,
            "level": finding.level,
            "legal_basis": finding.legal_basis,
            "document": finding.document,
            "page": finding.page,
            "box": _numbers(finding.box),
            "facts": keys.seal_bytes(to_bytes(finding.facts), "findings.facts") if finding.facts else None,
            "proposal": finding.proposal,
            "wait_until": to_day(finding.wait_until),
        }


def to_day(text: str | None) -> date | None:
    """Return the day of an ISO date."""
    return date.fromisoformat(text) if text else None


def _numbers(box: Box | None) -> list[float] | None:
    numbers = [box.x0, box.y0, box.x1, box.y1] if box else []
    return numbers if numbers and all(map(math.isfinite, numbers)) else None


def current_judgement(work: UnitOfWork, application_id: str) -> Judgement | None:
    """Return the judgement that counts for an application, as it was made; None where it was never judged."""
    found = current_row(work, application_id)
    return None if found is None else judgement_of(work, application_id, *found)


def current_row(work: UnitOfWork, application_id: str) -> tuple[JudgementRow, Version] | None:
    """Return the row of the judgement that counts, and the version it was made on; None where there is none."""
    found = work.session.execute(
        select(JudgementRow, Version)
        .join(Version, Version.id == JudgementRow.version_key)
        .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
        .where(ApplicationRow.application_id == application_id, JudgementRow.current)
    ).one_or_none()
    return None if found is None else (found.JudgementRow, found.Version)


def judgement_of(
    work: UnitOfWork, application_id: str, judgement: JudgementRow, version: Version
) -> Judgement:
    """Return a judgement as it was made, with its people, findings and documents. Raises WrongKey."""
    rows = select(FindingRow).where(FindingRow.judgement_key == judgement.id).order_by(FindingRow.position)
    listed = [(row.person, _finding(row, work.keys)) for row in work.session.scalars(rows)]
    documents = [
        document for upload in load_uploads(work, [version.id])[version.id] for document in upload.documents
    ]
    return Judgement(
        application_id=application_id,
        procedure=version.procedure and version.procedure.value,
        decision=judgement.decision,
        policy=judgement.policy,
        people=tuple(_people(work, judgement.id, listed)),
        findings=tuple(finding for person, finding in listed if person is None),
        documents=tuple(
            (document, tuple(finding for _, finding in listed if finding.document == document.key))
            for document in documents
        ),
    )


def _people(
    work: UnitOfWork, judgement_key: int, listed: Sequence[tuple[int | None, Finding]]
) -> Iterator[PersonJudgement]:
    people = (
        select(JudgedPerson)
        .where(JudgedPerson.judgement_key == judgement_key)
        .order_by(JudgedPerson.position)
    )
    for row in work.session.scalars(people):
        yield PersonJudgement(
            national_id=work.keys.unseal(row.national_id, "judged_people.national_id"),
            decision=row.decision,
            route=row.route,
            findings=tuple(finding for person, finding in listed if person == row.position),
            proposal=row.proposal,
            wait_until=row.wait_until.isoformat() if row.wait_until else None,
        )


def _finding(row: FindingRow, keys: Keyring) -> Finding:
    facts = keys.unseal_bytes(row.facts, "findings.facts") if row.facts else b"{}"
    return Finding(
        code=row.code,
        outcome=row.outcome,
        level=row.level,
        legal_basis=row.legal_basis,
        facts=_FACTS.validate_json(facts),
        document=row.document,
        page=row.page,
        box=Box(*row.box) if row.box else None,
        proposal=row.proposal,
        wait_until=row.wait_until.isoformat() if row.wait_until else None,
    )
