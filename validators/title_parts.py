"""A company's title (unvan) taken to pieces: the words of the name, legal form, branch.

Abbreviations of one meaning are written out; what else could be said of a title in two ways, `validators.titles`
weighs.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from extractors import turkish

_FORMS: Mapping[str, tuple[str, ...]] = {
    "LİMİTED ŞİRKETİ": (
        "LİMİTED ŞİRKETİ",
        "LİMİTED ŞTİ",
        "LTD ŞİRKETİ",
        "LTD ŞTİ",
        "LTDŞTİ",
        "LİMİTED",
        "LTD",
    ),
    "ANONİM ŞİRKETİ": ("ANONİM ŞİRKETİ", "ANONİM ŞTİ", "A Ş", "AŞ"),
    "KOLLEKTİF ŞİRKETİ": ("KOLLEKTİF ŞİRKETİ", "KOLEKTİF ŞİRKETİ", "KOLLEKTİF ŞTİ", "KOLL ŞTİ"),
    "KOMANDİT ŞİRKETİ": ("KOMANDİT ŞİRKETİ", "KOMANDİT ŞTİ", "KOM ŞTİ"),
    "KOOPERATİFİ": ("KOOPERATİFİ", "KOOP"),
    "ADİ ORTAKLIĞI": ("ADİ ORTAKLIĞI", "ADİ ORTAKLIK", "ADİ ORT"),
    "İŞ ORTAKLIĞI": ("İŞ ORTAKLIĞI", "İŞ ORTAKLIK", "İŞ ORT"),
}
_ORDINARY_PARTNERSHIP = "ADİ ORTAKLIĞI"

# Abbreviations of one meaning. Those that are no words of their own are read without a dot too.
_ABBREVIATIONS: Mapping[str, str] = {
    "SANAYİİ": "SANAYİ",
    "TİC": "TİCARET",
    "İTH": "İTHALAT",
    "İHR": "İHRACAT",
    "PAZ": "PAZARLAMA",
    "İNŞ": "İNŞAAT",
    "TAAH": "TAAHHÜT",
    "MÜH": "MÜHENDİSLİK",
    "HİZM": "HİZMETLERİ",
}
_DOTTED_ABBREVIATIONS: Mapping[str, str] = {
    "SAN": "SANAYİ",
    "HİZ": "HİZMETLERİ",
    "MED": "MEDİKAL",
    "TUR": "TURİZM",
    "DAN": "DANIŞMANLIK",
    "SAĞ": "SAĞLIK",
    "TEKS": "TEKSTİL",
    "BİYOMED": "BİYOMEDİKAL",
}
# Abbreviations of several meanings that are not the beginning of the word they stand for.
_AMBIGUOUS: Mapping[str, tuple[str, ...]] = {"ÜRN": ("ÜRÜN", "ÜRÜNLER", "ÜRÜNLERİ"), "HZM": ("HİZMETLERİ",)}

# Words of the object of business that stand together, with or without VE; the first two in either order.
INDUSTRY, TRADE = "SANAYİ", "TİCARET"
_IMPORT, _EXPORT = "İTHALAT", "İHRACAT"

AND = "VE"
_LIQUIDATION = (("TASFİYE", "HALİNDE"), ("TASFİYE", "HALİNDEKİ"))
_BRANCH = ("ŞUBESİ", "ŞUBE", "ŞB")
_HEAD_OFFICE = ("MERKEZ", "MERKEZİ")

_WORD = re.compile(r"(?P<text>[^\W_]+|\+)(?P<dot>\.?)")


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The words above, as they are or reduced to ASCII."""

    spell: Callable[[str], str]
    forms: tuple[tuple[tuple[str, ...], str], ...]
    abbreviations: Mapping[str, str]
    dotted: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, spell: Callable[[str], str]) -> "Vocabulary":
        """Write all words as `spell` does; spellings of a form that have more words come first."""
        forms = [(tuple(spell(way).split()), spell(form)) for form, ways in _FORMS.items() for way in ways]
        return cls(
            spell,
            tuple(sorted(forms, key=lambda entry: -len(entry[0]))),
            {spell(short): spell(word) for short, word in _ABBREVIATIONS.items()},
            {spell(short): spell(word) for short, word in _DOTTED_ABBREVIATIONS.items()},
            {spell(short): tuple(map(spell, words)) for short, words in _AMBIGUOUS.items()},
        )


EXACT = Vocabulary.of(lru_cache(maxsize=1024)(turkish.capitals))
FOLDED = Vocabulary.of(lru_cache(maxsize=1024)(turkish.fold))


class Word(NamedTuple):
    """A word as written, as read (abbreviations of one meaning expanded), and whether it may be cut short."""

    written: str
    text: str
    short: bool


@dataclass(frozen=True, slots=True)
class Title:
    """A title in parts: every word as written, the words of the name, legal form, branch, letters in all.

    `branch` is None without one; `open_branch` says that it cannot be told from the name.
    """

    written: tuple[str, ...]
    words: tuple[Word, ...]
    form: str | None
    branch: str | None
    open_branch: bool
    length: int
    vocabulary: Vocabulary

    @property
    def name(self) -> str:
        """The words without form, branch, and spaces, in one order."""
        return joined(_ordered([word.text for word in self.words], self.form, self.vocabulary.spell))


class TitleWords(NamedTuple):
    """What a title says, for finding it: its words reduced to ASCII with abbreviations expanded, its legal form."""

    words: tuple[str, ...]
    form: str | None


def words_of_title(title: str) -> TitleWords:
    """Take a title, or a part of one, to pieces as `compare_titles` does; a branch counts among the words."""
    parsed = parse(title, FOLDED)
    words = [word.text for word in parsed.words if word.text != AND]
    return TitleWords((*words, *turkish.fold(parsed.branch or "").split()), parsed.form)


@lru_cache(maxsize=1024)
def parse(title: str, vocabulary: Vocabulary) -> Title:
    """Take a title to pieces; all of them are spelled as the vocabulary spells."""
    text = vocabulary.spell(title).replace("&", f" {AND} ").replace("'", "")
    found = [(match["text"], bool(match["dot"])) for match in _WORD.finditer(text)]
    found = _without_liquidation(found, vocabulary)
    written = tuple(text for text, _ in found)
    found, branch, open_branch = _split_branch(found, vocabulary)
    found, form = _split_form(found, vocabulary)
    words = tuple(_read(found, place, vocabulary) for place in range(len(found)))
    length = len(turkish.repair(title).strip())
    return Title(written, words, form, branch, open_branch, length, vocabulary)


_Found = list[tuple[str, bool]]


def _without_liquidation(found: _Found, vocabulary: Vocabulary) -> _Found:
    """Drop TASFİYE HALİNDE: the company stays the same until it is struck off."""
    marks = {tuple(map(vocabulary.spell, words)) for words in _LIQUIDATION}
    if tuple(text for text, _ in found[:2]) in marks:
        found = found[2:]
    if tuple(text for text, _ in found[-2:]) in marks:
        found = found[:-2]
    return found


def _split_branch(found: _Found, vocabulary: Vocabulary) -> tuple[_Found, str | None, bool]:
    """Take a branch or head office off the end: the rest, the branch, whether it is mixed with the name."""
    last = found[-1][0] if found else ""
    branch = last in map(vocabulary.spell, _BRANCH)
    if not branch and last not in map(vocabulary.spell, _HEAD_OFFICE):
        return found, None, False
    for end in range(len(found) - 1, 0, -1):
        if _split_form(found[:end], vocabulary)[1]:
            return found[:end], _branch_name(found[end:-1], branch), False
        if not branch:
            break
    return (found[:-1], _branch_name([], branch), True) if branch else (found, None, False)


def _branch_name(found: _Found, branch: bool) -> str:
    return " ".join([*(text for text, _ in found), _BRANCH[0] if branch else _HEAD_OFFICE[0]])


def _split_form(found: _Found, vocabulary: Vocabulary) -> tuple[_Found, str | None]:
    texts = tuple(text for text, _ in found)
    for spelling, form in vocabulary.forms:
        if texts[-len(spelling) :] == spelling:
            return found[: -len(spelling)], form
    return found, None


def _read(found: _Found, place: int, vocabulary: Vocabulary) -> Word:
    """Expand a word that can only be an abbreviation; the first word is a name, whatever it looks like."""
    written, dotted = found[place]
    if place == 0:
        return Word(written, written, short=False)
    text = vocabulary.abbreviations.get(written, written)
    if dotted or (written == "SAN" and _beside_trade(found, place, vocabulary)):
        text = vocabulary.dotted.get(written, text)
    return Word(written, text, short=dotted or written in vocabulary.dotted)


def _beside_trade(found: _Found, place: int, vocabulary: Vocabulary) -> bool:
    """Tell whether TİC stands beside the word, with or without VE between them: then SAN is SANAYİ."""
    words = [text for text, _ in found]
    before = [word for word in words[max(0, place - 2) : place] if word != AND][-1:]
    after = [word for word in words[place + 1 : place + 3] if word != AND][:1]
    return vocabulary.spell("TİC") in before + after


def _ordered(words: Sequence[str], form: str | None, spell: Callable[[str], str]) -> list[str]:
    """Give pairs of the object of business one spelling and order, and partners no VE between them."""
    if form == spell(_ORDINARY_PARTNERSHIP):
        return [word for word in words if word != AND]
    return list(_paired(words, {spell(INDUSTRY), spell(TRADE)}, {spell(_IMPORT), spell(_EXPORT)}))


def _paired(words: Sequence[str], industry: set[str], imports: set[str]) -> Iterator[str]:
    place = 0
    while place < len(words):
        joined = place + 2 < len(words) and words[place + 1] == AND
        pair = (words[place], words[place + (2 if joined else 1)]) if place + 1 < len(words) else ()
        if set(pair) in (industry, imports):
            yield from sorted(pair) if set(pair) == industry else pair
            place += 3 if joined else 2
        else:
            yield words[place]
            place += 1


def joined(words: Sequence[str]) -> str:
    """Join words so that spacing does not count, save between two numbers (1 2 is not 12)."""
    return re.sub(r"(?<![0-9]) | (?![0-9])", "", " ".join(words))
