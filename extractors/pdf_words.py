"""Words with boxes from PDFium's characters: the fast text reader.

PDFium's own words are not used: its rectangles are one a glyph on pages drawn by a browser, and its
generated spaces follow content order. Here a character's place along the line is its advance (the loose box),
which makes the gap between letters of one word zero in every font; its place across the line is its
baseline. A word's box is one em high, 0.78 em above the baseline and 0.22 em below, whatever letters it
has, so that words on one line overlap.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple
from unicodedata import combining

import numpy as np

from extractors.pdf_characters import Glyphs, Indices, Mask, Numbers, PageFrame, read_glyphs
from extractors.pdfium import pdfium
from extractors.turkish import repair
from extractors.words import Word

__all__ = ["WORD_GAP", "PageFrame", "page_words"]

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
_LETTER_SPACED = 4
"""Letters in a row from which even gaps are taken for letter-spacing."""
_LETTER_SPACING = 0.5
"""Gap, in em, up to which letters drawn one by one are taken for letter-spaced."""
_FIRST_MARK = 0x300
"""The first code point of a combining mark."""
_BEYOND = 1e6
"""Points: more than any line of any page is long."""

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Characters that belong together: words or parts of words, line by line, each line from left to right.

    `line` numbers the lines. `spaced` tells which pieces a drawn space parts from the one before.
    """

    texts: list[str]
    start: Numbers
    end: Numbers
    base: Numbers
    em: Numbers
    turn: Indices
    line: Indices
    spaced: Mask


class _Piece(NamedTuple):
    """One piece, while it is joined with its neighbours."""

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
    glyphs = read_glyphs(textpage, frame)
    if not len(glyphs.codes):
        return ()
    return tuple(_words(_joined(_pieces(glyphs, _breaks(glyphs, textpage)))))


def _breaks(glyphs: Glyphs, textpage: Any) -> Mask:
    """Return, for each character, whether a new piece begins with it (in content order)."""
    em = np.maximum(glyphs.em[:-1], glyphs.em[1:])
    gap = (glyphs.start[1:] - glyphs.end[:-1]) / em
    step = np.diff(glyphs.start) / em
    space = glyphs.space
    hard = (
        (np.diff(glyphs.turn) != 0)
        | (np.abs(np.diff(glyphs.base)) > _SAME_BASELINE * em)
        | (gap > _COLUMN_GAP)
        | (gap < -_OVERLAP)
        | ((np.abs(step) <= _DOUBLE) & (glyphs.codes[1:] == glyphs.codes[:-1]))
        | (step < 0)
    ) & ~(_marks(glyphs) | _ligatures(glyphs, textpage))
    hard |= space[1:] | space[:-1]
    soft = ~hard & (gap > np.where(glyphs.hinted[1:], _HINTED_GAP, WORD_GAP))
    if soft.any():
        soft = _without_letter_spacing(glyphs, textpage, hard, soft, gap)
    return np.concatenate(([True], hard | soft))


def _marks(glyphs: Glyphs) -> Mask:
    """Return which characters after the first are marks on the one before, or second halves of it (UTF-16)."""
    marks = np.zeros(len(glyphs.codes) - 1, dtype=np.bool_)
    for i in (np.flatnonzero(glyphs.codes[1:] >= _FIRST_MARK)).tolist():
        code = int(glyphs.codes[i + 1])
        marks[i] = 0xDC00 <= code <= 0xDFFF or bool(combining(chr(code)))
    return marks


def _ligatures(glyphs: Glyphs, textpage: Any) -> Mask:
    """Return which characters after the first share the one before's glyph: same place, same text object."""
    same: Mask = (np.diff(glyphs.start) == 0) & (np.diff(glyphs.end) == 0) & (np.diff(glyphs.base) == 0)
    for i in np.flatnonzero(same).tolist():
        same[i] = _one_object(textpage, glyphs.index[i : i + 2])
    return same


def _without_letter_spacing(glyphs: Glyphs, textpage: Any, hard: Mask, soft: Mask, gap: Numbers) -> Mask:
    """Take back the breaks inside letter-spaced words: a row of letters whose gaps are even.

    Digits that are text objects of their own are those in the boxes of a form, and stay apart.
    """
    edges = np.concatenate(([0], np.flatnonzero(hard) + 1, [len(glyphs.codes)]))
    with_soft = np.unique(np.searchsorted(edges, np.flatnonzero(soft), side="right") - 1)
    result = soft.copy()
    for first, last in zip(edges[with_soft].tolist(), edges[with_soft + 1].tolist(), strict=True):
        if last - first < _LETTER_SPACED:
            continue
        inner = slice(first, last - 1)
        spacing = median(gap[inner].tolist())
        if spacing > _HINTED_GAP and _spaced_out(textpage, glyphs, slice(first, last), spacing):
            result[inner] &= gap[inner] > spacing + WORD_GAP
    return result


def _spaced_out(textpage: Any, glyphs: Glyphs, row: slice, spacing: float) -> bool:
    letters = not all(chr(code).isdigit() for code in glyphs.codes[row].tolist())
    return (letters and spacing <= _LETTER_SPACING) or _one_object(textpage, glyphs.index[row])


def _one_object(textpage: Any, index: Indices) -> bool:
    objects = (pdfium.FPDFText_GetTextObject(textpage, i) for i in index.tolist())
    return len({ctypes.addressof(found.contents) if found else 0 for found in objects}) == 1


def _pieces(glyphs: Glyphs, breaks: Mask) -> _Pieces:
    """Cut the characters at the breaks and sort the pieces into lines: content order is whatever the engine liked."""
    firsts = np.flatnonzero(breaks)
    em = np.maximum.reduceat(glyphs.em, firsts)
    base, turn = glyphs.base[firsts], glyphs.turn[firsts]
    start = np.minimum.reduceat(glyphs.start, firsts)
    line = _lines(base, em, turn)
    order = np.lexsort((start, base, line))
    order = order[np.lexsort((start[order], line[order]))]
    space = glyphs.space[firsts][order]
    same_line = np.diff(line[order], prepend=-1) == 0
    spaced = np.concatenate(([False], space[:-1])) & same_line
    words = ~space
    chosen = order[words]
    ends = np.maximum.reduceat(glyphs.end, firsts)[chosen]
    return _Pieces(
        _texts(glyphs, firsts, chosen),
        start[chosen],
        ends,
        base[chosen],
        em[chosen],
        turn[chosen],
        line[chosen],
        spaced[words],
    )


def _lines(base: Numbers, em: Numbers, turn: Indices) -> Indices:
    """Number the lines on which pieces stand: one begins where the next baseline is too far from the last."""
    order = np.lexsort((base, turn))
    sizes, turns = em[order], turn[order]
    far = np.diff(base[order]) > _SAME_BASELINE * np.minimum(sizes[:-1], sizes[1:])
    line = np.empty(len(order), dtype=np.intp)
    line[order] = np.cumsum(np.concatenate(([False], far | (np.diff(turns) != 0))))
    return line


def _texts(glyphs: Glyphs, firsts: Indices, chosen: Indices) -> list[str]:
    text = glyphs.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    lasts = np.append(firsts[1:], len(glyphs.codes))
    return [text[i:j] for i, j in zip(firsts[chosen].tolist(), lasts[chosen].tolist(), strict=True)]


def _joined(pieces: _Pieces) -> Iterator[_Piece]:
    """Join pieces that touch, and leave out what is drawn twice."""
    columns = (pieces.start, pieces.end, pieces.base, pieces.em, pieces.turn)
    rows = list(map(_Piece, pieces.texts, *(column.tolist() for column in columns)))
    spaced = pieces.spaced.tolist()
    firsts = np.flatnonzero(~_near(pieces)).tolist()
    for first, last in zip(firsts, [*firsts[1:], len(rows)], strict=True):
        if last - first == 1:
            yield rows[first]
        else:
            yield from _chained(list(zip(rows[first:last], spaced[first:last], strict=True)))


def _near(pieces: _Pieces) -> Mask:
    """Tell which pieces may touch or repeat one before them on their line; most do neither."""
    shift = pieces.line * _BEYOND
    reach = np.maximum.accumulate(pieces.end + shift)
    gap = pieces.start[1:] + shift[1:] - reach[:-1]
    near = (np.diff(pieces.line) == 0) & (gap <= _TOUCH * pieces.em.max(initial=0.0))
    return np.concatenate(([False], near))[: len(pieces.texts)]


def _chained(chain: Sequence[tuple[_Piece, bool]]) -> Iterator[_Piece]:
    word: _Piece | None = None
    before: _Piece | None = None
    for piece, spaced in chain:
        if before and _drawn_twice(before, piece):
            continue
        if word and not spaced and _touch(word, piece):
            word = _union(word, piece)
        else:
            if word:
                yield word
            word = piece
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


def _words(pieces: Iterator[_Piece]) -> Iterator[Word]:
    for piece in pieces:
        text = piece.text if piece.text.isascii() else repair(_whole(piece.text))
        if text := text.strip():
            yield Word(text, *_box(piece))


def _whole(text: str) -> str:
    """Put the halves of characters beyond U+FFFF together; half a character is U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _box(piece: _Piece) -> tuple[float, float, float, float]:
    start, end = piece.start, piece.end
    high, low = piece.base - _ASCENT * piece.em, piece.base + _DESCENT * piece.em
    if piece.turn == 0:
        return start, high, end, low
    return ((-low, start, -high, end), (-end, -low, -start, -high), (high, -end, low, -start))[piece.turn - 1]
