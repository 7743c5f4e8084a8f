"""Hides other people's names and numbers in what is handed to one person."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from extractors.facts import Document
from extractors.turkish import fold
from storage.subject.mentions import numbers_on
from validators.application import Application
from validators.identity import redact

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 2
"""Letters of a name below which it is left: an initial tells nobody."""
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class OthersMask:
    """Masks every T.C. number but one's own, and the names of others word by word, whatever their case."""

    own: str
    words: frozenset[str]
    """Names of others, folded; those that are one's own as well are not among them."""

    @classmethod
    def of(
        cls, national_id: str, application: Application | None, papers: Iterable[Document] = ()
    ) -> "OthersMask":
        """Make the mask for what is kept of an application: of its people, and of those whose papers it has."""
        people = application.people if application is not None else ()
        named = [(f"{p.given_name} {p.family_name}", p.national_id == national_id) for p in people]
        named += [(_name_on(paper), national_id in numbers_on(paper)) for paper in papers]
        own = _words(name for name, is_own in named if is_own)
        others = _words(name for name, is_own in named if not is_own)
        return cls(national_id, frozenset(others - own))

    def text(self, text: str) -> str:
        """Mask a text."""
        masked = self.own.join(redact(part) for part in text.split(self.own))
        return _WORD.sub(self._word, masked)

    def value(self, value: Any) -> Any:
        """Mask the texts in a value of JSON, whatever their depth."""
        if isinstance(value, dict):
            return {name: self.value(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(part) for part in value]
        return self.text(value) if isinstance(value, str) else value

    def _word(self, found: re.Match[str]) -> str:
        return _HIDDEN if fold(found[0]) in self.words else found[0]


def _name_on(paper: Document) -> str:
    printed = (paper.fields.get(name) for name in ("given_name", "family_name"))
    return " ".join(str(field.value) for field in printed if field is not None and field.value is not None)


def _words(names: Iterable[str]) -> set[str]:
    found = (word for name in names for word in _WORD.findall(name))
    return {fold(word) for word in found if len(word) >= _SHORTEST}
