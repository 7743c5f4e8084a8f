"""What is due of one person on request (KVKK m.7), by the rules of retention: its holds hold here too.

The difference is the period. What a policy keeps for years so that it can be judged again or answered for goes on
request once the term for a court action is over (İYUK m.7, `retention_evidence_days`); nothing is kept longer than its
own period. And the range: applications that are about other people as well stay until retention takes them whole, since
what is left of one could not be judged, proved or answered for.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_

from storage.models import Employment, IssuerAnswerRow, JudgementRow, Person, Version
from storage.retention.due import Due
from storage.retention.periods import DataClass, Periods
from storage.settings import Settings

Condition = ColumnElement[bool]

CLASSES = (
    DataClass.EVIDENCE,
    DataClass.FACTS,
    DataClass.REPLACED,
    DataClass.EMPLOYMENTS,
    DataClass.PEOPLE,
    DataClass.ISSUER_ANSWERS,
)
"""What a request destroys; the other classes are nobody's data, or the access log's."""


def periods_on_request(settings: Settings, periods: Periods) -> Periods:
    """Return the periods of a request as of the moment of `periods`: no class is kept beyond the court's term."""
    term = periods.moment - timedelta(days=settings.retention_evidence_days)
    return Periods(periods.moment, {each: max(before, term) for each, before in periods.before.items()})


class DueOfPerson(Due):
    """The conditions for one person: those of retention, of the person's own rows alone.

    What is not in this range counts as kept, so that nothing is destroyed that it would bring back.
    """

    def __init__(
        self, periods: Periods, versions: Collection[int], person: int | None, answers: Collection[str]
    ):
        super().__init__(periods)
        self._versions, self._person, self._answers = tuple(versions), person, tuple(answers)

    @property
    def term(self) -> datetime:
        """The moment since which the term for a court action runs for what happened after it."""
        return self._before[DataClass.EVIDENCE]

    def evidence(self, version: type[Version]) -> Condition:
        """As retention does, of the person's own applications."""
        return and_(version.id.in_(self._versions), super().evidence(version))

    def facts(self, version: type[Version]) -> Condition:
        """As above."""
        return and_(version.id.in_(self._versions), super().facts(version))

    def replaced(self, version: type[Version]) -> Condition:
        """As above."""
        return and_(version.id.in_(self._versions), super().replaced(version))

    def employment(self, employment: type[Employment]) -> Condition:
        """As above, of the person."""
        return and_(employment.person_key == self._person, super().employment(employment))

    def person(self, person: type[Person]) -> Condition:
        """As above, the person's record."""
        return and_(person.id == self._person, super().person(person))

    def judgement(self, judgement: type[JudgementRow]) -> Condition:
        """As above, of the person's own applications."""
        return and_(judgement.version_key.in_(self._versions), super().judgement(judgement))

    def answer(self, answer: type[IssuerAnswerRow]) -> Condition:
        """As above, about the person's own papers."""
        return and_(answer.document.in_(self._answers), super().answer(answer))
