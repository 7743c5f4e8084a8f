"""Who works where: writes what verified judgements show, once, and never over what was ended.

What was signed first counts first, in whatever order it is judged: a removal ends what was running when it was signed,
and nothing that was signed before an employment ended brings it back.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from extractors.facts import split_key
from storage.batches import IN_VALUES, batched
from storage.columns import now
from storage.database import UnitOfWork
from storage.models import (
    RUNNING,
    Basis,
    Employment,
    JudgementRow,
    Person,
    Provider,
    RegistryState,
    Version,
)
from validators.case import PersonJudgement
from validators.finding import Code, Outcome, Route

_PROOF = {
    Route.SERVICE_STATEMENT: (Code.EMPLOYMENT_ENDED, "entry_date"),
    Route.ENTRY_DECLARATION: (Code.START_DATE_MISSING, "start_date"),
}
"""The passed finding that names the paper which an employment rests on, and its fact that says since when."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An employment as a verified judgement shows it; `evidence` is the SHA-256 of the paper."""

    person_key: int
    provider_key: int
    application_key: int
    judgement_key: int
    signed_at: datetime
    basis: Basis
    route: Route | None
    since: date | None
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """A verified removal of a person from a provider, both by their indexes (Kılavuz m.7(1)(g)-(ı))."""

    person_index: bytes
    tax_index: bytes
    application_key: int
    signed_at: datetime


def proof_of(person: PersonJudgement) -> tuple[str | None, date | None]:
    """Return the SHA-256 of the file that a verified person's route rests on, and since when it shows the work.

    The day is None where the paper does not tell it: a statement prints the entry in the month of entry only.
    """
    code, fact = _PROOF.get(person.route, (None, "")) if person.route else (None, "")
    for finding in person.findings:
        if finding.code is code and finding.outcome is Outcome.PASSED and finding.document is not None:
            since = finding.facts.get(fact)
            day = date.fromisoformat(since) if isinstance(since, str) else None
            return split_key(finding.document)[0].removeprefix("sha256:"), day
    return None, None


def write_employments(work: UnitOfWork, shown: Sequence[Shown]) -> None:
    """Enter employments in their order.

    One that runs already stays as it is, unless it was under review or came from the same application: then it rests
    on the new judgement. One that was closed does not come back by the same paper or the same application, nor by one
    that was signed before it ended.
    """
    known = _known(work, {item.person_key for item in shown})
    for item in shown:
        rows = known[item.person_key, item.provider_key]
        if any(_was_closed(row, item) for row in rows):
            continue
        running = next((row for row in rows if row.state is not RegistryState.CLOSED), None)
        if running is None:
            row = Employment(person_key=item.person_key, provider_key=item.provider_key, created_at=now())
            _rest_on(row, item)
            work.session.add(row)
            rows.append(row)
        elif running.application_key == item.application_key or running.state is RegistryState.UNDER_REVIEW:
            _rest_on(running, item)


def put_under_review(work: UnitOfWork, application_keys: Collection[int], shown: Sequence[Shown]) -> None:
    """Mark the employments that came from these applications and that their new judgements do not show."""
    confirmed = {(item.application_key, item.person_key, item.provider_key) for item in shown}
    active = Employment.state == RegistryState.ACTIVE
    for row in work.session.scalars(
        select(Employment).where(Employment.application_key.in_(application_keys), active)
    ):
        if (row.application_key, row.person_key, row.provider_key) not in confirmed:
            row.state = RegistryState.UNDER_REVIEW


def end_employments(work: UnitOfWork, endings: Sequence[Ending]) -> None:
    """End what was running when each removal was signed, as of that moment; done again, it changes nothing.

    An employment by an application that was signed later is left alone. A removal that is flagged when it is judged
    again opens nothing anew: it took effect at once (m.7(1)(ı)), and an officer looks at what is flagged.
    """
    running = _running(work, {ending.person_index for ending in endings})
    for ending in endings:
        for row, signed_at in running.get((ending.person_index, ending.tax_index), ()):
            if row.state is not RegistryState.CLOSED and signed_at <= ending.signed_at:
                end(row, ending.application_key, ending.signed_at)


def end(row: Employment, application_key: int, moment: datetime) -> None:
    """End an employment by an application that was signed at the moment; the row keeps what it rested on."""
    row.state, row.ended_at, row.ended_by = RegistryState.CLOSED, moment, application_key


def _running(
    work: UnitOfWork, people: Collection[bytes]
) -> Mapping[tuple[bytes, bytes], Sequence[tuple[Employment, datetime]]]:
    running: dict[tuple[bytes, bytes], list[tuple[Employment, datetime]]] = defaultdict(list)
    for indexes in batched(sorted(people), IN_VALUES):
        rows = (
            select(Employment, Person.person_index, Provider.tax_index, Version.submitted_at)
            .join(Person, Person.id == Employment.person_key)
            .join(Provider, Provider.id == Employment.provider_key)
            .join(JudgementRow, JudgementRow.id == Employment.judgement_key)
            .join(Version, Version.id == JudgementRow.version_key)
            .where(Person.person_index.in_(indexes), Employment.state.in_(RUNNING))
            .order_by(Employment.id)
            .with_for_update(of=Employment)
        )
        for row in work.session.execute(rows):
            running[row.person_index, row.tax_index].append((row.Employment, row.submitted_at))
    return running


def _known(work: UnitOfWork, person_keys: Collection[int]) -> Mapping[tuple[int, int], list[Employment]]:
    known: dict[tuple[int, int], list[Employment]] = defaultdict(list)
    for keys in batched(sorted(person_keys), IN_VALUES):
        rows = (
            select(Employment)
            .where(Employment.person_key.in_(keys))
            .order_by(Employment.id)
            .with_for_update()
        )
        for row in work.session.scalars(rows):
            known[row.person_key, row.provider_key].append(row)
    return known


def _was_closed(row: Employment, item: Shown) -> bool:
    if row.state is not RegistryState.CLOSED:
        return False
    same_paper = item.evidence is not None and row.evidence == item.evidence
    ended_later = row.ended_at is not None and item.signed_at <= row.ended_at
    return same_paper or ended_later or row.application_key == item.application_key


def _rest_on(row: Employment, item: Shown) -> None:
    row.application_key, row.judgement_key = item.application_key, item.judgement_key
    row.basis, row.route, row.since, row.evidence = item.basis, item.route, item.since, item.evidence
    row.state = RegistryState.ACTIVE
