"""Where on a page a QR code may stand: a locator that is cheap, and blind to nothing that the ladder reads.

It decodes nothing and knows no finder patterns, so that what hides those (blur, faint ink, a coarse grid) hides little
from it. It looks for what every code has, since ISO/IEC 18004 (8.8) masks the data until dark and light are even:
wherever in a code one looks, about half is dark, and no band of it across or along is nearly free of ink. Type covers
less, and has a free band under every line.

Measured: on the 209 photographs and 5 x 320 hard pictures of `benchmarks.qr_photos` all 1,607 codes that the ladder
reads, 384 of them after its first step, lie to nine tenths and more within the places named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from extractors.facts import Box
from extractors.qr_decoders import Grey

_SIDE = 1500
"""Most pixels of the longer side of the picture that is searched, halved until it has them: at half of it (A4 at 64
dpi) a code of 12 mm has 30. Bands are sought in the one before the last halving."""
_SMALLEST = 60
"""Pixels of the longer side to which the picture is halved again and again, for ever larger codes."""
_WINDOW = 21
"""Pixels a side of the window whose ink is weighed: two thirds of the smallest code."""
_BAND = 3
"""Pixels of a band's breadth; it is as long as the window."""
_REACH = 15
"""Pixels about its middle in which a window is searched for free bands: its edges may lie outside the code."""
_CORE = 7
"""Pixels a side of the least square of windows that all look like a code."""
_CONTRAST = 8
"""Grey levels between light and dark in a window: noise of a scanner has fewer once it is blurred."""
_INK = (0.3, 0.75)
"""Part of a window that is dark in a code: thinned strokes of a photocopy have the least."""
_BAND_INK = (0.15, 0.2)
"""Part of the lightest band that is dark in a code, at the first size and at all smaller ones."""
_MARGIN = 0.25
"""Part of its longer side that a place is extended by, all around."""
_CELL = 8
"""Pixels of the image a side of the raster in which places are joined."""


@dataclass(frozen=True, slots=True)
class _Levels:
    """One size of the picture: its mean grey, the lightest and the darkest grey near each pixel, pixels by `scale`."""

    mean: Grey
    light: Grey
    dark: Grey
    scale: float


def code_places(image: Grey, known: Sequence[Box] = ()) -> tuple[Box, ...]:
    """Return where in a grey image a code may stand, in its pixels, the lowest place first.

    `known` are the codes that have been read: they are no place, what stands beside them is. Places do not overlap.
    """
    if not image.size:
        return ()
    hidden = _without(image, known)
    return _joined([place for seen in _sizes(hidden) for place in _found(*seen)], image)


def _without(image: Grey, known: Sequence[Box]) -> Grey:
    """Return the image with some boxes painted in the grey of the paper."""
    if not known:
        return image
    painted = image.copy()
    every = max(1, min(image.shape) // 200)
    paper = int(np.median(image[::every, ::every]))
    for box in known:
        margin = 0.05 * max(box.x1 - box.x0, box.y1 - box.y0)
        x0, y0 = (max(0, int(edge - margin)) for edge in (box.x0, box.y0))
        painted[y0 : max(0, int(box.y1 + margin) + 1), x0 : max(0, int(box.x1 + margin) + 1)] = paper
    return painted


def _sizes(image: Grey) -> Iterator[tuple[_Levels, Grey, float]]:
    """Yield the picture at ever smaller sizes, the lightest band about each pixel, and how dark that is in a code."""
    fine = first = image
    while max(first.shape) > _SIDE:
        fine, first = first, _half(first)
    soft = _softened(first)
    levels = _Levels(soft, soft, soft, first.shape[1] / image.shape[1])
    bands = _lightest_bands(soft, 1) if fine is first else _half(_lightest_bands(_softened(fine), 2))
    yield levels, bands, _BAND_INK[0]
    while max(levels.mean.shape) >= 2 * _SMALLEST and min(levels.mean.shape) >= 4:
        bands = _half(_lightest_bands(levels.mean, 2))
        levels = _halved(levels)
        yield levels, bands, _BAND_INK[1]


def _softened(image: Grey) -> Grey:
    return _grey(cv2.GaussianBlur(image, (3, 3), 0))


def _half(image: Grey) -> Grey:
    height, width = (max(1, edge // 2) for edge in image.shape)
    return _grey(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))


def _halved(levels: _Levels) -> _Levels:
    """Return the picture at half its size; the lightest and darkest of four pixels stay what they are."""
    height, width = (edge // 2 for edge in levels.mean.shape)
    four = np.ones((2, 2), np.uint8)
    light = cv2.dilate(levels.light, four, anchor=(0, 0))[::2, ::2][:height, :width]
    dark = cv2.erode(levels.dark, four, anchor=(0, 0))[::2, ::2][:height, :width]
    mean = _half(levels.mean)
    return _Levels(
        mean, _grey(np.ascontiguousarray(light)), _grey(np.ascontiguousarray(dark)), levels.scale / 2
    )


def _lightest_bands(mean: Grey, finer: int) -> Grey:
    """Return the mean grey of the lightest band, across or along, about each pixel of a picture so many times finer."""
    length, reach = finer * _WINDOW, finer * _REACH
    across = cv2.dilate(cv2.blur(mean, (length, _BAND)), np.ones((reach, 1), np.uint8))
    along = cv2.dilate(cv2.blur(mean, (_BAND, length)), np.ones((1, reach), np.uint8))
    return _grey(cv2.max(across, along))


def _found(levels: _Levels, bands: Grey, band_ink: float) -> Iterator[Box]:
    """Yield the places of one size, in pixels of the image."""
    window = np.ones((_WINDOW, _WINDOW), np.uint8)
    light, dark = cv2.dilate(levels.light, window), cv2.erode(levels.dark, window)
    mean = cv2.blur(levels.mean, (_WINDOW, _WINDOW))

    def darkened(part: float) -> "cv2.typing.MatLike":
        return cv2.addWeighted(light, 1 - part, dark, part, 0)

    tests = (
        cv2.threshold(cv2.subtract(light, dark), _CONTRAST - 1, 255, cv2.THRESH_BINARY)[1],
        cv2.compare(mean, darkened(_INK[0]), cv2.CMP_LE),
        cv2.compare(mean, darkened(_INK[1]), cv2.CMP_GE),
        cv2.compare(bands, darkened(band_ink), cv2.CMP_LE),
    )
    like = reduce(cv2.bitwise_and, tests)
    cores = cv2.morphologyEx(like, cv2.MORPH_OPEN, np.ones((_CORE, _CORE), np.uint8))
    half = _WINDOW // 2
    for x, y, width, height in _boxes(_grey(cores)):
        edges = x - half, y - half, x + width + half, y + height + half
        yield Box(*(edge / levels.scale for edge in edges))


def _joined(places: Sequence[Box], image: Grey) -> tuple[Box, ...]:
    """Return the places with their margin, those that touch as one, the lowest first."""
    height, width = image.shape
    raster = np.zeros((height // _CELL + 1, width // _CELL + 1), np.uint8)
    for place in places:
        margin = _MARGIN * max(place.x1 - place.x0, place.y1 - place.y0)
        x0, y0 = (max(0, int((edge - margin) // _CELL)) for edge in (place.x0, place.y0))
        x1, y1 = (max(0, int((edge + margin) // _CELL) + 1) for edge in (place.x1, place.y1))
        raster[y0:y1, x0:x1] = 1
    boxes = list(_boxes(raster))
    while True:
        for x, y, across, down in boxes:
            raster[y : y + down, x : x + across] = 1
        joined = list(_boxes(raster))
        if len(joined) == len(boxes):
            break
        boxes = joined
    ends = ((x * _CELL, y * _CELL, (x + across) * _CELL, (y + down) * _CELL) for x, y, across, down in joined)
    inside = (Box(x0, y0, min(width, x1), min(height, y1)) for x0, y0, x1, y1 in ends)
    return tuple(
        sorted((box for box in inside if box.x1 > box.x0 and box.y1 > box.y0), key=lambda box: -box.y1)
    )


def _boxes(mask: Grey) -> Iterator[tuple[int, int, int, int]]:
    """Yield x, y, width and height of every connected part of a mask."""
    if not cv2.countNonZero(mask):
        return
    _, _, parts, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for x, y, width, height, _ in parts[1:].tolist():
        yield x, y, width, height


def _grey(image: "cv2.typing.MatLike") -> Grey:
    return np.asarray(image, dtype=np.uint8)
