"""Who works where: writes what verified judgements show, once, and never over what an officer closed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from extractors.facts import split_key
from storage.batches import IN_VALUES, batched
from storage.columns import now
from storage.database import UnitOfWork
from storage.models import Basis, Employment, RegistryState
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
    basis: Basis
    route: Route | None
    since: date | None
    evidence: str | None


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
    on the new judgement. One that was closed does not come back by the same paper or the same application.
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
    same_paper = item.evidence is not None and row.evidence == item.evidence
    return row.state is RegistryState.CLOSED and (same_paper or row.application_key == item.application_key)


def _rest_on(row: Employment, item: Shown) -> None:
    row.application_key, row.judgement_key = item.application_key, item.judgement_key
    row.basis, row.route, row.since, row.evidence = item.basis, item.route, item.since, item.evidence
    row.state = RegistryState.ACTIVE
