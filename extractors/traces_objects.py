"""Text of a PDF page that nobody sees: not painted, in the colour of its ground, or under what is drawn later.

Asked of PDFium's list of objects, in the order in which they are painted, without drawing anything. A page has up to
some thousand pieces of text: of each only its way of painting and its colour are asked, of the few that are
suspicious where they stand.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from extractors.facts import Box, TraceKind
from extractors.pdf_characters import PageFrame
from extractors.pdfium import HANDLE, INT, pdfium, quick_function
from extractors.words import PageText

MAX_OBJECTS = 20_000
"""Objects of a page that are looked at; a statement drawn letter by letter has 4,000."""
_MAX_DEPTH = 4
"""Forms within forms that are entered."""
_MAX_SHAPES = 500
"""Shapes of a page, the last ones, that may lie over text or under it."""
_LEAST_SIDE = 4.0
"""Points: what is smaller covers no word. Rules and modules of codes are."""
_BOX_SEGMENTS = 16
"""Segments of a path that is a box, with round corners at most: others need not fill their bounds."""
_OPAQUE = 250
"""Alpha (0 to 255) from which on nothing shines through."""
_SAME_COLOUR = 12
"""Difference in each of red, green and blue (0 to 255) up to which nobody tells two colours apart."""
_SAME_GREY = 24
"""Difference in grey levels up to which a word has the colour of its ground, with what `_LEVEL` rounds away."""
_LEVEL = 8
"""Grey levels that are counted as one: a ground is not quite even."""
_MARGIN = 0.3
"""Part of a word's height that is looked at around it for its ground."""
_LUMINANCE = np.array([0.299, 0.587, 0.114])
_COVERED_HEIGHT, _COVERED_WIDTH = 0.5, 0.4
"""Parts of a text's height and width from which on it is covered: a box that touches a line below covers less."""
_TINY = 1.0
"""Points: smaller type is not read by people."""
_UNPAINTED = (3, 7)
"""Text rendering modes that paint nothing (ISO 32000-1, table 106)."""
_FILLED = 0
_WHITE = (255, 255, 255)
_NO_COLOUR = -1000
"""Of a picture: unlike every colour."""

Grey: TypeAlias = NDArray[np.uint8]
Shown: TypeAlias = NDArray[np.float64]
"""Rows of x0, y0, x1, y1 in points of the page as shown."""
_Ints = NDArray[np.intp]
_Hidden: TypeAlias = tuple[TraceKind, Box]

_page_object = quick_function("FPDFPage_GetObject", HANDLE, HANDLE, INT)
_form_object = quick_function("FPDFFormObj_GetObject", HANDLE, HANDLE, ctypes.c_ulong)
_form_count = quick_function("FPDFFormObj_CountObjects", INT, HANDLE)
_kind = quick_function("FPDFPageObj_GetType", INT, HANDLE)
_bounds = quick_function("FPDFPageObj_GetBounds", INT, HANDLE, HANDLE, HANDLE, HANDLE, HANDLE)
_matrix = quick_function("FPDFPageObj_GetMatrix", INT, HANDLE, HANDLE)
_fill = quick_function("FPDFPageObj_GetFillColor", INT, HANDLE, HANDLE, HANDLE, HANDLE, HANDLE)
_mode = quick_function("FPDFTextObj_GetTextRenderMode", INT, HANDLE)
_segments = quick_function("FPDFPath_CountSegments", INT, HANDLE)
_draw_mode = quick_function("FPDFPath_GetDrawMode", INT, HANDLE, HANDLE, HANDLE)
_transparent = quick_function("FPDFPageObj_HasTransparency", INT, HANDLE)


@dataclass(frozen=True, slots=True)
class _Painted:
    """Objects in the order of painting, without the forms that hold them: handles, kinds, and where they are placed."""

    handles: list[int]
    kinds: NDArray[np.intc]
    matrices: list[NDArray[np.float64]]
    placed: _Ints

    def of_kind(self, *kinds: int) -> _Ints:
        return np.flatnonzero(np.isin(self.kinds, kinds))

    def is_opaque(self, number: int) -> bool:
        """Tell whether nothing shines through a shape; of a picture, whether it is drawn as if nothing did."""
        handle = self.handles[number]
        if _transparent(handle):
            return False
        if self.kinds[number] != pdfium.FPDF_PAGEOBJ_PATH:
            return True
        modes = np.zeros(2, np.intc)
        _draw_mode(handle, modes.ctypes.data, modes.ctypes.data + 4)
        alpha = int(_filled(_fill, [handle], np.uint32)[0, 3])
        return bool(modes[0]) and _segments(handle) <= _BOX_SEGMENTS and alpha >= _OPAQUE

    def hides(self, number: int, document: Any, page: Any) -> bool:
        """Tell whether an opaque shape hides what it lies on: a picture with a mask does not."""
        if self.kinds[number] != pdfium.FPDF_PAGEOBJ_IMAGE:
            return True
        return _is_opaque_picture(self.handles[number], document, page)

    def boxes(self, index: _Ints, frame: PageFrame) -> Shown:
        """Return the boxes of some objects on the page as shown."""
        found = _filled(_bounds, [self.handles[i] for i in index], np.float32).astype(np.float64)
        x, y = found[:, [0, 0, 2, 2]], found[:, [1, 3, 1, 3]]
        six = np.stack(self.matrices)[self.placed[index]] if len(index) else np.zeros((0, 6))
        a, b, c, d, e, f = (six[:, [column]] for column in range(6))
        u, v = frame.shown(a * x + c * y + e, b * x + d * y + f)
        shown: Shown = np.nan_to_num(np.stack((u.min(1), v.min(1), u.max(1), v.max(1)), 1))
        return shown


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Opaque shapes, and pictures, that are large enough to hide a word: place in the order, box, colour."""

    index: _Ints
    boxes: Shown
    colours: NDArray[np.intp]


def hidden_text(
    document: Any, page: Any, frame: PageFrame, text: PageText, draw: Callable[[Box], Grey]
) -> Iterator[_Hidden]:
    """Yield kind and box of every piece of text on a page that is not seen; pieces on a line may come one by one.

    `document` and `page` are PDFium's handles; `draw` gives a place of the page as a grey image.
    """
    painted = _list(page)
    shapes = _shapes(painted, frame)
    texts = painted.of_kind(pdfium.FPDF_PAGEOBJ_TEXT)
    yield from _unseen(painted, texts, shapes, frame, draw)
    before = texts[texts < shapes.index.max(initial=-1)]
    boxes = painted.boxes(before, frame)
    covered = np.zeros(len(before), np.bool_)
    for place, shape in zip(shapes.index, shapes.boxes, strict=True):
        under = (before < place) & _lies_over(shape, boxes)
        if under.any() and painted.hides(int(place), document, page):
            covered |= under
    for box in _with_ink(boxes[covered]):
        yield TraceKind.COVERED_TEXT, box
    yield from _out_of_sight(text)


def _list(page: Any) -> _Painted:
    handle = ctypes.cast(page, HANDLE).value or 0
    count = min(max(pdfium.FPDFPage_CountObjects(page), 0), MAX_OBJECTS)
    painted = _Painted([], np.zeros(0, np.intc), [], np.zeros(0, np.intp))
    places: list[int] = []
    _enter(painted, places, list(map(_page_object, repeat(handle), range(count))), np.eye(3), 0)
    kinds = np.fromiter(map(_kind, painted.handles), dtype=np.intc, count=len(painted.handles))
    return _Painted(painted.handles, kinds, painted.matrices, np.array(places, dtype=np.intp))


def _enter(
    painted: _Painted, places: list[int], handles: Sequence[int], placed: NDArray[np.float64], depth: int
) -> None:
    """Add objects to those painted, and in the place of each form what it holds."""
    kinds = np.fromiter(map(_kind, handles), dtype=np.intc, count=len(handles))
    number = len(painted.matrices)
    painted.matrices.append(placed[:2].T.ravel())
    forms = np.flatnonzero(kinds == pdfium.FPDF_PAGEOBJ_FORM).tolist() if depth < _MAX_DEPTH else []
    start = 0
    for end in (*forms, len(handles)):
        painted.handles.extend(handles[start:end])
        places.extend(repeat(number, end - start))
        start = end + 1
        if end < len(handles) and len(painted.handles) < MAX_OBJECTS:
            form = handles[end]
            count = min(max(_form_count(form), 0), MAX_OBJECTS)
            inside = list(map(_form_object, repeat(form), range(count)))
            _enter(painted, places, inside, placed @ _matrix_of(form), depth + 1)


def _matrix_of(handle: int) -> NDArray[np.float64]:
    six = np.zeros(6, np.float32)
    _matrix(handle, six.ctypes.data)
    a, b, c, d, e, f = six.astype(np.float64)
    return np.array([[a, c, e], [b, d, f], [0, 0, 1]])


def _filled(function: Callable[..., Any], handles: Sequence[int], dtype: type) -> NDArray[Any]:
    """Call a function that writes four numbers for each handle; return a row of four for each."""
    rows: NDArray[Any] = np.zeros((len(handles), 4), dtype=dtype)
    first, step = rows.ctypes.data, 4 * rows.itemsize
    edges = (
        range(first + n * rows.itemsize, first + n * rows.itemsize + step * len(handles), step)
        for n in range(4)
    )
    for _ in map(function, handles, *edges):
        pass
    return rows


def _shapes(painted: _Painted, frame: PageFrame) -> _Shapes:
    """Find what may hide text, or be the ground on which it stands."""
    index = painted.of_kind(pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING)
    boxes = painted.boxes(index, frame)
    large = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) >= _LEAST_SIDE
    index, boxes = index[large][-_MAX_SHAPES:], boxes[large][-_MAX_SHAPES:]
    opaque = np.array([painted.is_opaque(int(i)) for i in index], dtype=np.bool_)
    index, boxes = index[opaque], boxes[opaque]
    colours = _filled(_fill, [painted.handles[i] for i in index], np.uint32).astype(np.intp)
    colours[painted.kinds[index] != pdfium.FPDF_PAGEOBJ_PATH] = _NO_COLOUR
    return _Shapes(index, boxes, colours[:, :3])


def _is_opaque_picture(handle: int, document: Any, page: Any) -> bool:
    """Tell whether a picture hides what it lies on: it has no mask, or one that lets little through."""
    raw = pdfium.FPDFImageObj_GetRenderedBitmap(document, page, ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT))
    if not raw:
        return False
    bitmap: Any = pypdfium2.PdfBitmap.from_raw(raw)
    pixels = bitmap.to_numpy()
    return pixels.ndim < 3 or pixels.shape[2] < 4 or float(pixels[..., 3].mean()) >= _OPAQUE


def _unseen(
    painted: _Painted, texts: _Ints, shapes: _Shapes, frame: PageFrame, draw: Callable[[Box], Grey]
) -> Iterator[_Hidden]:
    """Yield text that is not painted, or painted in the colour of what lies under it."""
    handles = [painted.handles[i] for i in texts]
    modes = np.fromiter(map(_mode, handles), dtype=np.intc, count=len(handles))
    colours = _filled(_fill, handles, np.uint32).astype(np.intp)
    unpainted = np.isin(modes, _UNPAINTED) | ((modes == _FILLED) & (colours[:, 3] < 255 - _OPAQUE))
    grounds = np.unique(np.vstack((_WHITE, shapes.colours)), axis=0)
    alike = np.zeros(len(texts), np.bool_)
    for ground in grounds:
        alike |= _same_colour(colours[:, :3], ground)
    alike &= (modes == _FILLED) & ~unpainted
    for box in _with_ink(painted.boxes(texts[unpainted], frame)):
        yield TraceKind.INVISIBLE_TEXT, box
    suspects = texts[alike]
    boxes = painted.boxes(suspects, frame)
    same = [
        bool(_same_colour(colour, _ground(int(i), box, shapes)))
        for i, box, colour in zip(suspects, boxes, colours[alike, :3], strict=True)
    ]
    chosen = np.array(same, dtype=np.bool_)
    greys = colours[alike, :3] @ _LUMINANCE
    for box, grey in zip(_boxes(boxes[chosen]), greys[chosen], strict=True):
        if _has_size(box) and abs(_ground_shown(draw(_around(box))) - grey) <= _SAME_GREY:
            yield TraceKind.INVISIBLE_TEXT, box


def _around(box: Box) -> Box:
    """Return a box with a margin: a stroke fills its own box."""
    margin = _MARGIN * (box.y1 - box.y0)
    return Box(box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)


def _ground_shown(image: Grey) -> int:
    """Return the grey level that most of a place shows: a frame around a word, or a clipped shape, is no ground."""
    return int(np.bincount(image.ravel() // _LEVEL, minlength=1).argmax()) * _LEVEL


def _same_colour(colours: NDArray[np.intp], ground: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(colours - ground).max(axis=-1) <= _SAME_COLOUR)


def _ground(index: int, box: NDArray[np.float64], shapes: _Shapes) -> _Ints:
    """Return the colour on which a text is painted: that of the last shape before it around its middle, or white."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    x0, y0, x1, y1 = shapes.boxes.T
    under = np.flatnonzero((shapes.index < index) & (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1))
    return shapes.colours[under[-1]] if len(under) else np.array(_WHITE)


def _lies_over(shape: NDArray[np.float64], boxes: Shown) -> NDArray[np.bool_]:
    """Tell of each box of text whether a shape hides enough of it."""
    shared = np.minimum(boxes[:, 2:], shape[2:]) - np.maximum(boxes[:, :2], shape[:2])
    parts = shared / np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6)
    return np.asarray((parts[:, 0] >= _COVERED_WIDTH) & (parts[:, 1] >= _COVERED_HEIGHT))


def _out_of_sight(text: PageText) -> Iterator[_Hidden]:
    """Yield words in tiny type, and those beside the visible page."""
    for word in text.words:
        outside = word.x1 <= 0 or word.y1 <= 0 or word.x0 >= text.width or word.y0 >= text.height
        if outside or word.height < _TINY:
            yield TraceKind.INVISIBLE_TEXT, word.box


def _with_ink(boxes: Shown) -> Iterator[Box]:
    """Yield the boxes that have a size: those of spaces have none."""
    return filter(_has_size, _boxes(boxes))


def _boxes(boxes: Shown) -> Iterator[Box]:
    return (Box(x0, y0, x1, y1) for x0, y0, x1, y1 in boxes.tolist())


def _has_size(box: Box) -> bool:
    return box.x1 - box.x0 > 0.1 and box.y1 - box.y0 > 0.1
