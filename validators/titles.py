"""Company titles (unvan) and names of people: whether two spellings are of one.

Titles are compared by their structure, never by a score of likeness: ANKARA and ANTALYA are far more alike
than a title and its abbreviated form. Two companies may lawfully differ by one word, by their legal form,
or by SANAYİ alone (TTK m.43, 45), so nothing is left out that both sides could carry.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from extractors import turkish


class TitleMatch(StrEnum):
    """How two titles compare. Only `SAME` is equality; see `uncertain` for what a human may still accept."""

    SAME = "same"
    """Equal after Turkish casing, punctuation, spacing, known abbreviations; the legal form too."""
    TRUNCATED = "truncated"
    """One is the beginning of the other, cut off, or agrees only by an abbreviation of several meanings."""
    BRANCH = "branch"
    """One company, but a branch (şube) on one side, or two branches."""
    SOLE_TRADER = "sole_trader"
    """Neither has a legal form, and the words of one are among those of the other."""
    DIACRITIC = "diacritic"
    """Equal only when Turkish letters are reduced to ASCII (KIR, KİR; KOÇ, KOC)."""
    NO_FORM = "no_form"
    """Equal, but the legal form is missing on one side."""
    DIFFERENT_FORM = "different_form"
    """Equal but for the legal form: two companies."""
    DIFFERENT = "different"

    @property
    def uncertain(self) -> bool:
        """True when the titles may be of one company, but a human must look."""
        return self not in {TitleMatch.SAME, TitleMatch.DIFFERENT_FORM, TitleMatch.DIFFERENT}


class NameMatch(StrEnum):
    """How two people's names compare."""

    SAME = "same"
    FOLDED = "folded"
    """Equal when Turkish letters are reduced to ASCII (AYŞE, AYSE)."""
    DIFFERENT = "different"

    @property
    def agrees(self) -> bool:
        """True when the names agree after Turkish folding, as the contract asks (`PERSON_NAME_DIFFERS`)."""
        return self is not NameMatch.DIFFERENT


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
_INDUSTRY, _TRADE = "SANAYİ", "TİCARET"
_IMPORT, _EXPORT = "İTHALAT", "İHRACAT"

_AND = "VE"
_LIQUIDATION = (("TASFİYE", "HALİNDE"), ("TASFİYE", "HALİNDEKİ"))
_BRANCH = ("ŞUBESİ", "ŞUBE", "ŞB")
_HEAD_OFFICE = ("MERKEZ", "MERKEZİ")

# SGK cuts titles at 60 characters on the statement's list and at about 55 on the declaration; a space at
# the cut is lost. A cut inside a word shows at any length from 15 characters on.
_CUT_LENGTHS = range(54, 61)
_LEAST_PREFIX = 15

_WORD = re.compile(r"(?P<text>[^\W_]+|\+)(?P<dot>\.?)")


@dataclass(frozen=True, slots=True, eq=False)
class _Vocabulary:
    """The words above, as they are or reduced to ASCII."""

    spell: Callable[[str], str]
    forms: tuple[tuple[tuple[str, ...], str], ...]
    abbreviations: Mapping[str, str]
    dotted: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, spell: Callable[[str], str]) -> "_Vocabulary":
        forms = [(tuple(spell(way).split()), spell(form)) for form, ways in _FORMS.items() for way in ways]
        return cls(
            spell,
            tuple(sorted(forms, key=lambda entry: -len(entry[0]))),
            {spell(short): spell(word) for short, word in _ABBREVIATIONS.items()},
            {spell(short): spell(word) for short, word in _DOTTED_ABBREVIATIONS.items()},
            {spell(short): tuple(map(spell, words)) for short, words in _AMBIGUOUS.items()},
        )


def _turkish(text: str) -> str:
    return turkish.upper(turkish.repair(text))


_EXACT = _Vocabulary.of(lru_cache(maxsize=1024)(_turkish))
_FOLDED = _Vocabulary.of(lru_cache(maxsize=1024)(turkish.fold))


class _Word(NamedTuple):
    """A word as written, as read (abbreviations of one meaning expanded), and whether it may be cut short."""

    written: str
    text: str
    short: bool


@dataclass(frozen=True, slots=True)
class _Title:
    """A title in parts: every word as written, the words of the name, legal form, branch, letters in all.

    `branch` is None without one; `open_branch` says that it cannot be told from the name.
    """

    written: tuple[str, ...]
    words: tuple[_Word, ...]
    form: str | None
    branch: str | None
    open_branch: bool
    length: int
    vocabulary: _Vocabulary

    @property
    def name(self) -> str:
        """The words without form, branch, and spaces, in one order."""
        return _joined(_ordered([word.text for word in self.words], self.form, self.vocabulary.spell))


@lru_cache(maxsize=4096)
def compare_titles(a: str, b: str) -> TitleMatch:
    """Compare two titles; the order does not matter. A title without a name is different from any."""
    exact = _compare(_parse(a, _EXACT), _parse(b, _EXACT))
    if exact is TitleMatch.SAME:
        return exact
    folded = _compare(_parse(a, _FOLDED), _parse(b, _FOLDED))
    return TitleMatch.DIACRITIC if folded is TitleMatch.SAME else folded


class TitleWords(NamedTuple):
    """What a title says, for finding it: its words reduced to ASCII with abbreviations expanded, its legal form."""

    words: tuple[str, ...]
    form: str | None


def words_of_title(title: str) -> TitleWords:
    """Take a title, or a part of one, to pieces as `compare_titles` does; a branch counts among the words."""
    parsed = _parse(title, _FOLDED)
    words = [word.text for word in parsed.words if word.text != _AND]
    return TitleWords((*words, *turkish.fold(parsed.branch or "").split()), parsed.form)


def compare_names(given_a: str, family_a: str, given_b: str, family_b: str) -> NameMatch:
    """Compare two people's names as the same words in any order, whichever is given and family name.

    Only to be asked where the T.C. numbers agree. A missing middle name or second family name makes names
    different: a human looks. An empty name is different from any.
    """
    for spell, match in ((_turkish, NameMatch.SAME), (turkish.fold, NameMatch.FOLDED)):
        first, second = (
            Counter(word["text"] for word in _WORD.finditer(spell(f"{given} {family}")))
            for given, family in ((given_a, family_a), (given_b, family_b))
        )
        if first and first == second:
            return match
    return NameMatch.DIFFERENT


@lru_cache(maxsize=1024)
def _parse(title: str, vocabulary: _Vocabulary) -> _Title:
    text = vocabulary.spell(title).replace("&", f" {_AND} ").replace("'", "")
    found = [(match["text"], bool(match["dot"])) for match in _WORD.finditer(text)]
    found = _without_liquidation(found, vocabulary)
    written = tuple(text for text, _ in found)
    found, branch, open_branch = _split_branch(found, vocabulary)
    found, form = _split_form(found, vocabulary)
    words = tuple(_read(found, place, vocabulary) for place in range(len(found)))
    length = len(turkish.repair(title).strip())
    return _Title(written, words, form, branch, open_branch, length, vocabulary)


_Found = list[tuple[str, bool]]


def _without_liquidation(found: _Found, vocabulary: _Vocabulary) -> _Found:
    """Drop TASFİYE HALİNDE: the company stays the same until it is struck off."""
    marks = {tuple(map(vocabulary.spell, words)) for words in _LIQUIDATION}
    if tuple(text for text, _ in found[:2]) in marks:
        found = found[2:]
    if tuple(text for text, _ in found[-2:]) in marks:
        found = found[:-2]
    return found


def _split_branch(found: _Found, vocabulary: _Vocabulary) -> tuple[_Found, str | None, bool]:
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


def _split_form(found: _Found, vocabulary: _Vocabulary) -> tuple[_Found, str | None]:
    texts = tuple(text for text, _ in found)
    for spelling, form in vocabulary.forms:
        if texts[-len(spelling) :] == spelling:
            return found[: -len(spelling)], form
    return found, None


def _read(found: _Found, place: int, vocabulary: _Vocabulary) -> _Word:
    """Expand a word that can only be an abbreviation; the first word is a name, whatever it looks like."""
    written, dotted = found[place]
    if place == 0:
        return _Word(written, written, short=False)
    text = vocabulary.abbreviations.get(written, written)
    if dotted or (written == "SAN" and _beside_trade(found, place, vocabulary)):
        text = vocabulary.dotted.get(written, text)
    return _Word(written, text, short=dotted or written in vocabulary.dotted)


def _beside_trade(found: _Found, place: int, vocabulary: _Vocabulary) -> bool:
    """Tell whether TİC stands beside the word, with or without VE between them: then SAN is SANAYİ."""
    words = [text for text, _ in found]
    before = [word for word in words[max(0, place - 2) : place] if word != _AND][-1:]
    after = [word for word in words[place + 1 : place + 3] if word != _AND][:1]
    return vocabulary.spell("TİC") in before + after


def _ordered(words: Sequence[str], form: str | None, spell: Callable[[str], str]) -> list[str]:
    """Give pairs of the object of business one spelling and order, and partners no VE between them."""
    if form == spell(_ORDINARY_PARTNERSHIP):
        return [word for word in words if word != _AND]
    return list(_paired(words, {spell(_INDUSTRY), spell(_TRADE)}, {spell(_IMPORT), spell(_EXPORT)}))


def _paired(words: Sequence[str], industry: set[str], imports: set[str]) -> Iterator[str]:
    place = 0
    while place < len(words):
        joined = place + 2 < len(words) and words[place + 1] == _AND
        pair = (words[place], words[place + (2 if joined else 1)]) if place + 1 < len(words) else ()
        if set(pair) in (industry, imports):
            yield from sorted(pair) if set(pair) == industry else pair
            place += 3 if joined else 2
        else:
            yield words[place]
            place += 1


def _joined(words: Sequence[str]) -> str:
    """Join words so that spacing does not count, save between two numbers (1 2 is not 12)."""
    return re.sub(r"(?<![0-9]) | (?![0-9])", "", " ".join(words))


def _compare(a: _Title, b: _Title) -> TitleMatch:
    if not a.words or not b.words:
        return TitleMatch.DIFFERENT
    if a.name == b.name and a.open_branch == b.open_branch:
        return _compare_rest(a, b)
    for test, match in _DOUBTS:
        if test(a, b) or test(b, a):
            return match
    return TitleMatch.DIFFERENT


def _compare_rest(a: _Title, b: _Title) -> TitleMatch:
    """Compare form and branch of titles with one name."""
    if a.form != b.form:
        return TitleMatch.DIFFERENT_FORM if a.form and b.form else TitleMatch.NO_FORM
    if a.branch != b.branch:
        return TitleMatch.BRANCH
    both_cut = a.form is None and a.length in _CUT_LENGTHS and b.length in _CUT_LENGTHS
    return TitleMatch.TRUNCATED if both_cut else TitleMatch.SAME


def _lacks_form(short: _Title, long: _Title) -> bool:
    """`short` has no form and, at most, lacks SANAYİ and TİCARET at the end of `long`."""
    if short.form or not long.form:
        return False
    ends = {long.vocabulary.spell(_INDUSTRY), long.vocabulary.spell(_TRADE), _AND}
    words = [word.text for word in long.words]
    while words and words[-1] in ends:
        words.pop()
    return bool(words) and short.name == _joined(words)


def _abbreviates(a: _Title, b: _Title) -> bool:
    """The titles agree word by word if abbreviations of several meanings are read to suit."""
    words_a, words_b = ([word for word in title.words if word.text != _AND] for title in (a, b))
    if a.form != b.form or a.branch != b.branch or len(words_a) != len(words_b):
        return False
    pairs = [(x, y) for x, y in zip(words_a, words_b, strict=True) if x.text != y.text]
    return bool(pairs) and all(_stands_for(x, y, a) or _stands_for(y, x, a) for x, y in pairs)


def _stands_for(short: _Word, long: _Word, title: _Title) -> bool:
    if not short.short or len(short.written) < 2:
        return False
    return long.text.startswith(short.written) or long.text in title.vocabulary.ambiguous.get(
        short.written, ()
    )


def _branch_of(branch: _Title, company: _Title) -> bool:
    """`branch` is a branch whose name is mixed with the title, and the title is `company`'s."""
    size = len(company.words)
    texts = [word.text for word in branch.words]
    return branch.open_branch and texts[:size] == [word.text for word in company.words]


def _contains(short: _Title, long: _Title) -> bool:
    """Neither has a form; the words of `short`, two at least, are among those of `long`."""
    if short.form or long.form or len(short.words) < 2:
        return False
    return Counter(word.text for word in short.words) <= Counter(word.text for word in long.words)


def _cut_from(short: _Title, long: _Title) -> bool:
    """`short` is the beginning of `long`, cut inside a word or at a length at which SGK cuts."""
    if short.form or short.branch is not None or short.length < _LEAST_PREFIX:
        return False
    whole = [word.text for word in long.words] + (long.form or "").split()
    part = [*(word.text for word in short.words[:-1]), short.words[-1].written]
    whole, part = ([word for word in words if word != _AND] for words in (whole, part))
    anywhere = short.length in _CUT_LENGTHS
    return _begins(part, whole, anywhere) or _begins(short.written, long.written, anywhere)


def _begins(part: Sequence[str], whole: Sequence[str], between_words: bool) -> bool:
    """`whole` begins with `part`, whose end lies inside a word unless `between_words` is allowed."""
    if not part or not "".join(whole).startswith("".join(part)):
        return False
    return between_words or list(whole[: len(part)]) != list(part)


_DOUBTS: tuple[tuple[Callable[[_Title, _Title], bool], TitleMatch], ...] = (
    (_lacks_form, TitleMatch.NO_FORM),
    (_branch_of, TitleMatch.BRANCH),
    (_abbreviates, TitleMatch.TRUNCATED),
    (_contains, TitleMatch.SOLE_TRADER),
    (_cut_from, TitleMatch.TRUNCATED),
)
