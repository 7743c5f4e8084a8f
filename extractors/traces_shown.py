"""Whether the page shows what its text layer says: ink where a value stands, and the same digits read from the picture.

A font may map its glyphs to other characters than it draws, and a word may lie where nothing is drawn; neither is
seen in the text. So the words of the decisive values alone are drawn, each for itself, which costs a tenth of a
millisecond; their digits are put on one strip and read by Tesseract. What it reads otherwise is drawn larger and read
once more: only two readings that agree with each other and not with the text are a trace.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from extractors.facts import Box, Trace, TraceKind
from extractors.qr_decoders import Grey
from extractors.tesseract import read_line
from extractors.traces_values import RECORDS, Value
from extractors.words import PageText, Run, Word, lines_of

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


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a value with its picture."""

    word: Word
    image: Grey


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
    """Yield a trace for each decisive value that the page does not show, or shows with other digits.

    `ocr` False asks for ink alone.
    """
    drawn = [(value, _drawn(value, draw, _HEIGHT)) for value in values]
    bare = {number for number, (_, parts) in enumerate(drawn) if not _all_have_ink(parts)}
    for number in sorted(bare):
        value = drawn[number][0]
        yield Trace(TraceKind.NO_INK, value.page, value.box, {"field": value.name})
    if not ocr:
        return
    numbers = [(value, _numeric(parts)) for number, (value, parts) in enumerate(drawn) if number not in bare]
    numbers = [(value, parts) for value, parts in numbers if parts]
    for (value, parts), read in zip(numbers, _read([parts for _, parts in numbers]), strict=True):
        if read != _printed(parts) and _differs_again(value, parts, draw):
            yield Trace(TraceKind.SHOWS_OTHERWISE, value.page, value.box, {"field": value.name})


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


def _read(values: Sequence[Sequence[_Part]]) -> list[str]:
    """Read the digits of some values from one strip."""
    if not values:
        return []
    strip, ends = _strip(values)
    found = [""] * len(values)
    for symbol in read_line(strip, digits=True):
        number = min(int(np.searchsorted(ends, (symbol.x0 + symbol.x1) / 2)), len(values) - 1)
        found[number] += _digits(symbol.text)
    return found


def _strip(values: Sequence[Sequence[_Part]]) -> tuple[Grey, list[float]]:
    """Put the words of some values side by side; return with them where on the strip each value ends."""
    height = max(len(part.image) for parts in values for part in parts)
    pieces: list[Grey] = [_white(height, _PAD)]
    ends: list[float] = []
    place = _PAD
    for parts in values:
        for part in parts:
            gap = int((_BOXED_GAP if len(part.word.text) == 1 else _GAP) * height)
            above = (height - len(part.image)) // 2
            below = height - len(part.image) - above
            middle = np.pad(part.image, ((above, below), (0, gap)), constant_values=255)
            pieces.append(middle)
            place += middle.shape[1]
        pieces.append(_white(height, int(_GAP * height)))
        place += int(_GAP * height)
        ends.append(place - _GAP * height / 2)
    line = np.hstack([*pieces, _white(height, _PAD)])
    return np.pad(line, ((_PAD, _PAD), (0, 0)), constant_values=255), ends


def _white(height: int, width: int) -> Grey:
    return np.full((height, width), 255, np.uint8)
