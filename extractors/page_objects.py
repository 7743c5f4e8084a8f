"""What is drawn on a PDF page and may be a picture or a QR code: image objects, and crowds of small paths.

A code that a program draws is an image, hundreds of little rectangles, or one path with hundreds of segments. All
of it is found in the page's list of objects, without rendering anything. A page has some thousand objects, and a call
through ctypes costs as much as what is done with its answer, so the calls are made by `map` into one buffer.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.facts import Box
from extractors.pdf_characters import PageFrame
from extractors.pdfium import HANDLE, INT, pdfium, quick_function

MAX_OBJECTS = 20_000
"""Objects of a page that are looked at; a statement drawn rule by rule has 2,000."""
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
Rectangles = NDArray[np.float64]
"""Rows of left, bottom, right, top in PDF space."""
Matrix = NDArray[np.float64]
"""3x3: columns of points to columns of points."""


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


_page_object = quick_function("FPDFPage_GetObject", HANDLE, HANDLE, INT)
_form_object = quick_function("FPDFFormObj_GetObject", HANDLE, HANDLE, ctypes.c_ulong)
_kind = quick_function("FPDFPageObj_GetType", INT, HANDLE)
_bounds = quick_function("FPDFPageObj_GetBounds", INT, HANDLE, HANDLE, HANDLE, HANDLE, HANDLE)
_matrix = quick_function("FPDFPageObj_GetMatrix", INT, HANDLE, HANDLE)
_segments = quick_function("FPDFPath_CountSegments", INT, HANDLE)


def take_inventory(page: Any, frame: PageFrame) -> Inventory:
    """List what is drawn on a page of pypdfium2; forms are entered one level."""
    handle = ctypes.cast(page.raw, HANDLE).value or 0
    count = min(pdfium.FPDFPage_CountObjects(page), MAX_OBJECTS)
    groups = list(_groups(list(map(_page_object, repeat(handle), range(count))), np.eye(3)))
    images = [
        PageImage(page.raw, _pointer(image), bounds, placed)
        for group in groups
        for image, bounds, placed in group[0]
    ]
    paths = np.concatenate([group[1] for group in groups])
    weights = np.concatenate([group[2] for group in groups])
    return Inventory(tuple(images), tuple(_crowds(paths, weights, frame)))


def _of_kind(handles: Sequence[int], kinds: NDArray[np.intc], kind: int) -> list[int]:
    """Return the handles of one kind."""
    return [handles[i] for i in np.flatnonzero(kinds == kind).tolist()]


_Group: TypeAlias = tuple[list[tuple[int, Bounds, Matrix]], Rectangles, NDArray[np.float64]]


def _groups(handles: Sequence[int], placed: Matrix, *, enter: bool = True) -> Iterator[_Group]:
    """Yield images, path bounds and path weights of some objects and of the forms among them."""
    kinds = np.fromiter(map(_kind, handles), dtype=np.intc, count=len(handles))
    images = _of_kind(handles, kinds, pdfium.FPDF_PAGEOBJ_IMAGE)
    paths = _of_kind(handles, kinds, pdfium.FPDF_PAGEOBJ_PATH)
    places = _moved(_bounds_of(images), placed)
    yield (
        [
            (image, _four(place), placed @ _matrix_of(image))
            for image, place in zip(images, places, strict=True)
        ],
        _moved(_bounds_of(paths), placed),
        np.fromiter(map(_segments, paths), dtype=np.float64, count=len(paths)),
    )
    for form in _of_kind(handles, kinds, pdfium.FPDF_PAGEOBJ_FORM) if enter else []:
        count = min(max(pdfium.FPDFFormObj_CountObjects(_pointer(form)), 0), MAX_OBJECTS)
        inside = list(map(_form_object, repeat(form), range(count)))
        yield from _groups(inside, placed @ _matrix_of(form), enter=False)


def _pointer(handle: int) -> Any:
    return ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT)


def _four(edges: Rectangles) -> Bounds:
    left, bottom, right, top = edges.tolist()
    return left, bottom, right, top


def _matrix_of(handle: int) -> Matrix:
    six = np.zeros(6, np.float32)
    _matrix(handle, six.ctypes.data)
    a, b, c, d, e, f = six.astype(np.float64)
    return np.array([[a, c, e], [b, d, f], [0, 0, 1]])


def _bounds_of(handles: Sequence[int]) -> Rectangles:
    found = np.zeros((len(handles), 4), np.float32)
    row = found.ctypes.data
    end = row + 16 * len(handles)
    edges = (range(row + 4 * edge, end + 4 * edge, 16) for edge in range(4))
    for _ in map(_bounds, handles, *edges):
        pass
    return found.astype(np.float64)


def _moved(bounds: Rectangles, matrix: Matrix) -> Rectangles:
    """Return the upright bounds of rectangles after a matrix."""
    x, y = bounds[:, [0, 0, 2, 2]], bounds[:, [1, 3, 1, 3]]
    u = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    v = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    return np.stack(
        [
            u.min(1, initial=np.inf),
            v.min(1, initial=np.inf),
            u.max(1, initial=-np.inf),
            v.max(1, initial=-np.inf),
        ],
        1,
    )


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
