"""The people of an announcement or certificate: names with a T.C. number or a role near them.

A role stands in the same sentence, row or paragraph as the name, in the heading above it, or in the sentences that
follow and name nobody else. It is what the words say near a name, for a human to read, and no proof.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extractors.official_text import Passage, Token
from extractors.official_words import ABBREVIATIONS, COMPANY_WORDS, PLACE_AFTER, STOP_BEGINNINGS, STOP_WORDS
from extractors.turkish import upper

ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{pattern})"))
    for name, pattern in (
        ("sole_partner", r"TEK ORTA[KG]\w*|TEK PAY SAHIB\w*"),
        (
            "partner",
            r"ORTA[KG](?:I|LAR|LARI|LARDAN|LARIN|INI|IN|INDAN|LARINDAN)?\b|PAY SAHI[PB]\w*|HISSEDAR\w*",
        ),
        ("partner", r"(?:ADET )?PAYA? KARSILIK|PAYINI?\b|HISSE(?:SINI|SI|YE)?\b"),
        ("founder", r"KURUCU\w*"),
        (
            "manager",
            r"(?<!SICILI )(?<!SICIL )(?<!DAIRESI )MUDUR(?:U|LER|LERI|LERE|LUGE|LUK|UN|LERDEN|LERINDEN)?\b",
        ),
        ("board_member", r"YONETIM KURULU(?: UYE\w*| BASKAN\w*)?"),
        ("representative", r"TEMSIL\w*(?: VE ILZAM\w*)?|ILZAM\w*|IMZA YETKI\w*|YETKILI(?:SI|LER|LERI)\b"),
        ("owner", r"ISLETME\w* SAHI[PB]\w*|ISYERI SAHI[PB]\w*|GERCEK KISI TACIR"),
        (
            "leaving",
            r"SONA ER\w*|AYRIL\w*|DEVRED\w*|DEVRET\w*|DEVIR ED\w*|ISTIFA\w*|AZL\w*|GOREVDEN AL\w*|ESKI\b",
        ),
    )
)
"""Machine words of roles, and how papers say them; `leaving` is said of who may no longer have the others."""
_LEAVING = dict(ROLES)["leaving"]
_AUTHORITY: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("single", re.compile(r"\bMUNFERI\w*|\bTEK BASINA")),
    ("joint", re.compile(r"\bMUSTEREK\w*|\bBIRLIKTE\b")),
)
_HEADING = re.compile(
    r"\b(?:ORTAKLAR|ORTAKLARI|PAY SAHIPLERI|KURUCULAR\w*|MUDURLER|YETKILILER|YETKILILERI|TEMSILCILER|YONETIM KURULU)\b"
)
_HEADING_WORDS = 6
_NUMBER = re.compile(r"^[1-9][0-9]{10}$|^[1-9][0-9]{1,5}[*xX•]{2,9}[0-9]{0,4}$|^[*xX•]{5,9}[0-9]{2,4}$")
_NAME_WORD = re.compile(r"^[^\W\d_]{2,}(?:[-.][^\W\d_]{2,})*$")
_SUFFIX = re.compile(r"['’](?=[^\W\d_])")
"""Where the ending of a case begins: `ÖRNEK'in`."""
_NAME_LABEL = re.compile(r"\bADI?(?: VE)? SOYADI\b")
_MARKS = "()[]«»“”\"'’‘,;:.-–/* "
_BREAKS = (",", ";", ":", ".", ")", "/", "-", "–")
_LONGEST_NAME = 5


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody a paper names: the words of the name, of the T.C. number as printed, and of what is said of them.

    `roles` are machine words (`partner`, `manager`, …), `authority` `single`, `joint`, both or nothing.
    """

    name: tuple[Token, ...]
    number: tuple[Token, ...] = ()
    roles: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()
    said: tuple[Token, ...] = ()

    @property
    def printed(self) -> str:
        """The name as printed, without marks around it."""
        return " ".join(_bare(_SUFFIX.split(token.text)[0]) for token in self.name)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of words that can be a name, as places in a passage."""

    start: int
    end: int


@dataclass(slots=True)
class _Said:
    """What is said near names: machine words and the tokens they were read from."""

    roles: list[str] = field(default_factory=list)
    authority: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)


def find_people(passage: Passage) -> tuple[NamedPerson, ...]:
    """Find the people that the announcement or certificate of one company names, each once, in order."""
    found: list[NamedPerson] = []
    heading = Passage(())
    group: list[NamedPerson] = []
    for start, end in _sentences(passage):
        sentence = passage.cut(start, end)
        people = _named_in(sentence, heading)
        if people:
            found += group
            group = people
        elif _is_heading(sentence):
            found += group
            group, heading = [], sentence
        else:
            group = [_with(person, _said(sentence)) for person in group]
    return _merged([*found, *group])


def number_in(text: str) -> str | None:
    """Return a T.C. number as printed, in full or with stars, or None where the word is none."""
    bare = _bare(text, keep="*")
    return bare if _NUMBER.match(bare) else None


def _named_in(sentence: Passage, heading: Passage) -> list[NamedPerson]:
    """The people of a sentence, with the roles of the sentence and of the heading above it."""
    runs = _runs(sentence)
    numbers = [index for index, token in enumerate(sentence.tokens) if number_in(token.text)]
    pairs = _paired(runs, numbers)
    above = _said(heading)
    labelled = {end for _, end in sentence.find(_NAME_LABEL)}
    spans = [run for run in runs if run in pairs or run.start in labelled or _is_upper(sentence, run)]
    people = []
    for index, run in enumerate(spans):
        number = (sentence.tokens[pairs[run]],) if run in pairs else ()
        said = _joined_said(_near(sentence, spans, index), above)
        if number or run.start in labelled or said.roles or said.authority:
            person = NamedPerson(sentence.tokens[run.start : run.end], number)
            people.append(_with(person, said))
    return people


def _near(sentence: Passage, runs: Sequence[_Run], index: int) -> _Said:
    """What a sentence says of one of its people.

    Words before the first name and after the last one are said of all, unless something stands between the names:
    then each has what follows it. That somebody leaves or transfers is said of all: who does is for a human to read.
    """
    after = [run.end for run in runs]
    before = [*(run.start for run in runs[1:]), len(sentence.tokens)]
    between = [_said(sentence.cut(start, end)) for start, end in zip(after, before, strict=True)]
    own = between[index]
    if not any(said.roles for said in between[:-1]):
        own = _joined_said(own, between[-1]) if index < len(runs) - 1 else own
    said = _joined_said(_said(sentence.cut(0, runs[0].start)), own)
    leaving = list(sentence.find(_LEAVING))
    if leaving and "leaving" not in said.roles:
        said.roles.append("leaving")
        said.tokens += [token for start, end in leaving for token in sentence.tokens[start:end]]
    return said


def _said(passage: Passage) -> _Said:
    said = _Said()
    for words, into in ((ROLES, said.roles), (_AUTHORITY, said.authority)):
        for name, pattern in words:
            for start, end in passage.find(pattern):
                if name not in into:
                    into.append(name)
                said.tokens += [t for t in passage.tokens[start:end] if t not in said.tokens]
    return said


def _joined_said(first: _Said, second: _Said) -> _Said:
    return _Said(
        list(dict.fromkeys((*first.roles, *second.roles))),
        list(dict.fromkeys((*first.authority, *second.authority))),
        list(dict.fromkeys((*first.tokens, *second.tokens))),
    )


def _with(person: NamedPerson, said: _Said) -> NamedPerson:
    return replace(
        person,
        roles=tuple(dict.fromkeys((*person.roles, *said.roles))),
        authority=tuple(dict.fromkeys((*person.authority, *said.authority))),
        said=tuple(dict.fromkeys((*person.said, *said.tokens))),
    )


def _paired(runs: Sequence[_Run], numbers: Sequence[int]) -> dict[_Run, int]:
    """Give each number to a name: to the next one where numbers come first, else to the one before."""
    if not runs or not numbers:
        return {}
    number_first = numbers[0] < runs[0].start
    pairs: dict[_Run, int] = {}
    for place, number in enumerate(numbers):
        following = numbers[place + 1] if place + 1 < len(numbers) else None
        if number_first:
            near = [r for r in runs if r.start > number and (following is None or r.start < following)]
        else:
            near = [r for r in runs if r.end <= number][::-1]
        if near:
            pairs.setdefault(near[0], number)
    return pairs


def _runs(sentence: Passage) -> list[_Run]:
    """The runs of two to five name words with nothing between them that ends a name."""
    runs: list[_Run] = []
    start: int | None = None
    tokens = sentence.tokens
    for index, token in enumerate(tokens):
        if not _is_name_word(token):
            start = None
            continue
        if start is None or token.text[:1] in "([":
            start = index
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following is None or _ends_name(token) or not _is_name_word(following):
            run = _Run(start, index + 1)
            if 2 <= run.end - run.start <= _LONGEST_NAME and not _is_other(token, following):
                runs.append(run)
            start = None
    return runs


def _is_name_word(token: Token) -> bool:
    text = _bare(_SUFFIX.split(token.text)[0])
    if not _NAME_WORD.match(text) or text[0] != upper(text[0]):
        return False
    key = token.key
    return key not in STOP_WORDS | COMPANY_WORDS and not key.startswith(STOP_BEGINNINGS)


def _ends_name(token: Token) -> bool:
    return (
        token.cell_end
        or token.row_end
        or token.text.rstrip().endswith(_BREAKS)
        or bool(_SUFFIX.search(token.text))
    )


def _is_other(last: Token, following: Token | None) -> bool:
    """Tell a place (`… adresinde`) or the beginning of a company's title by the word that goes on."""
    if following is None or _ends_name(last):
        return False
    capitals = following.text == upper(following.text)
    return (capitals and following.key in COMPANY_WORDS) or following.key.startswith(PLACE_AFTER)


def _is_upper(sentence: Passage, run: _Run) -> bool:
    """Family names are printed in capitals: without a number beside it, other words are no name."""
    last = _bare(_SUFFIX.split(sentence.tokens[run.end - 1].text)[0])
    return last == upper(last)


def _is_heading(sentence: Passage) -> bool:
    inner = any(token.text.rstrip().endswith(":") for token in sentence.tokens[:-1])
    return len(sentence.tokens) <= _HEADING_WORDS and not inner and bool(_HEADING.search(sentence.text))


def _sentences(passage: Passage) -> Iterator[tuple[int, int]]:
    start = 0
    for index, token in enumerate(passage.tokens):
        if token.row_end or _ends_sentence(token, passage.tokens[index + 1 : index + 2]):
            yield start, index + 1
            start = index + 1
    if start < len(passage.tokens):
        yield start, len(passage.tokens)


def _ends_sentence(token: Token, following: Sequence[Token]) -> bool:
    """Tell the end of a sentence from an abbreviation or a number in a list."""
    if not token.text.rstrip().endswith("."):
        return False
    short = token.key in ABBREVIATIONS or len(token.key) == 1 or token.key.isdigit()
    return not short and (not following or following[0].text[:1] == upper(following[0].text[:1]))


def _merged(people: Sequence[NamedPerson]) -> tuple[NamedPerson, ...]:
    """Put together what is said of one person in several places."""
    merged: dict[str, NamedPerson] = {}
    for person in people:
        key = "".join(token.key for token in person.name)
        known = merged.get(key)
        if known is None:
            merged[key] = person
        else:
            said = _Said(list(person.roles), list(person.authority), list(person.said))
            merged[key] = _with(replace(known, number=known.number or person.number), said)
    return tuple(merged.values())


def _bare(text: str, keep: str = "") -> str:
    return text.strip("".join(mark for mark in _MARKS if mark not in keep))
