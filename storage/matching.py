"""Whether what somebody typed into a query is a person's name or a provider's title (Kılavuz m.8(1)(ç), (e)).

Names and titles are sealed, each with a nonce of its own, so a query opens all of them and compares here. An index of
single words would be faster and would leak: how often a digest occurs tells a common given name from a rare one.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from extractors.turkish import fold
from validators.title_parts import TitleWords, words_of_title

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class NameQuery:
    """Words of a name, reduced to ASCII capitals."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "NameQuery":
        """Take a name as typed: case, Turkish letters, spaces and hyphens do not count."""
        return cls(_words(text))

    @property
    def is_whole(self) -> bool:
        """True for two words at least: m.8(1)(ç) asks for given *and* family name."""
        return len(self.words) > 1

    def finds(self, given_name: str, family_name: str) -> bool:
        """Return whether the words are of this name, in any order; further given or family names may be left out.

        One word at least must be of the given names and one of the family names.
        """
        given, family = _words(given_name), _words(family_name)
        asked = set(self.words)
        among = Counter(self.words) <= Counter(given + family)
        return self.is_whole and among and not asked.isdisjoint(given) and not asked.isdisjoint(family)

    def is_all_of(self, given_name: str, family_name: str) -> bool:
        """Return whether nothing of the name was left out."""
        return Counter(self.words) == Counter(_words(given_name) + _words(family_name))


@dataclass(frozen=True, slots=True)
class TitleQuery:
    """A title, or a part of one, as it was typed."""

    asked: TitleWords

    @classmethod
    def of(cls, text: str) -> "TitleQuery":
        """Take a title as typed: case, Turkish letters, spaces, dots and known abbreviations do not count."""
        return cls(words_of_title(text))

    @property
    def is_empty(self) -> bool:
        """True where no word of a name was typed; a legal form alone (LTD. ŞTİ.) is none."""
        return not self.asked.words

    def finds(self, title: str) -> bool:
        """Return whether the title contains what was typed.

        Either as one piece, or each typed word begins a word of the title. A typed legal form (A.Ş., LTD. ŞTİ.) must
        be the title's: two companies may differ by nothing else.
        """
        if self.is_empty:
            return False
        found = _words_of_title(title)
        if self.asked.form is not None and self.asked.form != found.form:
            return False
        words = (*found.words, *(found.form or "").split())
        if "".join(self.asked.words) in "".join(words):
            return True
        return all(any(word.startswith(begun) for word in words) for begun in self.asked.words)


_words_of_title = lru_cache(maxsize=20_000)(words_of_title)
"""Taking a title apart takes longer than opening it, and each query asks for all of them."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))
