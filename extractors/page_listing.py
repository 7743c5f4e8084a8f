"""The objects of a PDF page in the order in which they are painted, those of its forms among them.

Listed once for all who ask what is drawn where (codes and pictures, text that is not seen): a page has some thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from extractors.pdfium import HANDLE, INT, Writer, handle_of, pdfium, pointer, quick_function

MAX_OBJECTS = 20_000
"""Objects of a page that are looked at; a statement drawn rule by rule has 2,000, one drawn letter by letter 4,000."""
_MAX_DEPTH = 4
"""Forms within forms that are entered."""

Indices: TypeAlias = NDArray[np.intp]
Rectangles: TypeAlias = NDArray[np.float64]
"""Rows of left, bottom, right, top in PDF space."""
Matrix: TypeAlias = NDArray[np.float64]
"""3x3: columns of points to columns of points."""

_page_object = quick_function("FPDFPage_GetObject", HANDLE)
_form_object = quick_function("FPDFFormObj_GetObject", HANDLE)
_form_count = quick_function("FPDFFormObj_CountObjects", INT)
_kind = quick_function("FPDFPageObj_GetType", INT)
_bounds = Writer(quick_function("FPDFPageObj_GetBounds", INT), np.float32, 4, 4)
_matrix = Writer(quick_function("FPDFPageObj_GetMatrix", INT), np.float32, 6)


@dataclass(frozen=True)
class Listing:
    """Objects in the order of painting, but for the forms that were entered.

    `handles` are as quick functions take them. `owners` numbers what holds each object, 0 for the page and the forms in
    the order in which they were entered; of each owner `depths` tells how many forms it is in, and `matrices` how its
    objects are placed on the page.
    """

    handles: list[Any]
    kinds: NDArray[np.intc]
    owners: Indices
    depths: NDArray[np.intp]
    matrices: tuple[Matrix, ...]

    @cached_property
    def texts(self) -> Indices:
        """The numbers of the pieces of text."""
        return np.flatnonzero(self.kinds == pdfium.FPDF_PAGEOBJ_TEXT)

    @cached_property
    def shapes(self) -> Indices:
        """The numbers of paths, images and shadings."""
        kinds = self.kinds
        return np.flatnonzero(
            (kinds == pdfium.FPDF_PAGEOBJ_PATH)
            | (kinds == pdfium.FPDF_PAGEOBJ_IMAGE)
            | (kinds == pdfium.FPDF_PAGEOBJ_SHADING)
        )

    @cached_property
    def shape_bounds(self) -> Rectangles:
        """The bounds of the shapes."""
        return self.bounds(self.shapes)

    def chosen(self, index: Indices) -> list[Any]:
        """Return the handles of some objects."""
        return [self.handles[i] for i in index.tolist()]

    def bounds(self, index: Indices) -> Rectangles:
        """Return the upright bounds of some objects."""
        found = _bounds.rows(self.chosen(index)).astype(np.float64)
        x, y = found[:, [0, 0, 2, 2]], found[:, [1, 3, 1, 3]]
        six = np.stack([matrix[:2].T.ravel() for matrix in self.matrices])[self.owners[index]]
        a, b, c, d, e, f = (six[:, [column]] for column in range(6))
        u, v = a * x + c * y + e, b * x + d * y + f
        return np.stack((u.min(1), v.min(1), u.max(1), v.max(1)), 1)

    def placed(self, number: int) -> Matrix:
        """Return the matrix from the unit square of an image to the page."""
        placed: Matrix = self.matrices[self.owners[number]] @ _matrix_of(self.handles[number])
        return placed


class _Lister:
    """What was listed so far."""

    def __init__(self) -> None:
        self.handles: list[Any] = []
        self.kinds: list[NDArray[np.intc]] = []
        self.owners: list[Indices] = []
        self.depths: list[int] = []
        self.matrices: list[Matrix] = []

    def enter(self, handles: Sequence[Any], placed: Matrix, depth: int) -> None:
        """Add the objects of the page or of a form, and in the place of each form what it holds."""
        kinds = np.fromiter(map(_kind, handles), dtype=np.intc, count=len(handles))
        owner = len(self.matrices)
        self.matrices.append(placed)
        self.depths.append(depth)
        forms = np.flatnonzero(kinds == pdfium.FPDF_PAGEOBJ_FORM).tolist() if depth < _MAX_DEPTH else []
        start = 0
        for end in (*forms, len(handles)):
            self.handles.extend(handles[start:end])
            self.kinds.append(kinds[start:end])
            self.owners.append(np.full(end - start, owner, np.intp))
            start = end + 1
            if end < len(handles) and len(self.handles) < MAX_OBJECTS:
                self._enter_form(handles[end], placed, depth + 1)

    def _enter_form(self, form: Any, placed: Matrix, depth: int) -> None:
        count = min(max(_form_count(form), 0), MAX_OBJECTS)
        inside = map(pointer, map(_form_object, repeat(form), map(pointer, range(count))))
        self.enter(list(inside), placed @ _matrix_of(form), depth)


def list_objects(page: Any) -> Listing:
    """List the objects of a page, given PDFium's handle."""
    count = min(max(pdfium.FPDFPage_CountObjects(page), 0), MAX_OBJECTS)
    lister = _Lister()
    lister.enter(list(map(pointer, map(_page_object, repeat(handle_of(page)), range(count)))), np.eye(3), 0)
    return Listing(
        lister.handles,
        np.concatenate(lister.kinds),
        np.concatenate(lister.owners),
        np.array(lister.depths, np.intp),
        tuple(lister.matrices),
    )


def _matrix_of(handle: Any) -> Matrix:
    six = _matrix.rows([handle])[0]
    a, b, c, d, e, f = six.astype(np.float64)
    return np.array([[a, c, e], [b, d, f], [0, 0, 1]])
