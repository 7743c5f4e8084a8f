"""Who opened anything of a person, and what an account opened: the audit trail read as an access log (KVKK m.12).

Lines name a person by a keyed index. A look at a whole application names nobody: it counts for everybody whom the
application names, and `tie` tells the two apart. A query of the registry by a name or a provider's title names nobody
either: it is asked again of the person's present name and providers. A list of old evidence counts for everybody who
has worked anywhere.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from extractors.facts import Kind
from storage.cards import person_card
from storage.database import UnitOfWork
from storage.desk.audit import Action, Line, LineFilter, about, lines
from storage.keys import person_indexes
from storage.matching import NameQuery, TitleQuery
from storage.models import ApplicationRow, AuditLine, DocumentRow, JudgedPerson, JudgementRow

_PAGE = 1000
_APPLICATION = about("application", "")
_BY_NAME, _BY_PROVIDER = about("registry", "name"), about("registry", "provider")
_BY_AGE = about("registry", "recheck")


class Tie(StrEnum):
    """Why a line is told."""

    PERSON = "person"
    """The line names a person."""
    APPLICATION = "application"
    """It is about an application and names nobody of it."""
    QUERY = "query"
    """It is a query by words that find the person."""
    NEITHER = "neither"
    """It is about something else, a log-in for instance."""


@dataclass(frozen=True, slots=True)
class Access:
    """A line of the trail; `paper` is the kind of the paper that was opened, as far as its facts are kept."""

    line: Line
    tie: Tie
    paper: Kind | None


def accesses(  # noqa: PLR0913 - what may be asked by
    work: UnitOfWork,
    *,
    person: str | None = None,
    applications: Collection[str] = (),
    account_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Access, ...]:
    """Return the lines that concern a person (a T.C. number), or that an account wrote, or both; the newest first.

    `applications` are the ids of those that name the person: lines about one of them that name nobody are told as well.
    """
    wanted = LineFilter(
        account_id=account_id,
        person=person,
        nobody_in=tuple(about("application", name) for name in sorted(applications)),
        since=since,
        until=until,
    )
    found = list(_all(work, wanted))
    kinds = _kinds(work, found)
    told = [Access(line, _tie(line), kinds.get(_place(line) or (0, 0))) for line in found]
    if person is not None:
        queries = replace(wanted, person=None, nobody_in=(), actions=(Action.QUERY, Action.VIEW_RECORD))
        told += [Access(line, Tie.QUERY, None) for line in _finding(work, person, _all(work, queries))]
    return tuple(sorted(told, key=lambda each: each.line.id, reverse=True))


def affected(work: UnitOfWork, found: Sequence[Access]) -> tuple[str, ...]:
    """Return the T.C. numbers of the people whom these lines concern, as far as anything is kept that tells them.

    Those of an application are its declared people. All numbers are opened and compared: the index of a line is that of
    the key it was written with.
    """
    indexes = _indexes(work, [each.line.id for each in found if each.tie is Tie.PERSON])
    opened = {each.line.object.removeprefix(_APPLICATION) for each in found if each.tie is Tie.APPLICATION}
    rows = work.session.execute(
        select(JudgedPerson.national_id, ApplicationRow.application_id)
        .join(JudgementRow, JudgementRow.id == JudgedPerson.judgement_key)
        .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
        .execution_options(yield_per=_PAGE)
    )
    people: dict[str, bool] = {}
    for row in rows:
        number = work.keys.unseal(row.national_id, "judged_people.national_id")
        if number not in people:
            people[number] = not indexes.isdisjoint(person_indexes(work.keys, number))
        people[number] |= row.application_id in opened
    return tuple(sorted(number for number, concerned in people.items() if concerned))


def _all(work: UnitOfWork, wanted: LineFilter) -> Iterator[Line]:
    page = lines(work, wanted, limit=_PAGE)
    while page:
        yield from page
        page = lines(work, wanted, before=page[-1].id, limit=_PAGE)


def _finding(work: UnitOfWork, national_id: str, queries: Iterable[Line]) -> Iterator[Line]:
    """Yield the queries by words that find the person."""
    card = person_card(work, national_id)
    if card is None:
        return
    titles = {employment.provider for employment in card.employments}
    for line in queries:
        if line.object == _BY_NAME and NameQuery.of(line.reason).finds(card.given_name, card.family_name):
            yield line
        if line.object == _BY_PROVIDER and any(map(TitleQuery.of(line.reason).finds, titles)):
            yield line
        if line.object == _BY_AGE and titles:
            yield line


def _tie(line: Line) -> Tie:
    if line.concerns_person:
        return Tie.PERSON
    return Tie.APPLICATION if line.object.startswith(_APPLICATION) else Tie.NEITHER


def _place(line: Line) -> tuple[int, int] | None:
    """Return version and position of the paper that a line is about."""
    version, document = line.details.get("version"), line.details.get("document")
    return (version, document) if isinstance(version, int) and isinstance(document, int) else None


def _kinds(work: UnitOfWork, found: Sequence[Line]) -> dict[tuple[int, int], Kind]:
    places = {place for line in found if (place := _place(line)) is not None}
    kinds = {place: work.session.get(DocumentRow, place) for place in places}
    return {place: row.kind for place, row in kinds.items() if row is not None}


def _indexes(work: UnitOfWork, numbers: Sequence[int]) -> set[bytes]:
    found: set[bytes] = set()
    for start in range(0, len(numbers), _PAGE):
        where = AuditLine.id.in_(numbers[start : start + _PAGE])
        rows = work.session.scalars(select(AuditLine.person_index).where(where).distinct())
        found |= {index for index in rows if index is not None}
    return found
