"""What of a scan is read well enough to be kept: a field in doubt stays unread.

A wrong date or number is worse than none, since a reviewer looks at what is missing and trusts what is there.
Judged by the confidence of the words inside the box of what was found, so that the layout engine knows no OCR.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from stdnum.tr import tckimlik

from extractors.facts import Box, Field, Record, Workplace
from extractors.layout import Reading
from extractors.ocr import mean_confidence
from extractors.values import dates_in
from extractors.words import PageText, Word, letters_and_digits

LEGIBLE_NUMBER = 0.6
"""Least confidence of each word of a number or date that is kept.

Numbers are read twice (`extractors.second_look`): of 3,300 on synthetic scans at 200 and 300 dpi none that both
readings agreed on was wrong, while Tesseract's own confidence was 0.93 to 0.96 for some that were.
"""
LEGIBLE_TEXT = 0.6
"""Least mean confidence, by character, of a name or title that is kept: a wrong letter in it only asks for a look."""
METHOD = "ocr"
_TEXTS = frozenset({"given_name", "family_name", "full_name", "employer_title"})
"""Fields without digits."""
_ISSUED = ("generated_at", "issued_on")
_AHEAD = timedelta(days=366)
"""How long after its day of issue a date on a paper may lie: work is declared days ahead, not years."""
_PERIOD = re.compile(r"^[0-9]{4}/[0-9]{1,2}$")
_IGNORED = re.compile(r"^[0-9]{4}\.[0-9]{2}$|^[0-9]{9,}$")
"""Occupation and registry number, for which no rule asks."""
_DIGIT_LIKE = frozenset("0123456789OoIlı|")
_BROKEN = 0.7
"""Space in heights of a number within which another word may be its rest."""
_SMALL = re.compile(r"^[0-9]{1,2}$")


def only_legible(reading: Reading, pages: Sequence[PageText]) -> Reading:
    """Return a reading of OCR's words without what is not legible enough; all that is kept is marked as OCR's.

    Fields that are dropped leave a doubt `illegible: <field>`; rows keep what they say, with a doubt; lines of the
    list of workplaces are dropped like fields.
    """
    words = {page.number: page.words for page in pages}
    latest = _latest(reading.fields, words)
    kept, doubts = {}, []
    for name, found in reading.fields.items():
        if _is_legible(name, found, words) and _is_plausible(found, latest):
            kept[name] = replace(found, method=METHOD)
        else:
            doubts.append(f"illegible: {name}")
    places = tuple(place for place in reading.workplaces if _is_legible_place(place, words))
    if len(places) < len(reading.workplaces):
        doubts.append("illegible: workplaces")
    return replace(
        reading,
        fields=kept,
        records=tuple(_doubted(record, words) for record in reading.records),
        workplaces=places,
        doubts=(*reading.doubts, *doubts),
    )


def _inside(words: Sequence[Word], box: Box) -> list[Word]:
    """Return the words with letters or digits whose middle lies in a box."""
    return [
        word
        for word in words
        if box.x0 <= (word.x0 + word.x1) / 2 <= box.x1
        and box.y0 <= word.middle <= box.y1
        and letters_and_digits(word.text)
    ]


def _is_legible(name: str, found: Field, words: Mapping[int, Sequence[Word]]) -> bool:
    printed = letters_and_digits(found.raw)
    own = [w for w in _inside(words[found.page], found.box) if letters_and_digits(w.text) in printed]
    if name == "national_id":
        return tckimlik.is_valid(str(found.value)) and mean_confidence(own) >= LEGIBLE_NUMBER / 2
    if name in _TEXTS or not any(letter.isdigit() for letter in found.raw):
        return mean_confidence(own) >= LEGIBLE_TEXT
    numbers = [word for word in own if any(letter.isdigit() for letter in word.text)]
    return _least(numbers or own) >= LEGIBLE_NUMBER


def _least(words: Sequence[Word]) -> float:
    return min((word.confidence for word in words), default=0.0)


def _latest(fields: Mapping[str, Field], words: Mapping[int, Sequence[Word]]) -> date | None:
    """Return the last day that a paper can speak of, by its day of issue; None where that is unread."""
    issued = next((fields[name] for name in _ISSUED if name in fields), None)
    if issued is None or not _is_legible("", issued, words):
        return None
    return date.fromisoformat(str(issued.value)[:10]) + _AHEAD


def _is_plausible(found: Field, latest: date | None) -> bool:
    printed = dates_in(found.raw) if isinstance(found.value, str) else []
    return latest is None or all(date.fromisoformat(value) <= latest for value, _, _ in printed)


def _is_legible_place(place: Workplace, words: Mapping[int, Sequence[Word]]) -> bool:
    own = _inside(words[place.page], place.box)
    numbers = [word for word in own if letters_and_digits(word.text) == place.number]
    whole = not any(_is_broken(number, own) for number in numbers)
    return whole and _least(numbers) >= LEGIBLE_NUMBER and mean_confidence(own) >= LEGIBLE_TEXT


def _doubted(record: Record, words: Mapping[int, Sequence[Word]]) -> Record:
    """Add a doubt to a row of which a word that rules ask for, or one that may hide such a word, is not clear."""
    own = _inside(words[record.page], record.box)
    unclear = any(
        word.confidence < LEGIBLE_NUMBER or _hides_date(word, record) for word in _decisive(own, record)
    )
    broken = any(_is_broken(word, own) for word in own if word.text in (record.workplace, record.unit))
    return replace(record, doubts=(*record.doubts, "illegible")) if unclear or broken else record


def _is_broken(number: Word, own: Sequence[Word]) -> bool:
    """Tell whether what may be the rest of a number stands close beside it: cells stand farther apart."""
    return any(
        word is not number
        and (word.text[0] in _DIGIT_LIKE or word.text[-1] in _DIGIT_LIKE)
        and max(word.x0 - number.x1, number.x0 - word.x1) < _BROKEN * number.height
        for word in own
    )


def _hides_date(word: Word, record: Record) -> bool:
    """Tell a word with the digits of a date whose dots were not seen: it stands in no cell of the row."""
    found = {value for value, _, _ in dates_in(word.text)}
    printed = {record.workplace, record.unit, record.branch, str(record.days)}
    return not found and not _PERIOD.match(word.text) and word.text not in printed and _may_be_date(word.text)


def _decisive(own: Sequence[Word], record: Record) -> Iterator[Word]:
    """The words of a row but those that decide nothing: names, registry number, occupation, earnings, codes."""
    period = next((word for word in own if _PERIOD.match(word.text)), None)
    for word in own:
        right = period is None or word.x0 > period.x0
        if not any(letter.isdigit() for letter in word.text):
            if right or letters_and_digits(word.text) == letters_and_digits(record.branch):
                yield word
        elif _SMALL.match(word.text):
            if word.text == str(record.days):
                yield word
        elif not _IGNORED.match(word.text) and (not right or word is period or _may_be_date(word.text)):
            yield word


def _may_be_date(text: str) -> bool:
    """Tell whether a word right of the period can be what is left of a date; earnings end in two decimals."""
    digits = sum(letter.isdigit() for letter in text)
    return (
        bool(dates_in(text)) or (digits >= 6 and not re.search(r"[.,][0-9]{2}$", text)) or text.count(".") > 1
    )
