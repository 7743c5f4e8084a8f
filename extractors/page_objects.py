"""What is drawn on a PDF page and may be a picture or a QR code: image objects, and crowds of small paths.

A code that a program draws is an image, hundreds of little rectangles, or one path with hundreds of segments. All
of it is found in the page's list of objects, without rendering anything.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.facts import Box
from extractors.page_listing import Indices, Listing, Matrix, Rectangles
from extractors.pdf_characters import PageFrame
from extractors.pdfium import INT, pdfium, quick_function

_CELL = 6.0
"""Points a side of the cells in which small paths are counted: the gaps inside a code are narrower."""
_SMALL = 24.0
"""Points: a run of dark modules in a code is not longer; most rules of a table are."""
_LARGEST = 300.0
"""Points: the largest code foreseen as one path, half the width of the page."""
_MANY_SEGMENTS = 24
"""Segments of a path from which on it may be a row of a code, or all of it: a rectangle has five."""
_LEAST_WEIGHT = 60
"""Rectangles of the smallest code: version 1 has about 230 dark modules, joined in rows about 110."""
_SLIMMEST = 0.4
"""Least ratio of a crowd's sides: two codes side by side; a dotted rule or a row of boxes is slimmer."""
_MARGIN = 0.12
"""Part of its size by which a region is widened: the quiet zone."""
_LEAST_SIDE = 12.0
"""Points: a code of 4 mm cannot be read from paper."""

Bounds: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top in PDF space."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """An image: PDFium's handles of its page and itself, its bounds, and its unit square's matrix to PDF space."""

    page: Any
    handle: Any
    bounds: Bounds
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Inventory:
    """The images of a page, and the bounds of its crowds of small paths."""

    images: tuple[PageImage, ...]
    crowds: tuple[Bounds, ...]


_segments = quick_function("FPDFPath_CountSegments", INT)


def take_inventory(page: Any, listing: Listing, frame: PageFrame) -> Inventory:
    """Find the pictures and crowds among the objects of a page (PDFium's handle); forms are entered one level."""
    owners = listing.owners[listing.shapes]
    near = np.flatnonzero(listing.depths[owners] <= 1)
    near = near[np.argsort(owners[near], kind="stable")]
    index, bounds = listing.shapes[near], listing.shape_bounds[near]
    kinds = listing.kinds[index]
    paths = kinds == pdfium.FPDF_PAGEOBJ_PATH
    images = tuple(
        _image(page, listing, int(index[i]), bounds[i])
        for i in np.flatnonzero(kinds == pdfium.FPDF_PAGEOBJ_IMAGE).tolist()
    )
    return Inventory(images, tuple(_crowds(bounds[paths], _weights(listing, index[paths]), frame)))


def _image(page: Any, listing: Listing, number: int, bounds: NDArray[np.float64]) -> PageImage:
    left, bottom, right, top = bounds.tolist()
    handle = ctypes.cast(listing.handles[number], pdfium.FPDF_PAGEOBJECT)
    return PageImage(page, handle, (left, bottom, right, top), listing.placed(number))


def _weights(listing: Listing, paths: Indices) -> NDArray[np.float64]:
    """Return how many segments each path has."""
    return np.fromiter(map(_segments, listing.chosen(paths)), dtype=np.float64, count=len(paths))


def _crowds(paths: Rectangles, segments: NDArray[np.float64], frame: PageFrame) -> Iterator[Bounds]:
    """Yield the bounds of every place where enough small or many-cornered paths lie side by side."""
    side = np.maximum(paths[:, 2] - paths[:, 0], paths[:, 3] - paths[:, 1])
    chosen = (side <= _SMALL) | ((segments >= _MANY_SEGMENTS) & (side <= _LARGEST))
    paths, segments = paths[chosen], segments[chosen]
    if segments.sum() < 4 * _LEAST_WEIGHT:
        return
    cells, shape = _cells(paths, frame)
    count, labels = cv2.connectedComponents(_painted(cells, shape), connectivity=4)
    member = labels[cells[:, 1], cells[:, 0]]
    weight = np.bincount(member, weights=np.maximum(1, segments / 5), minlength=count)
    for label in np.flatnonzero(weight >= _LEAST_WEIGHT).tolist():
        inside = paths[member == label]
        left, bottom = inside[:, :2].min(0).tolist()
        right, top = inside[:, 2:].max(0).tolist()
        shorter, longer = sorted((right - left, top - bottom))
        if shorter >= _SLIMMEST * longer:
            yield left, bottom, right, top


def _cells(paths: Rectangles, frame: PageFrame) -> tuple[NDArray[np.intp], tuple[int, int]]:
    """Return the cells that each path covers (x0, y0, x1, y1, ends included), and the numbers of rows and columns."""
    columns = int((frame.right - frame.left) / _CELL) + 1
    rows = int((frame.top - frame.bottom) / _CELL) + 1
    away = np.nan_to_num((paths - np.array((frame.left, frame.bottom) * 2)) / _CELL)
    return np.clip(away, 0, np.array((columns - 1, rows - 1) * 2)).astype(np.intp), (rows, columns)


def _painted(cells: NDArray[np.intp], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return which cells any path covers: sums over corners, which takes no longer for large paths."""
    x0, y0, x1, y1 = cells.T
    corners = np.zeros((shape[0] + 1, shape[1] + 1), np.int32)
    for y, x, sign in ((y0, x0, 1), (y1 + 1, x0, -1), (y0, x1 + 1, -1), (y1 + 1, x1 + 1, 1)):
        np.add.at(corners, (y, x), sign)
    return (corners.cumsum(0).cumsum(1)[:-1, :-1] > 0).astype(np.uint8)


def regions(inventory: Inventory, frame: PageFrame, leave_out: PageImage | None = None) -> tuple[Box, ...]:
    """Return where a code may stand, in points of the page as shown, each with room for a quiet zone."""
    found = [image.bounds for image in inventory.images if image is not leave_out]
    boxes = [_widened(bounds, frame) for bounds in (*found, *inventory.crowds)]
    return _joined([box for box in boxes if box is not None])


def _widened(bounds: Bounds, frame: PageFrame) -> Box | None:
    left, bottom, right, top = bounds
    x, y = frame.shown(np.array((left, right)), np.array((bottom, top)))
    if not np.isfinite((x, y)).all() or min(np.ptp(x), np.ptp(y)) < _LEAST_SIDE:
        return None
    margin = _MARGIN * max(np.ptp(x), np.ptp(y))
    width, height = frame.size
    box = Box(
        max(0.0, float(x.min() - margin)),
        max(0.0, float(y.min() - margin)),
        min(width, float(x.max() + margin)),
        min(height, float(y.max() + margin)),
    )
    return box if box.x1 - box.x0 >= _LEAST_SIDE and box.y1 - box.y0 >= _LEAST_SIDE else None


def _joined(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Return the boxes with those that overlap made into one."""
    kept: list[Box] = []
    for box in boxes:
        joined = box
        while near := [
            k
            for k in kept
            if k.x0 <= joined.x1 and joined.x0 <= k.x1 and k.y0 <= joined.y1 and joined.y0 <= k.y1
        ]:
            kept = [k for k in kept if k not in near]
            near.append(joined)
            joined = Box(
                min(b.x0 for b in near),
                min(b.y0 for b in near),
                max(b.x1 for b in near),
                max(b.y1 for b in near),
            )
        kept.append(joined)
    return tuple(kept)
