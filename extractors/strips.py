"""Where writing stands on a straightened picture: cells of forms and tables, row by row.

Tesseract's own search for text takes the rules of a table for letters and its columns for one word. Here rules are
taken out, what stands together becomes a piece, and the pieces of a row are put side by side on a clean strip, at
the size of type that Tesseract reads best.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.pictures import Straight, ink_of
from extractors.qr_decoders import Grey

_TYPE = 30.0
"""Height in pixels of digits and capitals on a strip."""
_LARGE_TYPE = 40.0
"""The same for a second reading."""
_PACKED = 60.0
"""Length of the strips of a second reading in letter heights."""
_BROKEN = 0.5
"""Space in letter heights within a word that faint printing broke."""
_ONE_LETTER = 0.85
"""Width of a single digit or letter in letter heights, at most."""
_BOXED = 0.25
"""Space on a strip, in letter heights, between digits that stand in boxes."""
_PAD = 8
"""White pixels around a strip."""
_EDGE = 2
"""Pixels around a piece that are taken along: the grey edge of its letters."""
_RULE = 4.0
"""Length in letter heights from which on a stroke is a rule."""
_SIDE = 1.25
"""Least height in letter heights of a box for one digit."""
_CELL_GAP = 0.8
"""Space in letter heights across which ink is joined: that between the words of large type."""
_LINE_GAP = 0.35
"""The same from top to bottom: that between a letter and its dot; lines stand farther apart."""
_WORD_GAP = 0.3
"""Space in heights of its own line that parts two words."""
_BESIDE_DOT = 0.45
"""Space beside a dot or comma in a number, at most."""
_DOT = 0.35
"""Height of a dot or comma."""
_AFTER_ONE = 0.42
"""Space after a 1 in a number, at most: as much as others have between words."""
_DRIFT = 0.1
"""Distance in letter heights before a piece at which no character of it begins."""
_FAINT = 0.04
"""Ink in a row of pixels, as a part of the fullest row's, up to which it is the space between two lines."""
_BOX = 1.5
"""Distance in letter heights within which both sides of the box of a letter are."""
NUMERIC = frozenset("0123456789./:,-")
"""Characters of which numbers, dates and times are made."""
_SPACE = 0.55
"""Least space between pieces on a strip in letter heights, so that it is seen as a space between words."""
_MAX_SPACE = 0.62
"""Largest space between pieces on a strip in letter heights: Tesseract reads letters into wider ones."""


class Piece(NamedTuple):
    """A box of ink on the straightened picture, in pixels: about a word.

    `cell` is the same for those that stand together, with no rule or column gap between them. `middle` is that of the
    box in which a single letter stands.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    cell: int = -1
    middle: float | None = None

    @property
    def height(self) -> int:
        """Height of the ink."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Strip:
    """Pieces side by side: the pixels, where each piece begins (x on the strip), and the scale."""

    image: Grey
    pieces: tuple[Piece, ...]
    starts: tuple[float, ...]
    scale: float

    def piece_at(self, x: float) -> int:
        """Return the index of the piece at or nearest to a place on the strip."""
        index = max(bisect_right(self.starts, x) - 1, 0)
        if index + 1 < len(self.starts) and self.starts[index + 1] - x < x - self._end(index):
            return index + 1
        return index

    def back(self, x: float, index: int) -> float:
        """Return where a place on the strip is on the picture, within one of its pieces."""
        piece = self.pieces[index]
        return min(max(piece.x0 + (x - self.starts[index]) / self.scale, piece.x0), piece.x1)

    def joins(self, before: int, index: int, pair: str, *, space: bool) -> bool:
        """Tell whether a pair of characters that follow each other belong to one word.

        They stand in the pieces `before` and `index`; `space` says that Tesseract saw a space between them.
        """
        numeric = NUMERIC.issuperset(pair)
        if before == index:
            return not space or (numeric and pair[0] == "1")
        a, b = self.pieces[before], self.pieces[index]
        gap = (b.x0 - a.x1) / max(a.height, b.height)
        if index != before + 1 or a.cell != b.cell:
            return False
        return gap < _AFTER_ONE if numeric and pair[0] == "1" else gap < _BROKEN and not space

    def drifted(self, x: float, before: int, index: int) -> bool:
        """Tell whether a character that begins at `x` and seems to stand in a piece is the end of the one before."""
        return (
            index == before + 1 and x < self.starts[index] - _DRIFT * self.scale * self.pieces[index].height
        )

    def _end(self, index: int) -> float:
        piece = self.pieces[index]
        return self.starts[index] + (piece.x1 - piece.x0) * self.scale


@dataclass(frozen=True, slots=True)
class Rows:
    """The writing of a picture: the picture without rules, and its rows from top to bottom, each on a strip."""

    clean: Grey
    strips: tuple[Strip, ...]

    def packed(self, pieces: Sequence[Piece]) -> Iterator[tuple[Strip, list[int]]]:
        """Put pieces of any rows on few long strips, larger than before; yield them with the pieces' indices."""
        order = sorted(range(len(pieces)), key=lambda n: pieces[n].height)
        line: list[int] = []
        width = 0.0
        for index in order:
            piece = pieces[index]
            line.append(index)
            width += (piece.x1 - piece.x0) / piece.height + _MAX_SPACE
            if width > _PACKED:
                yield _level_strip(self.clean, [pieces[n] for n in line]), line
                line, width = [], 0.0
        if line:
            yield _level_strip(self.clean, [pieces[n] for n in line]), line


def find_rows(straight: Straight) -> Rows:
    """Find the rows of writing of a straightened picture."""
    ink = ink_of(straight.image, _block(straight.letter))
    rules, uprights = _rules(ink, straight.letter)
    clean = straight.image.copy()
    clean[rules > 0] = 255
    ink[rules > 0] = 0
    pieces = _pieces(ink, uprights, straight.letter)
    return Rows(clean, tuple(_strip(clean, row) for row in _rows(pieces)))


def _block(letter: float) -> int:
    return max(15, int(2.5 * letter)) | 1


def _rules(ink: Grey, letter: float) -> tuple[Grey, Grey]:
    """Return the rules of tables and boxes, a little widened, and the upright ones alone.

    A rule is longer than any stroke of a letter, or it is an upright between such rules, or a side of a box.
    """
    level = _opened(ink, int(_RULE * letter), 1)
    upright = _opened(ink, 1, int(_RULE * letter))
    upright |= _touching(_opened(ink, 1, int(_SIDE * letter)), level)
    rules = cv2.dilate(level | upright, np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
    boxes = _boxes(ink & ~rules, letter)
    return rules | boxes, upright | boxes


def _opened(ink: Grey, width: int, height: int) -> Grey:
    kernel = np.ones((height, width), np.uint8)
    return cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel).astype(np.uint8, copy=False)


def _touching(strokes: Grey, rules: Grey) -> Grey:
    """Return those strokes that touch a rule."""
    count, labels = cv2.connectedComponents(strokes, connectivity=8)
    near = cv2.dilate(rules, np.ones((5, 5), np.uint8))
    touched = np.zeros(count, dtype=np.uint8)
    touched[labels[near > 0]] = 255
    touched[0] = 0
    return np.asarray(touched[labels], dtype=np.uint8)


def _boxes(ink: Grey, letter: float) -> Grey:
    """Return the sides of boxes that stand alone, as those for one digit or a cross do."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    result = np.zeros_like(ink)
    side = max(3, int(0.25 * letter))
    sizes = stats[:, 2:4].min(axis=1)
    for label in np.flatnonzero((sizes >= _SIDE * letter) & (sizes <= 8 * letter)):
        x, y, width, height, _ = (int(value) for value in stats[label])
        part = np.s_[y : y + height, x : x + width]
        own = labels[part] == label
        if label and _is_box(own, side):
            frame = own.copy()
            frame[side:-side, side:-side] = False
            grown = cv2.dilate(frame.astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
            result[part] |= grown.astype(np.uint8, copy=False)
    return result


def _is_box(ink: NDArray[np.bool_], side: int) -> bool:
    """Tell whether ink runs along all four sides of its bounds."""
    sides = (
        ink[:side].any(axis=0),
        ink[-side:].any(axis=0),
        ink[:, :side].any(axis=1),
        ink[:, -side:].any(axis=1),
    )
    return all(float(covered.mean()) > 0.9 for covered in sides) and float(ink.mean()) < 0.6


def _pieces(ink: Grey, uprights: Grey, letter: float) -> list[Piece]:
    """Join ink that stands together, never across an upright rule, and part it again between lines and words."""
    kernel = np.ones((int(_LINE_GAP * letter) | 1, int(_CELL_GAP * letter) | 1), np.uint8)
    joined = cv2.dilate(ink, kernel)
    joined[uprights > 0] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found: list[Piece] = []
    for label in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[label])
        part = np.s_[y : y + height, x : x + width]
        own = (labels[part] == label) & (ink[part] > 0)
        for top, bottom in _lines(own, letter):
            found.extend(_words(own[top:bottom], (x, y + top), label, letter))
    return [_boxed(piece, uprights) for piece in found]


def _lines(ink: NDArray[np.bool_], letter: float) -> list[tuple[int, int]]:
    """Part lines that stand so close that their ink was joined, as in the heads of tables."""
    profile = ink.sum(axis=1)
    rows = np.flatnonzero(profile)
    if not len(rows) or rows[-1] - rows[0] < 1.7 * letter:
        return [(0, len(ink))]
    cuts = [int(rows[0])]
    empty = profile <= _FAINT * profile.max()
    for row in np.flatnonzero(empty & ~np.roll(empty, 1)):
        parts = profile[cuts[-1] : row], profile[row:]
        if all(len(part) > 0.6 * letter and part.sum() > 0.2 * profile.sum() for part in parts):
            cuts.append(int(row))
    return list(pairwise((*cuts, len(ink))))


def _words(ink: NDArray[np.bool_], corner: tuple[int, int], cell: int, letter: float) -> list[Piece]:
    """Part joined ink where there is a space between words; leave out specks and pictures."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows) or ink.sum() < 0.1 * letter**2:
        return []
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    if not 0.45 * letter <= bottom - top <= 5 * letter:
        return []
    gaps = np.array(
        [n for n in _gaps(columns, bottom - top) if not _at_dot(ink, columns[n : n + 2])], dtype=int
    )
    starts, ends = columns[np.r_[0, gaps + 1]], columns[np.r_[gaps, len(columns) - 1]] + 1
    x, y = corner
    return [
        Piece(x + int(a), y + top, x + int(b), y + bottom, cell) for a, b in zip(starts, ends, strict=True)
    ]


def _gaps(columns: NDArray[np.intp], height: int) -> NDArray[np.intp]:
    return np.flatnonzero(np.diff(columns) > _WORD_GAP * height)


def _at_dot(ink: NDArray[np.bool_], gap: NDArray[np.intp]) -> bool:
    """Tell whether a gap, given by the columns of ink beside it, is no wider than beside a dot, and a dot is there."""
    rows = np.flatnonzero(ink.any(axis=1))
    height = int(rows[-1] - rows[0]) + 1
    reach = max(2, height // 8)
    left, right = (int(column) for column in gap)
    if right - left > _BESIDE_DOT * height:
        return False
    sides = ink[:, max(0, left - reach) : left + 1], ink[:, right : right + reach]
    return any(np.ptp(np.flatnonzero(side.any(axis=1))) < _DOT * height for side in sides)


def _boxed(piece: Piece, uprights: Grey) -> Piece:
    """Add to a single letter the middle of the box that it stands in, if it does."""
    reach = int(_BOX * piece.height)
    row = uprights[(piece.y0 + piece.y1) // 2]
    left = np.flatnonzero(row[max(0, piece.x0 - reach) : piece.x0])
    right = np.flatnonzero(row[piece.x1 : piece.x1 + reach])
    if piece.x1 - piece.x0 > _ONE_LETTER * piece.height or not len(left) or not len(right):
        return piece
    return piece._replace(middle=(max(0, piece.x0 - reach) + int(left[-1]) + piece.x1 + int(right[0])) / 2)


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Put pieces that stand side by side and are alike in height into rows."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.y0 + p.y1):
        row = next((row for row in reversed(rows[-16:]) if _fits(piece, row)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    return [sorted(row) for row in rows]


def _fits(piece: Piece, row: Sequence[Piece]) -> bool:
    apart = [max(other.x0 - piece.x1, piece.x0 - other.x1) for other in row]
    nearest = row[int(np.argmin(apart))]
    overlap = min(nearest.y1, piece.y1) - max(nearest.y0, piece.y0)
    small, large = sorted((nearest.height, piece.height))
    return min(apart) > 0 and overlap > 0.6 * small and large < 2.2 * small


def _strip(clean: Grey, row: Sequence[Piece]) -> Strip:
    """Put the pieces of a row on a strip, at the heights at which they stand."""
    height = float(np.median([piece.height for piece in row]))
    scale = _TYPE / height
    starts = [float(_PAD)]
    for before, piece in pairwise(row):
        space = _space(before, piece, height)
        starts.append(starts[-1] + (before.x1 - before.x0 + space) * scale)
    top, bottom = min(piece.y0 for piece in row), max(piece.y1 for piece in row)
    width = starts[-1] + (row[-1].x1 - row[-1].x0) * scale
    image = np.full((int((bottom - top) * scale) + 2 * _PAD + 4, int(width) + 2 * _PAD), 255, np.uint8)
    for piece, start in zip(row, starts, strict=True):
        _paste(image, clean, piece, (start, _PAD + (piece.y0 - top) * scale), scale)
    return Strip(image, tuple(row), tuple(starts), scale)


def _space(before: Piece, piece: Piece, height: float) -> float:
    """Return the space that two neighbours get on a strip; digits in boxes stand like those of a number."""
    if piece.cell == before.cell:
        return min(max(piece.x0 - before.x1, _SPACE * height), _MAX_SPACE * height)
    boxed = max(piece.x1 - piece.x0, before.x1 - before.x0) < _ONE_LETTER * height
    return (_BOXED if boxed else _MAX_SPACE) * height


def _level_strip(clean: Grey, pieces: Sequence[Piece]) -> Strip:
    """Put pieces from anywhere on a strip, on one base line."""
    height = float(np.median([piece.height for piece in pieces]))
    scale = _LARGE_TYPE / height
    widths = [(piece.x1 - piece.x0 + _MAX_SPACE * height) * scale for piece in pieces]
    starts = [_PAD + sum(widths[:index]) for index in range(len(pieces))]
    tallest = max(piece.height for piece in pieces)
    image = np.full((int(tallest * scale) + 2 * _PAD + 4, int(_PAD + sum(widths)) + _PAD), 255, np.uint8)
    for piece, start in zip(pieces, starts, strict=True):
        _paste(image, clean, piece, (start, _PAD + (tallest - piece.height) * scale), scale)
    return Strip(image, tuple(pieces), tuple(starts), scale)


def _paste(image: Grey, clean: Grey, piece: Piece, place: tuple[float, float], scale: float) -> None:
    left, top = min(_EDGE, piece.x0), min(_EDGE, piece.y0)
    part = clean[piece.y0 - top : piece.y1 + _EDGE, piece.x0 - left : piece.x1 + _EDGE]
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    scaled = cv2.resize(part, None, fx=scale, fy=scale, interpolation=method)
    row, column = max(0, round(place[1] - top * scale)), max(0, round(place[0] - left * scale))
    target = image[row : row + scaled.shape[0], column : column + scaled.shape[1]]
    np.minimum(target, scaled[: target.shape[0], : target.shape[1]], out=target)
