"""What tests look at in a registry."""

from typing import Any

from sqlalchemy import func, select

from storage.database import Database
from storage.findings import current_judgement
from storage.models import (
    ApplicationRow,
    Employment,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    Person,
    Provider,
    ProviderWorkplace,
    Version,
)
from storage.search import PersonRecord, person_by_national_id
from tests.storage.samples import (
    AYSE,
    ISIL,
    Inbox,
    application,
    register,
    statement,
)
from validators.finding import Code, Decision

SIX_FACTS = {
    "national_id",
    "given_name",
    "family_name",
    "state",
    "registered_at",
    "works_at",
    "certificates",
}
"""What a query may show of a person (m.8(1)(c)); given and family name are one of the six facts."""

TABLES = (JudgementRow, JudgedPerson, FindingRow, Person, Provider, ProviderWorkplace, Employment)


def registry_of(database: Database) -> dict[str, list[Any]]:
    """The registry without row numbers, random nonces and times of writing: equal for equal registries."""
    with database.reading() as work:
        names = {row.id: row.application_id for row in work.session.scalars(select(ApplicationRow))}
        people = {row.id: row for row in work.session.scalars(select(Person))}
        providers = {row.id: row for row in work.session.scalars(select(Provider))}
        versions = {row.id: row.fingerprint for row in work.session.scalars(select(Version))}
        judgements = work.session.scalars(select(JudgementRow)).all()
        employments = work.session.scalars(select(Employment)).all()
        findings = work.session.execute(
            select(FindingRow.code, FindingRow.outcome, func.count()).group_by(
                FindingRow.code, FindingRow.outcome
            )
        )
        keys = {row.id: row.run_key for row in judgements}
        return {
            "judgements": sorted(
                (names[j.application_key], j.run_key, j.decision, j.current) for j in judgements
            ),
            "findings": sorted(tuple(row) for row in findings),
            "people": sorted(
                (
                    p.person_index,
                    p.registered_at,
                    names.get(p.registered_by or 0),
                    p.state,
                    versions.get(p.certified_by or 0),
                )
                for p in people.values()
            ),
            "providers": sorted(
                (p.tax_index, p.as_of, names.get(p.registered_by or 0)) for p in providers.values()
            ),
            "employments": sorted(
                (
                    people[e.person_key].person_index,
                    providers[e.provider_key].tax_index,
                    keys[e.judgement_key],
                    e.since,
                    e.route,
                    e.basis,
                    e.evidence,
                    e.state,
                )
                for e in employments
            ),
            "states": sorted(
                (row.application_id, row.state) for row in work.session.scalars(select(ApplicationRow))
            ),
        }


def counts_of(database: Database) -> list[int]:
    with database.reading() as work:
        return [work.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def decision_of(inbox: Inbox, application_id: str) -> Decision | None:
    with inbox.database.reading() as work:
        judgement = current_judgement(work, application_id)
    return judgement.decision if judgement else None


def codes_of(inbox: Inbox, application_id: str) -> set[Code]:
    with inbox.database.reading() as work:
        judgement = current_judgement(work, application_id)
    assert judgement is not None
    everything = [
        *judgement.findings,
        *(finding for person in judgement.people for finding in person.findings),
    ]
    return {finding.code for finding in everything if finding.flags}


def employments_of(inbox: Inbox) -> list[Employment]:
    with inbox.database.reading() as work:
        return list(work.session.scalars(select(Employment).order_by(Employment.id)))


def person_of(inbox: Inbox, national_id: str) -> PersonRecord:
    with inbox.database.reading() as work:
        record = person_by_national_id(work, national_id)
    assert record is not None
    return record


def put_two(inbox: Inbox) -> None:
    register(inbox, AYSE, ISIL)
    inbox.put(
        application("B-1", people=[AYSE, ISIL]), statement(AYSE), statement(ISIL, "hd99-9999-9999-9999")
    )
