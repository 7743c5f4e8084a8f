"""Which running employments rest on old evidence.

Leaving a provider has no effect in the registry until somebody removes the person (Kılavuz m.7(1)(g)-(ı)), and the
guide sets no day on which evidence is to be renewed. So this is a list for officers, oldest first; nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from extractors.facts import Kind
from storage.database import UnitOfWork
from storage.models import RUNNING, ApplicationRow, Basis, Employment, JudgementRow, Person, Provider
from storage.proofs import Proof, Rest, proofs_of
from validators.application import ISTANBUL


@dataclass(frozen=True, slots=True)
class Ageing:
    """A running employment and its evidence.

    `day` is the paper's own day; where it told none (`by_judgement`), that of the judgement in Istanbul. `age_days`
    counts from it. `kind` is None where the employment rests on no single paper.
    """

    provider: str
    national_id: str
    given_name: str
    family_name: str
    kind: Kind | None
    day: date
    by_judgement: bool
    age_days: int
    basis: Basis
    application_id: str


def today() -> date:
    """Return the calendar day in Istanbul."""
    return datetime.now(ISTANBUL).date()


def due_for_recheck(work: UnitOfWork, older_than: int, on: date) -> tuple[Ageing, ...]:
    """Return the running employments whose evidence is more than `older_than` days old on a day, oldest first."""
    rows = _running(work)
    rests = [
        Rest(row.version_key, row.evidence, work.keys.unseal(row.national_id, "people.national_id"))
        for row in rows
    ]
    proofs = proofs_of(work, rests)
    dated = [
        (_day(row, proof), row, rest.national_id, proof)
        for row, rest, proof in zip(rows, rests, map(proofs.get, rests), strict=True)
    ]
    due = sorted((each for each in dated if (on - each[0]).days > older_than), key=lambda each: each[0])
    return tuple(_ageing(work, row, number, proof, (on - day).days) for day, row, number, proof in due)


def _running(work: UnitOfWork) -> Sequence[Any]:
    return work.session.execute(
        select(
            Employment.id,
            Employment.evidence,
            Employment.basis,
            JudgementRow.version_key,
            JudgementRow.created_at,
            ApplicationRow.application_id,
            Provider.title,
            Person.national_id,
            Person.given_name,
            Person.family_name,
        )
        .join(JudgementRow, JudgementRow.id == Employment.judgement_key)
        .join(ApplicationRow, ApplicationRow.id == Employment.application_key)
        .join(Provider, Provider.id == Employment.provider_key)
        .join(Person, Person.id == Employment.person_key)
        .where(Employment.state.in_(RUNNING))
        .order_by(Employment.id)
    ).all()


def _day(row: Any, proof: Proof | None) -> date:
    if proof is not None and proof.day is not None:
        return proof.day
    judged: datetime = row.created_at
    return judged.astimezone(ISTANBUL).date()


def _ageing(work: UnitOfWork, row: Any, national_id: str, proof: Proof | None, age_days: int) -> Ageing:
    return Ageing(
        provider=work.keys.unseal(row.title, "providers.title"),
        national_id=national_id,
        given_name=work.keys.unseal(row.given_name, "people.given_name"),
        family_name=work.keys.unseal(row.family_name, "people.family_name"),
        kind=proof.kind if proof is not None else None,
        day=_day(row, proof),
        by_judgement=proof is None or proof.day is None,
        age_days=age_days,
        basis=row.basis,
        application_id=row.application_id,
    )
