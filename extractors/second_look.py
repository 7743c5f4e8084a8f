"""Numbers of a scan read a second time: larger, and as nothing but digits.

Tesseract's own confidence does not tell a 7 from a 2 in small type; a second reading that was made otherwise does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from stdnum.tr import tckimlik

from extractors.strips import Piece, Rows
from extractors.tesseract import read_line
from extractors.words import Word

AGREED = 0.93
"""Confidence of a number that two readings agree on; a second reading that differs takes away all confidence."""
CLEAR = 0.96
"""Confidence of a first reading that is trusted in tiny type as well, if the second agrees."""
TINY = 10.0
"""Height in pixels of the picture given below which two readings may agree on a 7 that is a 2."""
UNSURE = 0.5
"""The most that a number in such type is trusted."""
_NUMBER = re.compile(r"^[^\w]*[0-9][0-9./:\-]{2,9}[^\w]*$")
"""What is read twice: dates, periods, workplace numbers, times. Longer numbers decide nothing or have a checksum."""
_OCCUPATION = re.compile(r"^[0-9]{4}\.[0-9]{2}$")
"""Meslek kodu, which no rule asks for."""
_PARTED = re.compile(
    r"^(?:[0-9]{2}([./-])[0-9]{2}\1[0-9]{4}|[0-9]{4}/[0-9]{1,2}|[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)$"
)
"""Dates, periods and times as they are printed."""
_EDGES = "()[]|.:;,'\"-_ "
_BOXES = 7
"""Digits, one to a word, from which on a line shows boxes of a number."""
_LOOKS_LIKE = str.maketrans("OoQDlIıİ|!SsBZz", "000011111155822")
"""Letters that Tesseract reads for digits."""


def checked(lines: Sequence[Sequence[Word]], rows: Rows, native: float) -> list[Word]:
    """Return the words of all lines, numbers among them trusted as far as two readings agree.

    Of a number that stands on the page many times three are looked at again; only where one of them turns out
    otherwise are the others too. `native` is the size of a pixel of `rows` in pixels of the picture given.
    """
    words = [_mended(word) for line in lines for word in line]
    alike: dict[str, list[int]] = {}
    for index in _numbers(lines, words):
        single = str(index) if len(words[index].text) == 1 else ""
        alike.setdefault(single or _digits(words[index].text), []).append(index)
    second = _second_reading(words, [n for same in alike.values() for n in _spread(same)], rows)
    doubtful = [
        same for same in alike.values() if any(not _agree(words[n], second[n]) for n in _spread(same))
    ]
    second |= _second_reading(words, [n for same in doubtful for n in same if n not in second], rows)
    for same in alike.values():
        for index in same:
            words[index] = _trusted(words[index], second.get(index, words[index].text), native)
    return words


def _numbers(lines: Sequence[Sequence[Word]], words: Sequence[Word]) -> Iterator[int]:
    """Yield the indices of words that are numbers, or digits in boxes."""
    start = 0
    for line in lines:
        own = range(start, start + len(line))
        start += len(line)
        digits = [n for n in own if len(words[n].text) == 1 and words[n].text.isdecimal()]
        yield from digits if len(digits) >= _BOXES else ()
        yield from (n for n in own if _NUMBER.match(words[n].text) and not _OCCUPATION.match(words[n].text))


def _mended(word: Word) -> Word:
    """Put digits for the letters in a word that is a T.C. number but for these, by its checksum."""
    text = word.text.strip(_EDGES)
    if len(text) != 11 or text.isdecimal():
        return word
    digits = text.translate(_LOOKS_LIKE)
    return replace(word, text=digits) if digits.isdecimal() and tckimlik.is_valid(digits) else word


def _spread(indices: Sequence[int]) -> list[int]:
    return sorted({indices[0], indices[len(indices) // 2], indices[-1]})


def _second_reading(words: Sequence[Word], indices: Sequence[int], rows: Rows) -> dict[int, str]:
    """Return what a second look finds at the places of some words."""
    boxes = (words[n] for n in indices)
    pieces = [Piece(int(w.x0), int(w.y0), int(w.x1) + 1, int(w.y1)) for w in boxes]
    found = dict.fromkeys(indices, "")
    for strip, members in rows.packed(pieces):
        for symbol in read_line(strip.image, digits=True):
            found[indices[members[strip.piece_at((symbol.x0 + symbol.x1) / 2)]]] += symbol.text
    return found


def _trusted(word: Word, second: str, native: float) -> Word:
    """Trust a number whose digits were read twice; what parts them is small and taken from where it was seen."""
    if not _agree(word, second):
        return replace(word, confidence=0.0)
    if word.height * native < TINY and word.confidence < CLEAR:
        return replace(word, confidence=min(word.confidence, UNSURE))
    first, second = word.text.strip(_EDGES), second.strip(_EDGES)
    text = second if _PARTED.match(second) and not _PARTED.match(first) else first
    return replace(word, text=text, confidence=max(word.confidence, AGREED))


def _agree(word: Word, second: str) -> bool:
    return _digits(word.text) == _digits(second)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
