"""A ruling told in full: who, when, what, why, and the second officer's word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from extractors.facts import Document
from flows.letter import Paragraph
from flows.letter_kept import letter_paragraphs
from flows.texts import spell_day
from review.decide_fields import place_label, spell
from review.texts import Language, text
from storage.desk.rulings import Correct, Event, MarkKind, Reject, Return, Wait
from validators.report import Mask


@dataclass(frozen=True, slots=True)
class Told:
    """A ruling as a page tells it: `kind` and `state` name texts, `facts` are labels with values."""

    ruling: int
    kind: str
    state: str
    officer: str
    ruled_at: datetime
    reason: str
    facts: tuple[tuple[str, str], ...]
    letter: tuple[Paragraph, ...]
    second: str | None
    seconded_at: datetime | None
    second_reason: str


def tell(event: Event, documents: Sequence[Document], mask: Mask, language: Language) -> Told:
    """Return a ruling in words, T.C. numbers masked."""
    ask = event.ask
    return Told(
        event.ruling or 0,
        event.kind.value,
        event.state.value,
        event.officer,
        event.ruled_at,
        mask.text(event.reason),
        tuple(_facts(event, documents, mask, language)),
        letter_paragraphs(ask.letter) if isinstance(ask, Return | Reject) else (),
        event.second,
        event.seconded_at,
        mask.text(event.second_reason),
    )


def _facts(
    event: Event, documents: Sequence[Document], mask: Mask, language: Language
) -> list[tuple[str, str]]:
    ask = event.ask
    if isinstance(ask, Wait):
        return [(text("decide.wait.until", language), spell_day(ask.until, language))]
    if isinstance(ask, Correct):
        paper, place = _paper(ask.document, documents, mask), place_label(ask.field, language)
        values = (spell(ask.field, value, mask, language) for value in (event.old, ask.value))
    elif isinstance(ask, MarkKind):
        paper, place = _paper(ask.document, documents, mask), text("decide.kind.label", language)
        values = (_kind(kind, language) for kind in (str(event.old), ask.kind.value))
    else:
        return []
    labels = ("paper", "place", "old", "new")
    facts = zip(labels, (paper, place, *values), strict=True)
    return [(text(f"decide.correct.{label}", language), value) for label, value in facts]


def _paper(key: str, documents: Sequence[Document], mask: Mask) -> str:
    return next((mask.text(document.name) for document in documents if document.key == key), "—")


def _kind(kind: str, language: Language) -> str:
    return text(f"decide.kind.{kind}", language)
