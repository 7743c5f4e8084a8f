"""Which other providers employ a declared person (`ALSO_REGISTERED_ELSEWHERE`).

Of two applications that bring one person to two providers, the one that was submitted later learns of the other,
whenever and in which order they are judged. Two of one night may be judged without seeing each other's effect, or
be cut off by a crash in between: `lacking_the_note` finds the later one, and it is judged again. All is as of the later
one's e-signature: an employment that ended before does not count, one that ended since does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from extractors.turkish import fold
from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.keys import Keyring, person_index, tax_index
from storage.known import Moment, unseal_declaration
from storage.models import (
    RUNNING,
    ApplicationRow,
    Employment,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    Person,
    Provider,
    Version,
)
from validators.application import ADDS_PEOPLE, Application
from validators.finding import Code, Outcome


@dataclass(frozen=True, slots=True)
class Post:
    """An employment: where, the moment and id of the application that brought it, and when it ended."""

    tax_index: bytes
    title: str
    begun: Moment
    runs: bool
    ended_at: datetime | None

    def held_at(self, moment: Moment) -> bool:
        """Return whether it was brought before a moment and had not ended by then."""
        return self.begun < moment and (
            self.runs or (self.ended_at is not None and self.ended_at > moment[0])
        )


def posts_of(work: UnitOfWork, applications: Iterable[Application]) -> Mapping[str, tuple[Post, ...]]:
    """Return the employments of all declared people by T.C. number; one query for some thousand people."""
    declared = {
        person_index(work.keys, person.national_id): person.national_id
        for application in applications
        for person in application.people
    }
    posts: dict[str, tuple[Post, ...]] = defaultdict(tuple)
    for indexes in batched(declared, IN_VALUES):
        for row in work.session.execute(_posts().where(Person.person_index.in_(indexes))):
            title = work.keys.unseal(row.title, "providers.title")
            begun = (row.submitted_at, row.application_id)
            post = Post(row.tax_index, title, begun, row.state in RUNNING, row.ended_at)
            posts[declared[row.person_index]] += (post,)
    return posts


def titles_elsewhere(
    keys: Keyring, application: Application, posts: Mapping[str, tuple[Post, ...]]
) -> Mapping[str, tuple[str, ...]]:
    """Return by T.C. number the titles of the other providers that employed a declared person at the e-signature."""
    own = tax_index(keys, application.provider.tax_number) if application.provider else b""
    moment = (application.submitted_at, application.application_id)
    found = {
        person.national_id: sorted(
            {
                post.title
                for post in posts.get(person.national_id, ())
                if post.tax_index != own and post.held_at(moment)
            },
            key=lambda title: (fold(title), title),
        )
        for person in application.people
    }
    return {number: tuple(titles) for number, titles in found.items() if titles}


def lacking_the_note(work: UnitOfWork, inbox: str) -> frozenset[int]:
    """Return the keys of judged applications whose judgement does not know that a person works elsewhere."""
    rows = work.session.execute(_lacking().where(ApplicationRow.inbox == inbox)).all()
    declarations = {row.application_key: row.declaration for row in rows}
    own = {key: _own_provider(work.keys, sealed) for key, sealed in declarations.items()}
    return frozenset(row.application_key for row in rows if own[row.application_key] != row.tax_index)


def _own_provider(keys: Keyring, declaration: bytes) -> bytes | None:
    declared = unseal_declaration(keys, declaration)
    return tax_index(keys, declared.provider.tax_number) if declared.provider else None


def _posts() -> Select[tuple[Any, ...]]:
    return (
        select(
            Person.person_index,
            Provider.tax_index,
            Provider.title,
            Version.submitted_at,
            ApplicationRow.application_id,
            Employment.state,
            Employment.ended_at,
        )
        .join(Employment, Employment.person_key == Person.id)
        .join(Provider, Provider.id == Employment.provider_key)
        .join(ApplicationRow, ApplicationRow.id == Employment.application_key)
        .join(JudgementRow, JudgementRow.id == Employment.judgement_key)
        .join(Version, Version.id == JudgementRow.version_key)
        .order_by(Employment.id)
    )


def _lacking() -> Select[tuple[Any, ...]]:
    """Return the query for people of current judgements whose employment by an earlier application is not noted."""
    shown, version, other = aliased(JudgementRow), aliased(Version), aliased(ApplicationRow)
    same_moment = and_(
        version.submitted_at == Version.submitted_at, other.application_id < ApplicationRow.application_id
    )
    noted = select(FindingRow.position).where(
        FindingRow.judgement_key == JudgementRow.id,
        FindingRow.person == JudgedPerson.position,
        FindingRow.code == Code.ALSO_REGISTERED_ELSEWHERE,
        FindingRow.outcome == Outcome.FAILED,
    )
    return (
        select(JudgementRow.application_key, Version.declaration, Provider.tax_index)
        .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
        .join(Version, Version.id == JudgementRow.version_key)
        .join(JudgedPerson, JudgedPerson.judgement_key == JudgementRow.id)
        .join(Person, Person.person_index == JudgedPerson.person_index)
        .join(Employment, Employment.person_key == Person.id)
        .join(Provider, Provider.id == Employment.provider_key)
        .join(shown, shown.id == Employment.judgement_key)
        .join(version, version.id == shown.version_key)
        .join(other, other.id == Employment.application_key)
        .where(
            JudgementRow.current,
            Version.procedure.in_(ADDS_PEOPLE),
            Version.declaration.is_not(None),
            or_(version.submitted_at < Version.submitted_at, same_moment),
            or_(Employment.state.in_(RUNNING), Employment.ended_at > Version.submitted_at),
            ~noted.exists(),
        )
    )
