"""Straightening pictures of papers: turned upright, perspective and skew undone, light made even, type made one size.

Everything is decided from the picture: the page's edge where it shows, the rules of its forms, and its letters. One
matrix collects what was decided, so that pixels are interpolated once and every place can be found again on the
picture that was uploaded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.qr_decoders import Corners, Grey

Matrix: TypeAlias = NDArray[np.float64]
"""Homography, 3x3: takes points (x, y, 1) of one picture to another."""
Points: TypeAlias = NDArray[np.float64]
"""Points, shape (n, 2)."""

MAX_PIXELS = 9_000_000
"""Pixels of a picture that is worked on: A4 at 300 dpi. A phone's 40 megapixels hold no more writing."""
LETTER = 16.0
"""Height in pixels that digits and capitals have on a straightened picture: 6 pt type at 270 dpi."""
_MAX_SCALE = 3.0
"""Letters of 5 pixels are the smallest that can be read at all."""
_SMALL = 1000
"""Pixels of the longer side at which the page's edge is looked for."""
_PAGE_SHARE = 0.3
"""Part of the picture that a page's outline must cover."""
_WHOLE = 0.97
"""Part from which on the page fills the picture, and its outline is that of the picture."""
_THRESHOLDS = (1.15, 1.0, 0.85, 0.7, 0.6, 0.5)
"""Brightness of a page's darkest part, in parts of Otsu's threshold."""
_EDGE_CONTRAST = 20.0
"""Grey levels by which a page must be brighter than its ground along each side."""
_BESIDE = 8.0
"""Pixels beside a side at which it is compared."""
_GRAIN = 0.5
"""Pixels over which a picture is smoothed before ink is told from paper."""
_INK = 0.15
"""Part of the difference between paper and ink by which ink must be darker than its surroundings."""
_LOOK = 2000
"""Pixels a side of the part in the middle whose detail is looked at."""
_DETAIL = 0.055
"""What ink loses when a picture is halved, as a part of its contrast: scans 0.08 to 0.2, blown up ones under 0.05."""
_MAX_SKEW = 17.0
"""Degrees up to which a page may be turned out of the upright."""
_FEW_LETTERS = 12
"""Letters without which a picture holds no paper."""
_MAX_LETTERS = 6000
_SAMPLE = 500
"""Letters of which the neighbour is looked for."""


@dataclass(frozen=True, slots=True)
class Straight:
    """A straightened picture, and the matrix from its pixels back to those of the picture given.

    `turns` are the quarter turns clockwise that were made, `letter` is the height of digits and capitals in pixels.
    """

    image: Grey
    back: Matrix
    turns: int
    letter: float


def straighten(image: Grey, corners: Sequence[Corners] = ()) -> Straight | None:
    """Straighten a picture of a paper; None where it shows no writing.

    `corners` are those of the QR codes on it: they are painted over, since their modules look like letters. Whether
    the paper stands on its head the picture does not tell: see `half_turned`.
    """
    work, forth = _shrunk(image, MAX_PIXELS)
    work = _without_codes(work, [moved(quad, forth) for quad in corners])
    outline = page_outline(work)
    if outline is not None:
        flat = _flattening(outline)
        work, forth = _warped(work, flat), flat.matrix @ forth
    work = even_light(work)
    letters = find_letters(work)
    if len(letters.middles) < _FEW_LETTERS:
        return None
    turns = 1 if _stands_sideways(letters.middles, letters.height) else 0
    upright = _turned(work.shape, turns)
    skew = _skew(moved(letters.middles, upright.matrix), letters.height)
    scale = min(LETTER / letters.height, _MAX_SCALE)
    final = _rotated(upright, skew, scale)
    final = _within(final, MAX_PIXELS)
    straight = _warped(work, final)
    back = np.linalg.inv(final.matrix @ forth)
    return Straight(straight, back / back[2, 2], turns, letters.height * scale)


def half_turned(straight: Straight) -> Straight:
    """Return the picture turned by another 180 degrees."""
    height, width = straight.image.shape
    over = np.array([[-1.0, 0, width], [0, -1.0, height], [0, 0, 1.0]])
    image = np.ascontiguousarray(straight.image[::-1, ::-1])
    return Straight(image, straight.back @ over, (straight.turns + 2) % 4, straight.letter)


def mirrored(straight: Straight) -> Straight:
    """Return the picture as a mirror shows it: front cameras store pages that way."""
    width = straight.image.shape[1]
    over = np.array([[-1.0, 0, width], [0, 1.0, 0], [0, 0, 1.0]])
    return Straight(
        np.ascontiguousarray(straight.image[:, ::-1]), straight.back @ over, straight.turns, straight.letter
    )


@dataclass(frozen=True, slots=True)
class _Warp:
    """A matrix and the size (width, height) of the picture that it leads to."""

    matrix: Matrix
    size: tuple[int, int]


def _warped(image: Grey, warp: _Warp) -> Grey:
    shrinks = abs(np.linalg.det(warp.matrix[:2, :2])) < 0.5
    source, matrix = image, warp.matrix
    if shrinks:  # averaged first: cubic interpolation alone would leave pixels out
        half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        source, matrix = half.astype(np.uint8, copy=False), matrix @ np.diag([2.0, 2.0, 1.0])
    result = cv2.warpPerspective(source, matrix, warp.size, flags=cv2.INTER_CUBIC, borderValue=255.0)
    return result.astype(np.uint8, copy=False)


def moved(points: NDArray[np.floating[Any]], matrix: Matrix) -> Points:
    """Return where a matrix takes some points."""
    moved = cv2.perspectiveTransform(np.asarray(points, dtype=np.float64).reshape(-1, 1, 2), matrix)
    return np.asarray(moved, dtype=np.float64).reshape(-1, 2)


def _shrunk(image: Grey, pixels: int) -> tuple[Grey, Matrix]:
    scale = (pixels / image.size) ** 0.5
    if scale >= 1:
        return image, np.eye(3)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False), np.diag(
        [small.shape[1] / image.shape[1], small.shape[0] / image.shape[0], 1.0]
    )


def _without_codes(image: Grey, quads: Sequence[Points]) -> Grey:
    if not quads:
        return image
    result = image.copy()
    for quad in quads:
        middle = quad.mean(axis=0)
        area = (middle + (quad - middle) * 1.06).round().astype(np.int32)
        inside = cv2.mean(image, cv2.fillConvexPoly(np.zeros_like(image), area, 255))[0]
        cv2.fillConvexPoly(result, area, min(255.0, inside * 1.6))
    return result


def page_outline(image: Grey) -> Points | None:
    """Return the corners of a bright page on a darker ground, clockwise from the top left; None where none shows.

    A shadow on the page makes every single threshold doubtful: several are tried, and that outline is taken along
    all of whose sides the page is brighter than the ground.
    """
    small, forth = _shrunk(image, _SMALL * _SMALL)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    grey = np.asarray(cv2.medianBlur(closed, 7), dtype=np.uint8)
    middle, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    quads = [quad for share in _THRESHOLDS if (quad := _outline_at(grey, share * middle)) is not None]
    best = max(quads, key=lambda quad: _contrast(grey, quad), default=None)
    if best is None or _contrast(grey, best) < _EDGE_CONTRAST:
        return None
    return moved(best, np.asarray(np.linalg.inv(forth), dtype=np.float64))


def _outline_at(grey: Grey, threshold: float) -> Points | None:
    _, bright = cv2.threshold(grey, threshold, 255, cv2.THRESH_BINARY)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea, default=None)
    quad = None if largest is None else _quadrilateral(largest)
    if quad is None or largest is None:
        return None
    area = cv2.contourArea(quad.astype(np.float32))
    if not _PAGE_SHARE * grey.size < area < _WHOLE * grey.size or cv2.contourArea(largest) < 0.9 * area:
        return None
    return _clockwise(quad)


def _quadrilateral(contour: cv2.typing.MatLike) -> Points | None:
    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, closed=True)
    for share in (0.01, 0.02, 0.03, 0.05):
        corners = cv2.approxPolyDP(hull, share * length, closed=True)
        if len(corners) == 4:
            return np.asarray(corners, dtype=np.float64).reshape(4, 2)
    return None


def _contrast(grey: Grey, quad: Points) -> float:
    """Return by how much the page is brighter than the ground, in grey levels, on that side where it is least."""
    inwards = quad.mean(axis=0) - (quad + np.roll(quad, -1, axis=0)) / 2
    inwards *= _BESIDE / np.linalg.norm(inwards, axis=1, keepdims=True)
    along = np.linspace(0.05, 0.95, 50)[:, None]
    sides = []
    for start, end, step in zip(quad, np.roll(quad, -1, axis=0), inwards, strict=True):
        line = start + along * (end - start)
        sides.append(float(np.percentile(_at(grey, line + step) - _at(grey, line - step), 25)))
    return min(sides)


def _at(grey: Grey, points: Points) -> Points:
    """Return the grey levels at some points; outside the picture, those of its edge."""
    height, width = grey.shape
    x, y = points.round().astype(int).T
    return np.asarray(grey[y.clip(0, height - 1), x.clip(0, width - 1)], dtype=np.float64)


def _clockwise(quad: Points) -> Points:
    """Order corners clockwise, the one nearest to the top left first."""
    middle = quad.mean(axis=0)
    around = quad[np.argsort(np.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0]))]
    return np.roll(around, -int(np.argmin(around.sum(axis=1))), axis=0)


def _flattening(outline: Points) -> _Warp:
    """The warp that makes a rectangle of the page's outline."""
    sides = np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1)
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(outline.astype(np.float32), target)
    return _Warp(np.asarray(matrix, dtype=np.float64), (round(width), round(height)))


def even_light(image: Grey) -> Grey:
    """Divide a picture by its own ground, so that paper is white under shadows and on grey recycled sheets."""
    scale = min(1.0, 600 / max(image.shape))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(cv2.dilate(small, np.ones((7, 7), np.uint8)), 21)
    ground = cv2.GaussianBlur(ground, (0, 0), 5)
    large = cv2.resize(ground, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(image, large, scale=255.0), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Letters:
    """What looks like letters: their middles, and the height that most digits and capitals have."""

    middles: Points
    height: float


def ink_of(image: Grey, block: int = 41) -> Grey:
    """Return 255 where an evenly lit picture is clearly darker than its surroundings, 0 elsewhere.

    Clearly: by a part of what its darkest hundredth is darker than its paper, so that the grain of grey paper is none.
    """
    smooth = cv2.GaussianBlur(image, (0, 0), _GRAIN)
    paper, dark = np.percentile(smooth[::4, ::4], (60, 1))
    darker = float(np.clip(_INK * (paper - dark), 12, 40))
    ink = cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, darker)
    return ink.astype(np.uint8, copy=False)


def has_detail(image: Grey) -> bool:
    """Tell whether a picture holds more than one of half its size would: not where it is blurred or was blown up."""
    height, width = (min(side, _LOOK) for side in image.shape)
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    part = np.ascontiguousarray(image[top : top + height, left : left + width])
    half = cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    again = cv2.resize(half, (width, height), interpolation=cv2.INTER_CUBIC)
    ink = cv2.dilate(ink_of(part), np.ones((3, 3), np.uint8)) > 0
    if not ink.any() or ink.all():
        return False
    lost = cv2.absdiff(part, again.astype(np.uint8, copy=False)).astype(np.float32)
    contrast = float(np.median(part)) - float(np.percentile(part[ink], 10))
    return bool(lost[ink].mean() - lost[~ink].mean() > _DETAIL * contrast)


def find_letters(image: Grey) -> Letters:
    """Find connected spots of ink of the size of letters, whichever way they are turned."""
    _, _, stats, middles = cv2.connectedComponentsWithStats(ink_of(image), connectivity=8)
    longer, shorter = stats[1:, 2:4].max(axis=1), stats[1:, 2:4].min(axis=1)
    likely = (longer >= 5) & (longer <= 120) & (shorter * 4 >= longer) & (shorter >= 2)
    if likely.sum() < _FEW_LETTERS:
        return Letters(np.empty((0, 2)), 0.0)
    height = float(np.percentile(longer[likely], 60))
    kept = np.flatnonzero(likely & (longer >= 0.6 * height) & (longer <= 3 * height))
    if len(kept) > _MAX_LETTERS:
        kept = kept[:: len(kept) // _MAX_LETTERS + 1]
    return Letters(np.asarray(middles[1:][kept], dtype=np.float64), height)


def _stands_sideways(middles: Points, height: float) -> bool:
    """Tell whether lines run from top to bottom: a letter's neighbour on its line is nearer than that on the next."""
    step = max(1, len(middles) // _SAMPLE)
    beside = below = 0
    for middle in middles[::step]:
        away = np.abs(middles - middle)
        far = np.hypot(away[:, 0], away[:, 1])
        far[far < 0.2 * height] = np.inf
        x, y = away[int(np.argmin(far))]
        beside += bool(x > 1.5 * y)
        below += bool(y > 1.5 * x)
    return below > beside


def _skew(middles: Points, height: float) -> float:
    """Return the angle in degrees by which lines fall to the right: that at which they are sharpest."""
    coarse = max(_angles(0.0, _MAX_SKEW, 0.25), key=lambda angle: _sharpness(middles, angle, height))
    return max(_angles(coarse, 0.3, 0.05), key=lambda angle: _sharpness(middles, angle, height))


def _angles(middle: float, reach: float, step: float) -> Iterator[float]:
    count = round(reach / step)
    yield from (middle + step * n for n in range(-count, count + 1))


def _sharpness(middles: Points, angle: float, height: float) -> float:
    turn = np.deg2rad(angle)
    across = middles[:, 1] * np.cos(turn) - middles[:, 0] * np.sin(turn)
    rows = np.bincount(((across - across.min()) / (0.4 * height)).astype(np.int64))
    return float((rows.astype(np.float64) ** 2).sum())


def _turned(shape: tuple[int, ...], turns: int) -> _Warp:
    """The warp of that many quarter turns clockwise."""
    height, width = shape
    if turns:
        return _Warp(np.array([[0, -1.0, height], [1.0, 0, 0], [0, 0, 1.0]]), (height, width))
    return _Warp(np.eye(3), (width, height))


def _rotated(warp: _Warp, skew: float, scale: float) -> _Warp:
    """Add a turn against the skew about the picture's corner, a change of scale, and room for the whole picture."""
    turn = np.deg2rad(-skew)
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    width, height = warp.size
    frame = moved(np.array([(0, 0), (width, 0), (width, height), (0, height)]), matrix)
    low, high = frame.min(axis=0), frame.max(axis=0)
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]])
    return _Warp(shift @ matrix @ warp.matrix, (int(high[0] - low[0]) + 1, int(high[1] - low[1]) + 1))


def _within(warp: _Warp, pixels: int) -> _Warp:
    width, height = warp.size
    scale = min(1.0, (pixels / (width * height)) ** 0.5)
    return _Warp(np.diag([scale, scale, 1.0]) @ warp.matrix, (int(width * scale), int(height * scale)))
