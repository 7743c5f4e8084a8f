"""The clauses of the guide's articles 4 to 8, and how a test says which of them it proves."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from extractors.facts import Document
from tests.validators import factory as f
from validators.application import Application
from validators.case import Case, Judgement, RegistryFacts
from validators.finding import Code, Decision, Finding
from validators.judgement import judge

Test = TypeVar("Test", bound=Callable[..., object])

_LETTERS = "abcçdefgğhı"
"""Turkish order: ç follows c, ğ follows g, ı follows h."""

PROVED: dict[str, list[str]] = {}
"""Names of the tests by the clause that they prove."""


def clauses() -> Iterator[str]:
    """Yield the number of every clause of md. 4 to 8, as the guide counts them."""
    yield from ("m.4(1)", "m.4(2)", "m.4(3)", *_items("m.4(4)", "ç"))
    yield from ("m.5(1)", *_items("m.5(2)", "d"))
    yield from ("m.6(1)", "m.6(2)", *_items("m.6(3)", "ı"))
    yield from _items("m.7(1)", "ı")
    yield from (*_items("m.8(1)", "e"), "m.8(2)")


def _items(paragraph: str, last: str) -> Iterator[str]:
    for letter in _LETTERS[: _LETTERS.index(last) + 1]:
        yield f"{paragraph}({letter})"


def proves(*numbers: str) -> Callable[[Test], Test]:
    """Say that a test proves these clauses."""

    def mark(test: Test) -> Test:
        for number in numbers:
            PROVED.setdefault(number, []).append(getattr(test, "__name__", ""))
        return test

    return mark


def judged(
    *documents: Document,
    about: Application | None = None,
    registered: Sequence[str] | None = None,
    case: Case | None = None,
) -> Judgement:
    """Judge papers for an application; `registered` are the people that the registry knows, None: not asked."""
    facts = RegistryFacts(None if registered is None else frozenset(registered), {})
    return judge(case or f.case(*documents, about=about, registry=facts))


def flagging(judgement: Judgement) -> set[Code]:
    """Return the codes that flag anybody or anything in a judgement."""
    return {finding.code for finding in findings(judgement) if finding.flags}


def findings(judgement: Judgement) -> list[Finding]:
    """Return all findings of a judgement."""
    return [*judgement.findings, *(finding for person in judgement.people for finding in person.findings)]


def basis(judgement: Judgement, code: Code) -> str:
    """Return the legal basis that a judgement names for a code."""
    return next(finding.legal_basis for finding in findings(judgement) if finding.code is code)


def is_verified(judgement: Judgement) -> bool:
    """Tell whether nothing in a judgement needs a human."""
    return judgement.decision is Decision.VERIFIED
