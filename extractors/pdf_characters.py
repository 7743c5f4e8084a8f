"""A page's characters from PDFium, as arrays: what they say, where each stands, and in which direction it is read.

A page has some 3,000 characters. For each only its code and its box are asked; size, direction and baseline are asked
once for a row of characters whose boxes have the same height and place.
"""

import ctypes
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.pdfium import INT, Writer, handle_of, pdfium, quick_function

_OBLIQUE = 10.0
"""Degrees off the page's axes from which text is a watermark or a stamp, and no line of a paper."""
_UNREADABLE = 0xFFFD
_HYPHEN_CODES = frozenset((0x02, 0xFFFE))
"""What PDFium puts for a hyphen at the end of a line."""
_SOFT_HYPHEN = 0xAD
_LAST_OF_PLANE = 0xFFFE
"""From here on codes need a look: those of no character, and beyond them characters of other planes."""
_WHITE = (0x09, 0x0A, 0x0C, 0x0D)
"""Control characters that stand for a space."""
_IS_SPACE = np.array([chr(code).isspace() for code in range(0x3002)])
"""For each code point, the last one standing for all beyond it, whether it is white space."""

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
class Glyphs:
    """The drawn characters of a page, upright or turned by quarters, in content order.

    `codes` are Unicode code points (UTF-16 halves where PDFium gives them). `start`, `end` (along the line) and `base`
    (across it) are coordinates in the direction in which each is read; `turn` is that direction in quarter turns
    clockwise, `em` in points. `index` is PDFium's number of the character; `hinted` tells before which ones PDFium
    supposes a space that is not drawn.
    """

    codes: NDArray[np.uint32]
    start: Numbers
    end: Numbers
    base: Numbers
    em: Numbers
    turn: Indices
    index: Indices
    hinted: Mask

    @property
    def space(self) -> Mask:
        """Which of the characters are white space."""
        return _IS_SPACE[np.minimum(self.codes, len(_IS_SPACE) - 1)]


@dataclass(frozen=True, slots=True)
class _Type:
    """How characters are set: direction (a, b), em by the font's own size, and origin in PDF space; one row each."""

    a: Numbers
    b: Numbers
    size: Numbers
    x: Numbers
    y: Numbers

    def taken(self, rows: Indices) -> "_Type":
        return _Type(self.a[rows], self.b[rows], self.size[rows], self.x[rows], self.y[rows])

    def put(self, rows: Indices, other: "_Type") -> None:
        for name in ("a", "b", "size", "x", "y"):
            getattr(self, name)[rows] = getattr(other, name)


_UNITS = ctypes.POINTER(ctypes.c_ushort)
_code = quick_function("FPDFText_GetUnicode", ctypes.c_uint)
_loose_box = Writer(quick_function("FPDFText_GetLooseCharBox", INT), np.float32, 4)
_matrix = Writer(quick_function("FPDFText_GetMatrix", INT), np.float32, 6)
_origin = Writer(quick_function("FPDFText_GetCharOrigin", INT), np.float64, 2, 2)
_is_generated = quick_function("FPDFText_IsGenerated", INT)
_is_hyphen = quick_function("FPDFText_IsHyphen", INT)
_size = quick_function("FPDFText_GetFontSize", ctypes.c_double)


def read_glyphs(textpage: Any, frame: PageFrame) -> Glyphs:
    """Read the characters of a PDFium text page; a glyph without a Unicode value is U+FFFD, so that it is missed.

    Text in other directions than upright and quarter turns (watermarks) is left out.
    """
    handle = handle_of(textpage)
    codes = _codes(textpage, handle)
    index = np.flatnonzero(_name_odd_ones(handle, codes))
    boxes = _asked_of(_loose_box, handle, index)
    types = _types(handle, index, boxes)
    (start, end, base, em), turn, keep = _places(frame, boxes, types)
    hinted = np.diff(index, prepend=-1) > 1
    return Glyphs(codes[index][keep], start, end, base, em, turn, index[keep], hinted[keep])


def _codes(textpage: Any, handle: Any) -> NDArray[np.uint32]:
    """Read the codes of all characters: all at once where PDFium gives as many units as there are characters."""
    count = max(pdfium.FPDFText_CountChars(textpage), 0)
    units = np.zeros(count + 1, dtype=np.uint16)
    if pdfium.FPDFText_GetText(textpage, 0, count, units.ctypes.data_as(_UNITS)) == count + 1:
        return units[:count].astype(np.uint32)
    return np.fromiter(map(_code, repeat(handle), range(count)), dtype=np.uint32, count=count)


def _name_odd_ones(handle: Any, codes: NDArray[np.uint32]) -> Mask:
    """Replace control characters by what they stand for; return which characters are drawn at all."""
    drawn = np.ones(len(codes), dtype=np.bool_)
    odd = np.flatnonzero((codes <= ord(" ")) | (codes == _SOFT_HYPHEN) | (codes >= _LAST_OF_PLANE))
    made_up = map(_is_generated, repeat(handle), odd.tolist())
    drawn[odd] = np.fromiter(made_up, dtype=np.intc, count=len(odd)) != 1
    codes[odd[np.isin(codes[odd], _WHITE)]] = ord(" ")
    for i in odd[drawn[odd] & (codes[odd] != ord(" "))].tolist():
        codes[i] = _drawn_code(handle, i, int(codes[i]))
    return drawn


def _drawn_code(handle: Any, index: int, code: int) -> int:
    if code == _SOFT_HYPHEN or (code in _HYPHEN_CODES and _is_hyphen(handle, index) == 1):
        return ord("-")
    return code if _LAST_OF_PLANE + 1 < code <= 0x10FFFF else _UNREADABLE


def _asked_of(writer: Writer, handle: Any, index: Indices) -> Numbers:
    """Return what a function of a text page writes for each character."""
    return writer.rows([handle] * len(index), index.tolist()).astype(np.float64)


def _types(handle: Any, index: Indices, boxes: Numbers) -> _Type:
    """Return how every character is set, asked once for each row of characters of one height and place.

    Letters of one line and font have the same upper and lower edge, on a page lying on its side the same left and
    right one. A row that proves to run the other way is asked character by character.
    """
    if not len(index):
        return _asked(handle, index)
    level, steep = (np.all(np.diff(boxes[:, edges], axis=0) == 0, axis=1) for edges in ((1, 3), (0, 2)))
    on_its_side = int(steep.sum()) > int(level.sum())
    new_row = np.concatenate(([True], ~(steep if on_its_side else level)))
    row = np.cumsum(new_row) - 1
    rows = _asked(handle, index[new_row])
    types = rows.taken(row)
    other_way = (np.abs(types.b) > np.abs(types.a)) != on_its_side
    wrong = np.flatnonzero(other_way & (np.bincount(row)[row] > 1))
    if len(wrong):
        types.put(wrong, _asked(handle, index[wrong]))
    return types


def _asked(handle: Any, index: Indices) -> _Type:
    matrix = _asked_of(_matrix, handle, index)
    origin = _asked_of(_origin, handle, index)
    size = np.fromiter(map(_size, repeat(handle), index.tolist()), dtype=np.float64, count=len(index))
    a, b, c, d = matrix[:, :4].T.copy()
    return _Type(a, b, size * np.hypot(c, d), origin[:, 0].copy(), origin[:, 1].copy())


def _places(frame: PageFrame, boxes: Numbers, types: _Type) -> tuple[Numbers, Indices, Mask]:
    """Turn boxes and origins to the page as shown and to the direction in which each character is read.

    Returns start, end, base and em of `Glyphs` as four rows, their turn, and which characters these are: those that
    have a sound place on the page.
    """
    left, top, right, bottom = boxes.T  # the order of FS_RECTF
    x0, y0 = frame.shown(left, bottom)
    x1, y1 = frame.shown(right, top)
    along, across = frame.shown(types.x, types.y)
    angle = np.degrees(np.arctan2(-types.b, types.a)) + 90 * frame.turns
    turn = np.rint(angle / 90).astype(np.intp)
    upright = np.abs(angle - 90 * turn) <= _OBLIQUE
    turn %= 4
    low_x, high_x = np.minimum(x0, x1), np.maximum(x0, x1)
    low_y, high_y = np.minimum(y0, y1), np.maximum(y0, y1)
    em = _em(types.size, np.where(turn % 2, high_x - low_x, high_y - low_y))
    sound = np.isfinite(boxes).all(axis=1) & np.isfinite(em + along + across + angle)
    start = np.choose(turn, (low_x, low_y, -high_x, -high_y))
    end = np.choose(turn, (high_x, high_y, -low_x, -low_y))
    base = np.choose(turn, (across, -along, -across, along))
    keep: Mask = upright & (em > 0) & sound
    return np.stack((start, end, base, em))[:, keep], turn[keep], keep


def _em(size: Numbers, box: Numbers) -> Numbers:
    """Return the size of type; where a font's own size says nothing (Type 3), the height of the box."""
    sound = (size >= box / 2.5) & (size <= box * 2.5)
    return np.where(sound | (box <= 0), size, box)
