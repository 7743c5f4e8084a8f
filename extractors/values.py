"""Typed values: what counts as a date, a T.C. number, a name in the words of a cell."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from stdnum.tr import tckimlik

from extractors.facts import Field
from extractors.geometry import union
from extractors.turkish import fold, upper
from extractors.words import Run

MONTHS = (
    "OCAK",
    "SUBAT",
    "MART",
    "NISAN",
    "MAYIS",
    "HAZIRAN",
    "TEMMUZ",
    "AGUSTOS",
    "EYLUL",
    "EKIM",
    "KASIM",
    "ARALIK",
)
"""The months as words, folded."""
_DATE = re.compile(r"(?<![0-9./-])([0-3]?[0-9])\s?([./-])\s?([01]?[0-9])\s?\2\s?((?:19|20)[0-9]{2})(?![0-9])")
_LONG_DATE = re.compile(r"(?<![0-9])([0-3]?[0-9])\s+(" + "|".join(MONTHS) + r")\s+((?:19|20)[0-9]{2})")
_AROUND = "()[],;:.'\"“”"
_TIME = re.compile(
    r"^\s*(?:saat\s*)?([0-2]?[0-9])[:.]([0-5][0-9])(?:[:.]([0-5][0-9]))?(?![0-9])", re.IGNORECASE
)
_NAME_WORD = re.compile(r"^[^\W\d_][^\W\d_.'’-]*(?:[.'’-][^\W\d_]*)*$")
_NATIONAL_ID = re.compile(r"(?<![0-9])[1-9][0-9]{10}(?![0-9])")

_PARENTHESES = re.compile(r"\(.*?\)")

Place = Sequence[Run]
Parser = Callable[[Place], tuple[str, str] | None]
"""From the lines of a cell to (normalised value, text as printed), or None where they are of another type."""


def dates_in(text: str) -> list[tuple[str, str | None, str]]:
    """List the dates of a text as `(ISO date, time or None, as printed)`; impossible days are left out."""
    found = []
    for match in _DATE.finditer(text):
        day, _, month, year = match.groups()
        try:
            value = date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
        time = _TIME.match(text[match.end() :])
        clock = ":".join(f"{int(part):02d}" for part in time.groups(default="0")) if time else None
        found.append((value, clock, match.group(0)))
    return found


def long_dates(text: str) -> list[tuple[str, str | None, str]]:
    """List the dates whose month is a word, as `(ISO date, None, as printed)`."""
    found: list[tuple[str, str | None, str]] = []
    words = text.split()
    for three in zip(words, words[1:], words[2:], strict=False):
        match = _LONG_DATE.search(fold(" ".join(three)))
        if match is None:
            continue
        day, month, year = match.groups()
        try:
            value = date(int(year), MONTHS.index(month) + 1, int(day)).isoformat()
        except ValueError:
            continue
        found.append((value, None, " ".join(three).strip(_AROUND)))
    return found


def national_ids_in(text: str) -> list[str]:
    """List the checksum-valid T.C. numbers that stand in a text as one run of eleven digits."""
    return [found for found in _NATIONAL_ID.findall(text) if tckimlik.is_valid(found)]


def parse_date(place: Place) -> tuple[str, str] | None:
    """Accept a cell that holds one day, written day first, and nothing else but a hint in parentheses.

    A time beside it makes it the moment of generation, other words the date of something else.
    """
    text = _PARENTHESES.sub(" ", place[0].text)
    found = dates_in(text)
    if len(found) != 1 or found[0][1] is not None or any(c.isalnum() for c in text.replace(found[0][2], "")):
        return None
    return found[0][0], found[0][2]


def parse_timestamp(place: Place) -> tuple[str, str] | None:
    """Accept a cell whose first date has a time beside it, or stands alone."""
    found = dates_in(place[0].text)
    if not found:
        return None
    value, clock, raw = found[0]
    return (f"{value}T{clock}" if clock else value), raw


def parse_national_id(place: Place) -> tuple[str, str] | None:
    """Accept eleven digits in one word, or one to a box; the checksum is judged elsewhere."""
    words = [word.text.strip(".:;,()") for word in place[0].words]
    for text in words:
        if re.fullmatch(r"[1-9][0-9]{10}", text):
            return text, text
    digits = "".join(text for text in words if re.fullmatch(r"[0-9]{1,11}", text))
    return (digits, " ".join(words)) if re.fullmatch(r"[1-9][0-9]{10}", digits) else None


def parse_name(place: Place) -> tuple[str, str] | None:
    """Accept one line of words of letters; a second spelling in parentheses stays in the printed text only."""
    raw = place[0].text.strip(" :")
    words = _PARENTHESES.sub(" ", raw).split()
    if not words or not all(_NAME_WORD.match(word) for word in words):
        return None
    return upper(" ".join(words)), raw


def parse_title(place: Place) -> tuple[str, str] | None:
    """Accept the text of a cell, its lines joined; at least three letters."""
    raw = " ".join(line.text for line in place).strip(" :")
    return (raw, raw) if sum(letter.isalpha() for letter in raw) >= 3 else None


PARSERS: dict[str, Parser] = {
    "date": parse_date,
    "timestamp": parse_timestamp,
    "national_id": parse_national_id,
    "name": parse_name,
    "full_name": parse_name,
    "title": parse_title,
}


def field_of(value: str, raw: str, page: int, place: Place, lines: int = 1) -> Field:
    """Make a field of a value read from the first `lines` lines of a cell."""
    return Field(value, raw, page, union(line.box for line in place[:lines]))
