"""Words with boxes from PDFium's characters: the fast text reader.

PDFium's own words are not used: its rectangles are one a glyph on pages drawn by a browser, and its
generated spaces follow content order. Here a character's place along the line is its advance (the loose box),
which makes the gap between letters of one word zero in every font; its place across the line is its
baseline. A word's box is one em high, 0.78 em above the baseline and 0.22 em below, whatever letters it
has, so that words on one line overlap.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from unicodedata import combining

import numpy as np
import pypdfium2.raw
from numpy.typing import NDArray

from extractors.turkish import repair
from extractors.words import Word

pdfium: Any = pypdfium2.raw
"""PDFium's C functions; the binding carries no types, and handles of pages and objects are opaque pointers."""

WORD_GAP = 0.2
"""Gap, in em, that parts two words where no space is drawn. Letters of one word stand at 0 up to 0.1
(tracking); the narrowest spaces in use are 0.22 (Jasper forms, TeX)."""
_HINTED_GAP = 0.05
"""The same where PDFium too sees a space: kerning beside a space that is not drawn can take most of it."""
_COLUMN_GAP = 1.0
"""Gap, in em, that no letter-spacing bridges."""
_TOUCH = 0.05
"""Gap, in em, up to which pieces drawn apart from each other in content order are one word."""
_OVERLAP = 0.3
"""Overlap, in em, that kerning and slanted fonts may cause between two letters; more is a step back."""
_SAME_BASELINE = 0.2
"""Difference of baselines, in em, up to which letters stand on one line; superscripts stay apart."""
_DOUBLE = 0.12
"""Offset, in em, up to which the same letters drawn twice are bold type or a shadow, not two letters."""
_ASCENT, _DESCENT = 0.78, 0.22
_OBLIQUE = 10.0
"""Degrees off the page's axes from which text is a watermark or a stamp, and no line of a paper."""
_LETTER_SPACED = 4
"""Letters in a row from which even gaps are taken for letter-spacing."""
_LETTER_SPACING = 0.5
"""Gap, in em, up to which letters drawn one by one are taken for letter-spaced."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNREADABLE = "\ufffd"
_HYPHEN_CODES = frozenset((0x02, 0xFFFE))
"""What PDFium puts for a hyphen at the end of a line."""

Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PageFrame:
    """Where a page lies: its visible box in PDF space, and its rotation in quarter turns clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points, as shown."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turns % 2 else (width, height)

    def shown(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """Return points of PDF space as points from the top left of the page as it is shown."""
        return (
            (x - self.left, self.top - y),
            (y - self.bottom, x - self.left),
            (self.right - x, y - self.bottom),
            (self.top - y, self.right - x),
        )[self.turns % 4]


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """Characters in content order.

    `start`, `end` (along the line) and `base` (across it) are coordinates in the direction in which each is
    read; `turn` is that direction in quarter turns clockwise, `em` in points. `index` is PDFium's number of the
    character; `hinted` tells before which ones PDFium supposes a space that is not drawn.
    """

    text: list[str]
    space: Mask
    start: Numbers
    end: Numbers
    base: Numbers
    em: Numbers
    turn: Indices
    index: Indices
    hinted: Mask


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters that belong together: a word, a part of one, or a space."""

    text: str
    start: float
    end: float
    base: float
    em: float
    turn: int


def page_words(textpage: Any, frame: PageFrame) -> tuple[Word, ...]:
    """Return the words of a page, line by line, each from left to right.

    Text that stands upright comes first, then text turned by quarters; text in other directions (watermarks)
    is left out. A glyph without a Unicode value is U+FFFD, so that it is seen to be missing.
    """
    glyphs = _glyphs(textpage, frame)
    if not glyphs.text:
        return ()
    pieces = list(_pieces(glyphs, _breaks(glyphs, textpage)))
    words = (_word(piece) for piece in _joined(_in_lines(pieces)))
    return tuple(word for word in words if word.text)


def _glyphs(textpage: Any, frame: PageFrame) -> _Glyphs:
    text, index, rows = _raw_characters(textpage)
    table = np.array(rows, dtype=np.float64).reshape(-1, 11)
    left, bottom, right, top, a, b, height, size, origin_x, origin_y, hinted = table.T
    x0, y0 = frame.shown(left, bottom)
    x1, y1 = frame.shown(right, top)
    along, across = frame.shown(origin_x, origin_y)
    angle = np.degrees(np.arctan2(-b, a)) + 90 * frame.turns
    turn = np.rint(angle / 90).astype(np.intp)
    upright = np.abs(angle - 90 * turn) <= _OBLIQUE
    turn %= 4
    low_x, high_x, low_y, high_y = (
        np.minimum(x0, x1),
        np.maximum(x0, x1),
        np.minimum(y0, y1),
        np.maximum(y0, y1),
    )
    em = _em(size * height, np.where(turn % 2, high_x - low_x, high_y - low_y))
    keep = upright & (em > 0) & np.isfinite(table).all(axis=1)
    return _Glyphs(
        text=[text[i] for i in np.flatnonzero(keep)],
        space=np.array([character.isspace() for character in text], dtype=np.bool_)[keep],
        start=np.choose(turn, (low_x, low_y, -high_x, -high_y))[keep],
        end=np.choose(turn, (high_x, high_y, -low_x, -low_y))[keep],
        base=np.choose(turn, (across, -along, -across, along))[keep],
        em=em[keep],
        turn=turn[keep],
        index=np.array(index, dtype=np.intp)[keep],
        hinted=hinted[keep] > 0,
    )


def _em(size: Numbers, box: Numbers) -> Numbers:
    """Return the size of type; where a font's own size says nothing (Type 3), the height of the box."""
    sound = (size >= box / 2.5) & (size <= box * 2.5)
    return np.where(sound | (box <= 0), size, box)


def _raw_characters(
    textpage: Any,
) -> tuple[list[str], list[int], list[tuple[float, ...]]]:
    """Read every drawn character: text, index, and box, direction, scale, size, origin (PDF space), hint.

    The buffers and the names of PDFium's functions are fetched once: this loop is most of a page's time.
    """
    loose_box, char_matrix, char_origin = (
        pdfium.FPDFText_GetLooseCharBox,
        pdfium.FPDFText_GetMatrix,
        pdfium.FPDFText_GetCharOrigin,
    )
    code_of, size_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetFontSize
    box, matrix, x, y = pdfium.FS_RECTF(), pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    box_at, matrix_at, x_at, y_at = (ctypes.byref(buffer) for buffer in (box, matrix, x, y))
    text: list[str] = []
    index: list[int] = []
    rows: list[tuple[float, ...]] = []
    hint = 0
    for i in range(pdfium.FPDFText_CountChars(textpage)):
        character = _character(textpage, i, code_of(textpage, i))
        if not character:
            hint = 1
            continue
        loose_box(textpage, i, box_at)
        char_matrix(textpage, i, matrix_at)
        char_origin(textpage, i, x_at, y_at)
        a, b, c, d = matrix.a, matrix.b, matrix.c, matrix.d
        place = (box.left, box.bottom, box.right, box.top, a, b, (c * c + d * d) ** 0.5)
        rows.append((*place, size_of(textpage, i), x.value, y.value, hint))
        text.append(character)
        index.append(i)
        hint = 0
    return text, index, rows


def _character(textpage: Any, index: int, code: int) -> str:
    """Return the character of a code; nothing for spaces and line ends that PDFium made up."""
    if 0x20 < code < 0xFFFE and code != 0xAD:
        return chr(code)
    if pdfium.FPDFText_IsGenerated(textpage, index) == 1:
        return ""
    if code == 0xAD or (code in _HYPHEN_CODES and pdfium.FPDFText_IsHyphen(textpage, index) == 1):
        return "-"
    if 0xFFFF < code <= 0x10FFFF:
        return chr(code)
    return " " if code in {0x09, 0x0A, 0x0C, 0x0D, 0x20} else _UNREADABLE


def _breaks(glyphs: _Glyphs, textpage: Any) -> Mask:
    """Return, for each character, whether a new piece begins with it (in content order)."""
    em = np.maximum(glyphs.em[:-1], glyphs.em[1:])
    gap = (glyphs.start[1:] - glyphs.end[:-1]) / em
    step = np.diff(glyphs.start) / em
    hard = (
        (np.diff(glyphs.turn) != 0)
        | (np.abs(np.diff(glyphs.base)) > _SAME_BASELINE * em)
        | (gap > _COLUMN_GAP)
        | (gap < -_OVERLAP)
        | ((np.abs(step) <= _DOUBLE) & _repeated(glyphs.text))
        | (step < 0)
    ) & ~(_marks(glyphs.text) | _ligatures(glyphs, textpage))
    hard |= glyphs.space[1:] | glyphs.space[:-1]
    soft = ~hard & (gap > np.where(glyphs.hinted[1:], _HINTED_GAP, WORD_GAP))
    if soft.any():
        soft = _without_letter_spacing(glyphs, textpage, hard, soft, gap)
    return np.concatenate(([True], hard | soft))


def _repeated(text: list[str]) -> Mask:
    return np.array([a == b for a, b in pairwise(text)], dtype=np.bool_)


def _marks(text: list[str]) -> Mask:
    """Return which characters after the first are marks on the one before, or second halves of it (UTF-16)."""
    return np.array([bool(combining(c)) or "\udc00" <= c <= "\udfff" for c in text[1:]], dtype=np.bool_)


def _ligatures(glyphs: _Glyphs, textpage: Any) -> Mask:
    """Return which characters after the first share the one before's glyph: same place, same text object."""
    same: Mask = (np.diff(glyphs.start) == 0) & (np.diff(glyphs.end) == 0) & (np.diff(glyphs.base) == 0)
    for i in np.flatnonzero(same):
        same[i] = _one_object(textpage, glyphs.index[i : i + 2])
    return same


def _without_letter_spacing(glyphs: _Glyphs, textpage: Any, hard: Mask, soft: Mask, gap: Numbers) -> Mask:
    """Take back the breaks inside letter-spaced words: a row of letters whose gaps are even.

    Digits that are text objects of their own are those in the boxes of a form, and stay apart.
    """
    edges = np.concatenate(([0], np.flatnonzero(hard) + 1, [len(glyphs.text)]))
    result = soft.copy()
    for first, last in pairwise(edges.tolist()):
        inner = slice(first, last - 1)
        if last - first < _LETTER_SPACED or not soft[inner].any():
            continue
        spacing = float(np.median(gap[inner]))
        if spacing > _HINTED_GAP and _spaced_out(textpage, glyphs, slice(first, last), spacing):
            result[inner] &= gap[inner] > spacing + WORD_GAP
    return result


def _spaced_out(textpage: Any, glyphs: _Glyphs, row: slice, spacing: float) -> bool:
    letters = not all(character.isdigit() for character in glyphs.text[row])
    return (letters and spacing <= _LETTER_SPACING) or _one_object(textpage, glyphs.index[row])


def _one_object(textpage: Any, index: Indices) -> bool:
    objects = (pdfium.FPDFText_GetTextObject(textpage, int(i)) for i in index)
    return len({ctypes.addressof(found.contents) if found else 0 for found in objects}) == 1


def _pieces(glyphs: _Glyphs, breaks: Mask) -> Iterator[_Piece]:
    firsts = np.flatnonzero(breaks)
    lasts = np.append(firsts[1:], len(glyphs.text))
    starts = np.minimum.reduceat(glyphs.start, firsts)
    ends = np.maximum.reduceat(glyphs.end, firsts)
    ems = np.maximum.reduceat(glyphs.em, firsts)
    bases, turns = glyphs.base[firsts], glyphs.turn[firsts]
    for i, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        text = "".join(glyphs.text[first:last])
        yield _Piece(text, float(starts[i]), float(ends[i]), float(bases[i]), float(ems[i]), int(turns[i]))


def _in_lines(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Yield the pieces of each line, sorted along it: content order is whatever the engine liked."""
    line: list[_Piece] = []
    for piece in sorted(pieces, key=lambda p: (p.turn, p.base)):
        if line and not _on_line(line[-1], piece):
            yield sorted(line, key=lambda p: p.start)
            line = []
        line.append(piece)
    yield sorted(line, key=lambda p: p.start)


def _on_line(last: _Piece, piece: _Piece) -> bool:
    return last.turn == piece.turn and piece.base - last.base <= _SAME_BASELINE * min(last.em, piece.em)


def _joined(lines: Iterator[list[_Piece]]) -> Iterator[_Piece]:
    """Join pieces that touch, and leave out what is drawn twice and the spaces."""
    for line in lines:
        word: _Piece | None = None
        before: _Piece | None = None
        for piece in line:
            if before and _drawn_twice(before, piece):
                continue
            if word and not piece.text.isspace() and _touch(word, piece):
                word = _union(word, piece)
            else:
                if word:
                    yield word
                word = None if piece.text.isspace() else piece
            before = piece
        if word:
            yield word


def _drawn_twice(a: _Piece, b: _Piece) -> bool:
    return a.text == b.text and abs(a.start - b.start) <= _DOUBLE * a.em


def _touch(a: _Piece, b: _Piece) -> bool:
    return -_OVERLAP <= (b.start - a.end) / max(a.em, b.em) <= _TOUCH


def _union(a: _Piece, b: _Piece) -> _Piece:
    start, end = min(a.start, b.start), max(a.end, b.end)
    return _Piece(a.text + b.text, start, end, a.base, max(a.em, b.em), a.turn)


def _word(piece: _Piece) -> Word:
    text = piece.text
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    start, end = piece.start, piece.end
    high, low = piece.base - _ASCENT * piece.em, piece.base + _DESCENT * piece.em
    box = (
        (start, high, end, low),
        (-low, start, -high, end),
        (-end, -low, -start, -high),
        (high, -end, low, -start),
    )[piece.turn]
    return Word(repair(text).strip(), *box)
