"""Whether the page shows what its text layer says: ink where a value stands, and the same text read from the picture.

A font may map its glyphs to other characters than it draws, and a word may lie where nothing is drawn; neither is
seen in the text. So the words of the decisive values alone are drawn, each for itself, which costs a tenth of a
millisecond; their digits are put on one strip, names and the first words of titles on another, and Tesseract reads
both. What it reads otherwise is drawn larger and read once more: only two readings that agree with each other and not
with the text are a trace. Every digit counts; of a word more letters must differ than Tesseract misreads.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

import cv2
import numpy as np

from extractors.facts import Box, Trace, TraceKind
from extractors.qr_decoders import Grey
from extractors.tesseract import Symbol, read_line
from extractors.traces_values import RECORDS, WORKPLACES, Value
from extractors.words import PageText, Run, Word, letters_and_digits, lines_of

Draw: TypeAlias = Callable[[int, float, Box], Grey]
"""Page, resolution and place to a grey picture."""

_HEIGHT = 40.0
"""Pixels of a word's height on the strip."""
_LARGER = 64.0
"""The same for a second look."""
_COARSEST, _FINEST = 120.0, 500.0
"""Resolutions in which words are drawn."""
_CONTRAST = 48
"""Levels by which ink is darker or lighter than its ground, at least."""
_PAPER = 250
"""Grey level from which on a ground is white."""
_SPARSE = 3
"""Of so many pixels in each direction one is asked for the ground."""
_LEAST_INK = 0.02
"""Part of a word's box that ink covers, at least: a comma covers 0.03."""
_PAD = 10
"""White pixels around a strip."""
_GAP = 0.6
"""Space between words on the strip, in heights."""
_BOXED_GAP = 0.15
"""The same between digits that stand in boxes."""
_ROW_DPI = 150.0
"""Resolution in which rows are searched for writing that is not in the text layer."""
_UNREAD = 0.12
"""Ink beside the words of a row, in squares of its height, from which on it is writing: a digit has 0.1."""
_EDGE = 0.2
"""Part of a row's height above and below that may hold letters of other rows."""
_BESIDE = 1.5
"""Points around a word that may hold ink of its own."""
_RULE, _LEVEL_RULE = 0.85, 0.3
"""Part of a row's height, and of its length, from which on ink is a rule."""
_CHECKED = frozenset({"national_id", "workplace_number"})
"""Numbers with check digits: no two that hold differ in one digit alone, so that a single one was misread."""
_LEAST_OTHER = 2
_LONGEST = 40
"""Digits of one value that are read."""
_WRITTEN = {"given_name": 3, "family_name": 3, "employer_title": 2, WORKPLACES: 2}
"""Values whose words are read, and how many of each: titles are told apart by their first ones."""
_SHORTEST = 3
"""Letters of a word that is read, at least."""
_DIGITS_PRESSED, _WORDS_PRESSED = 0.85, 0.6
"""Part of its width to which a strip is pressed for the first look: that is the part of the time that it takes, and
what is read of it is the same, down to 0.85 and 0.45."""
_LIKE = 0.75
"""Likeness (0 to 1) of two readings of one word, at least."""
_LEGIBLE = 0.7
"""Confidence (0 to 1), at least, of the surer of two readings that find another word: over a mark none has it."""
_FOR_LETTERS = str.maketrans("01568", "OISGB")
"""Digits that Tesseract reads for letters."""
_WITHOUT_TURKISH = (str.maketrans("İıŞşĞğ", "YyPpDd"), str.maketrans("", "", "İıŞşĞğ"))
"""What a page shows whose font has no Turkish letters: `Ý Þ Ð`, which are read so, or nothing in their places."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a value with its picture."""

    word: Word
    image: Grey


_Drawn: TypeAlias = tuple[Value, Sequence[_Part]]
"""A value and its words."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The letters, folded, that were read of a word, and how surely."""

    text: str
    confidence: float


def unread_ink(values: Sequence[Value], pages: Sequence[PageText], draw: Draw) -> Iterator[Trace]:
    """Yield a trace for each of the newest rows beside whose words the page shows more writing.

    A date of exit that is drawn as a picture, or whose letters the font maps to spaces, is seen by people only.
    """
    by_number = {page.number: page for page in pages}
    for value in values:
        if value.name == RECORDS and _bare_ink(value, by_number[value.page], draw) > _UNREAD:
            yield Trace(TraceKind.UNREAD_INK, value.page, value.box, {"field": value.name})


def _bare_ink(value: Value, page: PageText, draw: Draw) -> float:
    """Return how much ink lies beside the words of a row, in squares of its height, without rules."""
    height = value.box.y1 - value.box.y0
    band = Box(value.box.x0, value.box.y0 + _EDGE * height, page.width, value.box.y1 - _EDGE * height)
    image = _bright(draw(value.page, _ROW_DPI, band))
    scale = image.shape[1] / max(band.x1 - band.x0, 1e-6)
    ink = image < 255 - _CONTRAST
    for word in page.words:
        if word.y0 < band.y1 and band.y0 < word.y1:
            left, right = ((x - band.x0) * scale for x in (word.x0 - _BESIDE, word.x1 + _BESIDE))
            ink[:, max(int(left), 0) : max(int(right) + 1, 0)] = False
    ink[:, ink.mean(axis=0) >= _RULE] = False
    ink[ink.mean(axis=1) >= _LEVEL_RULE] = False
    square: float = max(height * scale, 1.0) ** 2
    return float(ink.sum()) / square


def shown_traces(values: Sequence[Value], draw: Draw, *, ocr: bool) -> Iterator[Trace]:
    """Yield a trace for each decisive value that the page does not show, or shows with other digits or words.

    `ocr` False asks for ink alone.
    """
    drawn = [(value, _drawn(value, draw, _HEIGHT)) for value in values]
    bare = {number for number, (_, parts) in enumerate(drawn) if not _all_have_ink(parts)}
    for number in sorted(bare):
        value = drawn[number][0]
        yield Trace(TraceKind.NO_INK, value.page, value.box, {"field": value.name})
    if not ocr:
        return
    shown = [one for number, one in enumerate(drawn) if number not in bare]
    for value in dict.fromkeys((*_other_numbers(shown, draw), *_other_words(shown, draw))):
        yield Trace(TraceKind.SHOWS_OTHERWISE, value.page, value.box, {"field": value.name})


def _other_numbers(shown: Sequence[_Drawn], draw: Draw) -> Iterator[Value]:
    """Yield the values whose digits are read otherwise."""
    numbers = [(value, _numeric(parts)) for value, parts in shown]
    numbers = [(value, parts) for value, parts in numbers if parts]
    found = _read([parts for _, parts in numbers], _DIGITS_PRESSED)
    for (value, parts), read in zip(numbers, found, strict=True):
        if read != _printed(parts) and _differs_again(value, parts, draw):
            yield value


def _other_words(shown: Sequence[_Drawn], draw: Draw) -> Iterator[Value]:
    """Yield the values of whose words one is read as another."""
    words = [(value, part) for value, parts in shown for part in _verbal(value, parts)]
    found = _read_words([part for _, part in words], _WORDS_PRESSED)
    for (value, part), read in zip(words, found, strict=True):
        if _is_other(part.word.text, read.text) and _is_other_again(value, part, draw):
            yield value


def _drawn(value: Value, draw: Draw, height: float) -> list[_Part]:
    """Draw the words of a value, line by line, each line once; its box where only the second reader saw the words."""
    box = value.box
    words = value.words or (Word("", box.x0, box.y0, box.x1, box.y1),)
    return [
        part
        for line in lines_of(words)
        for part in _cut(line.words, line.box, _picture(value.page, line, draw, height))
    ]


def _picture(page: int, line: Run, draw: Draw, height: float) -> Grey:
    """Draw a line dark on white, so large that it has about the height."""
    dpi = min(max(72 * height / max(line.height, 1.0), _COARSEST), _FINEST)
    return _bright(draw(page, dpi, line.box))


def _bright(image: Grey) -> Grey:
    """Return a picture with dark writing on white, whatever its colours."""
    ground = float(np.median(image[::_SPARSE, ::_SPARSE]))
    if ground >= _PAPER:
        return image
    if ground < 128:
        image, ground = 255 - image, 255 - ground
    bright: Grey = np.clip(image * np.float32(255 / max(ground, 1.0)), 0, 255).astype(np.uint8)
    return bright


def _cut(words: Sequence[Word], box: Box, image: Grey) -> Iterator[_Part]:
    """Cut the picture of a line into its words."""
    scale = image.shape[1] / max(box.x1 - box.x0, 1e-6)
    for word in words:
        left, right = (int((x - box.x0) * scale) for x in (word.x0, word.x1))
        top, bottom = (int((y - box.y0) * scale) for y in (word.y0, word.y1))
        yield _Part(word, image[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)])


def _all_have_ink(parts: Sequence[_Part]) -> bool:
    """Tell whether every number has ink, and most other words: a mark drawn over a name may hide one of them."""
    bare = [part for part in parts if float((part.image < 255 - _CONTRAST).mean()) < _LEAST_INK]
    return not any(_is_number(part.word.text) for part in bare) and 2 * len(bare) < max(len(parts), 1)


def _numeric(parts: Sequence[_Part]) -> list[_Part]:
    """Return the words that are numbers, as long as there are not too many."""
    found = [part for part in parts if _is_number(part.word.text)]
    return found if sum(len(part.word.text) for part in found) <= _LONGEST else []


def _is_number(text: str) -> bool:
    return any(c.isdecimal() for c in text) and not any(c.isalpha() for c in text)


def _printed(parts: Sequence[_Part]) -> str:
    return "".join(_digits(part.word.text) for part in parts)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _differs_again(value: Value, parts: Sequence[_Part], draw: Draw) -> bool:
    """Tell whether two more readings, of the value alone and larger, agree with each other and not with the text."""
    printed = _printed(parts)
    larger = _numeric(_drawn(value, draw, _LARGER))
    first, second = (_read([some])[0] for some in (parts, larger))
    if first != second or len(first) != len(printed):
        return False
    differing = sum(a != b for a, b in zip(first, printed, strict=True))
    return differing >= (_LEAST_OTHER if value.name in _CHECKED else 1)


def _verbal(value: Value, parts: Sequence[_Part]) -> list[_Part]:
    """Return the words of a value that are read as words."""
    long = [part for part in parts if sum(c.isalpha() for c in part.word.text) >= _SHORTEST]
    return long[: _WRITTEN.get(value.name, 0)]


def _is_other(printed: str, read: str) -> bool:
    """Tell whether what was read of a word is another word, also where the page shows it without Turkish letters.

    Some of its letters are not: something may lie over the rest.
    """
    spellings = (printed, *(printed.translate(letters) for letters in _WITHOUT_TURKISH))
    return not any(_are_like(_letters(spelling), read) for spelling in spellings)


def _are_like(one: str, other: str) -> bool:
    left = iter(one)
    some = all(letter in left for letter in other)
    return some or SequenceMatcher(None, one, other, autojunk=False).ratio() >= _LIKE


def _is_other_again(value: Value, part: _Part, draw: Draw) -> bool:
    """Tell whether two more readings, of the word alone and larger, agree with each other and not with the text."""
    larger = _drawn(Value(value.name, value.page, part.word.box, (part.word,)), draw, _LARGER)
    first, second = (_read_words(parts)[0] for parts in ([part], larger))
    if max(first.confidence, second.confidence) < _LEGIBLE or not _are_like(first.text, second.text):
        return False
    return all(_is_other(part.word.text, seen.text) for seen in (first, second))


def _letters(text: str) -> str:
    return re.sub("[0-9]", "", letters_and_digits(text).translate(_FOR_LETTERS))


def _read(values: Sequence[Sequence[_Part]], width: float = 1.0) -> list[str]:
    """Read the digits of some values from one strip that is pressed to a part of its width."""
    found = _symbols(values, width, digits=True)
    return ["".join(_digits(symbol.text) for symbol in symbols) for symbols in found]


def _read_words(parts: Sequence[_Part], width: float = 1.0) -> list[_Seen]:
    """Read some words from one strip that is pressed to a part of its width."""
    return [_seen(symbols) for symbols in _symbols([[part] for part in parts], width, digits=False)]


def _seen(symbols: Sequence[Symbol]) -> _Seen:
    text = _letters("".join(symbol.text for symbol in symbols))
    return _Seen(text, min((symbol.confidence for symbol in symbols), default=0.0))


def _symbols(values: Sequence[Sequence[_Part]], width: float, *, digits: bool) -> list[list[Symbol]]:
    """Read some values from one strip; return the characters of each."""
    if not values:
        return []
    strip, ends = _strip(values)
    if width < 1.0:
        narrow = cv2.resize(strip, None, fx=width, fy=1.0, interpolation=cv2.INTER_AREA)
        strip = np.asarray(narrow, np.uint8)
    found: list[list[Symbol]] = [[] for _ in values]
    for symbol in read_line(strip, digits=digits):
        place = (symbol.x0 + symbol.x1) / 2 / width
        found[min(int(np.searchsorted(ends, place)), len(values) - 1)].append(symbol)
    return found


def _strip(values: Sequence[Sequence[_Part]]) -> tuple[Grey, list[float]]:
    """Put the words of some values side by side; return with them where on the strip each value ends."""
    height = max(len(part.image) for parts in values for part in parts)
    pieces: list[Grey] = [_white(height, _PAD)]
    ends: list[float] = []
    place = _PAD
    for parts in values:
        for part in parts:
            boxed = len(part.word.text) == 1 and part is not parts[-1]
            gap = int((_BOXED_GAP if boxed else _GAP) * height)
            above = (height - len(part.image)) // 2
            below = height - len(part.image) - above
            middle = np.pad(part.image, ((above, below), (0, gap)), constant_values=255)
            pieces.append(middle)
            place += middle.shape[1]
        ends.append(place - _GAP * height / 2)
    line = np.hstack([*pieces, _white(height, _PAD)])
    return np.pad(line, ((_PAD, _PAD), (0, 0)), constant_values=255), ends


def _white(height: int, width: int) -> Grey:
    return np.full((height, width), 255, np.uint8)
