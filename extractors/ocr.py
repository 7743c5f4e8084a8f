"""Text of a picture: straightened, cut into lines, read by Tesseract, its numbers read twice.

Where the engine or its Turkish data are missing `why_not` says which, and `read_picture` must not be called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from extractors.pictures import Matrix, Straight, half_turned, has_detail, mirrored, moved, straighten
from extractors.qr_decoders import Corners, Grey
from extractors.second_look import checked
from extractors.strips import Piece, Rows, Strip, find_rows
from extractors.tesseract import Symbol, read_line, why_not
from extractors.words import Word

__all__ = ["PictureText", "available", "mean_confidence", "read_picture", "why_not"]

LEGIBLE = 0.35
"""Mean confidence of a picture's words below which nothing on it can be called read."""
_SURE = 0.75
"""Mean confidence of the sample from which on no other orientation need be tried."""
_SAMPLE = 4
"""Lines, the longest ones, by which orientations are compared."""
_LETTER = 0.5
"""Least confidence of a letter or mark that stands alone."""
_POINT = 4.3
"""Height of digits and capitals of 6 pt type in points: the unit of `PictureText.upright`."""

_Turn: TypeAlias = Callable[[Straight], Straight]
_Lines: TypeAlias = dict[int, list[Symbol]]
"""What was read of some strips, by their index."""


@dataclass(frozen=True, slots=True)
class PictureText:
    """The words of a picture, in two systems of coordinates.

    `words` have upright boxes in pixels of the picture given. `upright` are the same words in the same order on the
    straightened picture (turned, deskewed, perspective undone) of `width` and `height`, in the points that it would
    measure if its commonest type were 6 pt: what the layout engine needs. `back` is the 3x3 matrix from there to the
    pixels of the picture given. `turns` is the number of quarter turns clockwise by which it was turned to be read.
    """

    words: tuple[Word, ...]
    turns: int
    upright: tuple[Word, ...]
    width: float
    height: float
    back: Matrix = field(compare=False)


def available() -> bool:
    """Tell whether Tesseract and its Turkish data can be used on this machine."""
    return why_not() is None


def read_picture(image: Grey, corners: Sequence[Corners] = ()) -> PictureText | None:
    """Return the words of a grey picture (uint8, height x width) of a paper, or None where nothing legible is on it.

    `corners` are those of the QR codes found on it, if any (4x2, pixels). Raises FileNotFoundError or ImportError
    where OCR is not `available`.
    """
    straight = straighten(image, corners)
    if straight is None:
        return None
    rows = find_rows(straight)
    first = _orientation(rows)
    if first is None:
        return None
    turn, lines = first
    if turn is not _as_is:
        straight = turn(straight)
        rows, lines = find_rows(straight), {}
    read = [
        _words(strip, lines.get(index) or read_line(strip.image)) for index, strip in enumerate(rows.strips)
    ]
    if mean_confidence([word for line in read for word in line]) < LEGIBLE:
        return None
    native = _native(straight) * (1.0 if has_detail(image) else 0.5)
    return _text(checked(read, rows, native), straight, image.shape)


def _text(words: Sequence[Word], straight: Straight, shape: tuple[int, ...]) -> PictureText:
    unit = _POINT / straight.letter
    height, width = straight.image.shape
    upright = tuple(
        Word(w.text, w.x0 * unit, w.y0 * unit, w.x1 * unit, w.y1 * unit, w.confidence) for w in words
    )
    given = tuple(_placed(word, straight.back, shape) for word in words)
    back = straight.back @ np.diag([1 / unit, 1 / unit, 1.0])
    return PictureText(given, straight.turns, upright, width * unit, height * unit, back)


def _placed(word: Word, back: Matrix, shape: tuple[int, ...]) -> Word:
    """Put the upright box around a word on the picture given."""
    box = np.array([(word.x0, word.y0), (word.x1, word.y0), (word.x1, word.y1), (word.x0, word.y1)])
    corners = moved(box, back)
    x, y = corners[:, 0].clip(0, shape[1]), corners[:, 1].clip(0, shape[0])
    return replace(word, x0=float(x.min()), y0=float(y.min()), x1=float(x.max()), y1=float(y.max()))


def _native(straight: Straight) -> float:
    """Return how many pixels of the picture given one pixel of the straightened one is high, in its middle."""
    height, width = straight.image.shape
    ends = moved(np.array([(width / 2, height / 2), (width / 2, height / 2 + 10)]), straight.back)
    return float(np.linalg.norm(ends[1] - ends[0])) / 10


def _as_is(straight: Straight) -> Straight:
    return straight


def _over(straight: Straight) -> Straight:
    return half_turned(mirrored(straight))


_ORIENTATIONS: tuple[tuple[_Turn, int, int], ...] = (
    (_as_is, 1, 1),
    (half_turned, -1, -1),
    (mirrored, 1, -1),
    (_over, -1, 1),
)
"""Ways to turn a picture, and the steps down and right in which a line's pixels must be read to see it so."""


def _orientation(rows: Rows) -> tuple[_Turn, _Lines] | None:
    """Return how the picture must be turned for its longest lines to be read best, and these as read that way.

    None where none can be read.
    """
    order = sorted(range(len(rows.strips)), key=lambda n: -rows.strips[n].image.shape[1])[:_SAMPLE]
    best, chosen = LEGIBLE / 2, None
    for turn, down, right in _ORIENTATIONS:
        lines = {n: read_line(rows.strips[n].image[::down, ::right]) for n in order}
        score = mean_confidence([word for n in order for word in _words(rows.strips[n], lines[n])])
        if score > best:
            best, chosen = score, (turn, lines)
        if best > _SURE:
            break
    return chosen


def mean_confidence(words: Sequence[Word]) -> float:
    """Return the mean confidence of some words by character, 0 without words."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0


def _words(strip: Strip, symbols: Sequence[Symbol]) -> list[Word]:
    """Join characters to words: Tesseract's where it sees a space, ours where the pieces stand apart."""
    found: list[Word] = []
    before = -1
    for symbol in symbols:
        index = strip.piece_at((symbol.x0 + symbol.x1) / 2)
        if found and not symbol.begins and strip.drifted(symbol.x0, before, index):
            index = before
        piece = strip.pieces[index]
        x0, x1 = strip.back(symbol.x0, index), strip.back(symbol.x1, index)
        pair = found[-1].text[-1] + symbol.text if found else ""
        if found and strip.joins(before, index, pair, space=symbol.begins):
            found[-1] = _longer(found[-1], symbol, x1, piece)
        else:
            if piece.middle is not None:
                x0, x1 = piece.middle - (x1 - x0) / 2, piece.middle + (x1 - x0) / 2
            found.append(Word(symbol.text, x0, piece.y0, x1, piece.y1, symbol.confidence))
        before = index
    return [word for word in found if not _is_speck(word)]


def _is_speck(word: Word) -> bool:
    """Tell a speck or the rest of a rule that was read as a letter."""
    return len(word.text) == 1 and not word.text.isdecimal() and word.confidence < _LETTER


def _longer(word: Word, symbol: Symbol, x1: float, piece: Piece) -> Word:
    return Word(
        word.text + symbol.text,
        word.x0,
        min(word.y0, piece.y0),
        max(word.x1, x1),
        max(word.y1, piece.y1),
        min(word.confidence, symbol.confidence),
    )
