"""The questions that were asked of a case, in the words of one language, each with the paper on which it was answered.

They are those of `flows.explanation`, T.C. numbers masked. A question's number is that of its finding (`places`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from flows.explanation import Json
from flows.wording import decided
from review.places import Target
from review.texts import Language
from validators.finding import Outcome


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer. `look` and `remedy` are empty where nothing is wrong; `target` is where it is seen.

    `clauses` are pairs of a clause's name and its text; `weight` is the level, `passed` where the answer was yes.
    """

    number: int
    code: str
    weight: str
    outcome: str
    flags: bool
    question: str
    answer: str
    look: str
    remedy: str
    basis: str
    clauses: tuple[tuple[str, str], ...]
    target: Target | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions about somebody or something: those that flag, then notes, then those answered well."""

    flagging: tuple[Question, ...]
    noted: tuple[Question, ...]
    passed: tuple[Question, ...]

    @classmethod
    def of(cls, questions: Sequence[Question]) -> "Asked":
        """Part questions by what they mean."""
        return cls(
            tuple(each for each in questions if each.flags),
            tuple(each for each in questions if not each.flags and each.outcome != Outcome.PASSED),
            tuple(each for each in questions if not each.flags and each.outcome == Outcome.PASSED),
        )


@dataclass(frozen=True, slots=True)
class AskedOfPerson:
    """A declared person by position: name as declared, masked T.C. number, the decision in words, the questions."""

    position: int
    name: str
    number: str
    flagged: bool
    decided: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class AskedOfCase:
    """All questions of a case: of its people in their order, and its own."""

    people: tuple[AskedOfPerson, ...]
    own: Asked

    @property
    def flagging(self) -> Iterator[Question]:
        """The questions for which an officer looks at the case, in the order of the page."""
        yield from self.own.flagging
        for person in self.people:
            yield from person.asked.flagging


def asked_of(explanation: Json, targets: Mapping[int, Target], language: Language) -> AskedOfCase:
    """Put an explanation into words."""
    numbers = count()
    people = tuple(
        _person(position, person, _questions(person["findings"], numbers, targets, language), language)
        for position, person in enumerate(explanation["people"])
    )
    return AskedOfCase(people, Asked.of(_questions(explanation["findings"], numbers, targets, language)))


def _person(
    position: int, person: Json, questions: tuple[Question, ...], language: Language
) -> AskedOfPerson:
    return AskedOfPerson(
        position,
        " ".join(filter(None, (person["given_name"], person["family_name"]))),
        person["national_id"],
        person["decision"] == "flagged",
        decided(person, language),
        Asked.of(questions),
    )


def _questions(
    findings: Iterable[Json], numbers: Iterator[int], targets: Mapping[int, Target], language: Language
) -> tuple[Question, ...]:
    numbered = ((next(numbers), finding) for finding in findings)
    return tuple(_question(number, finding, targets.get(number), language) for number, finding in numbered)


def _question(number: int, finding: Json, target: Target | None, language: Language) -> Question:
    passed = finding["outcome"] == Outcome.PASSED
    return Question(
        number=number,
        code=finding["code"],
        weight="passed" if passed else finding["level"],
        outcome=finding["outcome"],
        flags=finding["flags"],
        question=finding["question"][language.value],
        answer=finding["answer"][language.value],
        look=finding.get("look", {}).get(language.value, ""),
        remedy=finding.get("remedy", {}).get(language.value, ""),
        basis=finding["legal_basis"],
        clauses=tuple((each["clause"], each["text"][language.value]) for each in finding["clauses"]),
        target=target,
    )
