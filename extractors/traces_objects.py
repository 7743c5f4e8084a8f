"""Text of a PDF page that nobody sees: not painted, in the colour of its ground, or under what is drawn later.

Asked of PDFium's list of objects, in the order in which they are painted, without drawing anything. A page has up to
some thousand pieces of text: of each only its way of painting and its colour are asked, of the few that are
suspicious where they stand.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from extractors.facts import Box, TraceKind
from extractors.page_listing import Indices, Listing, Rectangles
from extractors.pdf_characters import PageFrame
from extractors.pdfium import INT, Writer, pdfium, quick_function
from extractors.reader import PdfReader
from extractors.words import PageText

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
_UNPAINTED, _UNPAINTED_CLIP = 3, 7
"""Text rendering modes that paint nothing (ISO 32000-1, table 106)."""
_FILLED = 0
_WHITE = (255, 255, 255)
_NO_COLOUR = -1000
"""Of a picture: unlike every colour."""

Grey: TypeAlias = NDArray[np.uint8]
Shown: TypeAlias = NDArray[np.float64]
"""Rows of x0, y0, x1, y1 in points of the page as shown."""
_Hidden: TypeAlias = tuple[TraceKind, Box]

_fill = Writer(quick_function("FPDFPageObj_GetFillColor", INT), np.uint32, 4, 4)
_mode = quick_function("FPDFTextObj_GetTextRenderMode", INT)
_segments = quick_function("FPDFPath_CountSegments", INT)
_draw_mode = Writer(quick_function("FPDFPath_GetDrawMode", INT), np.intc, 2, 2)
_transparent = quick_function("FPDFPageObj_HasTransparency", INT)


@dataclass(frozen=True, slots=True)
class _Painted:
    """The objects of a page and where it lies."""

    listing: Listing
    frame: PageFrame

    def is_opaque(self, number: int) -> bool:
        """Tell whether nothing shines through a shape; of a picture, whether it is drawn as if nothing did."""
        handle = self.listing.handles[number]
        if _transparent(handle):
            return False
        if self.listing.kinds[number] != pdfium.FPDF_PAGEOBJ_PATH:
            return True
        modes = _draw_mode.rows([handle])
        alpha = _colours([handle])[0, 3]
        return bool(modes[0, 0]) and _segments(handle) <= _BOX_SEGMENTS and bool(alpha >= _OPAQUE)

    def hides(self, number: int, document: Any, page: Any) -> bool:
        """Tell whether an opaque shape hides what it lies on: a picture with a mask does not."""
        if self.listing.kinds[number] != pdfium.FPDF_PAGEOBJ_IMAGE:
            return True
        return _is_opaque_picture(self.listing.handles[number], document, page)

    def boxes(self, index: Indices) -> Shown:
        """Return the boxes of some objects on the page as shown."""
        return self.shown(self.listing.bounds(index))

    def shown(self, bounds: Rectangles) -> Shown:
        """Return rectangles of PDF space on the page as shown."""
        x, y = self.frame.shown(bounds[:, [0, 2]], bounds[:, [1, 3]])
        found: Shown = np.nan_to_num(np.stack((x.min(1), y.min(1), x.max(1), y.max(1)), 1))
        return found


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Opaque shapes, and pictures, that are large enough to hide a word: place in the order, box, colour."""

    index: Indices
    boxes: Shown
    colours: NDArray[np.intp]


def hidden_text(reader: PdfReader, text: PageText, draw: Callable[[Box], Grey]) -> Iterator[_Hidden]:
    """Yield kind and box of every piece of text on a page that is not seen; pieces on a line may come one by one.

    `text` has the words of the page, `draw` gives a place of it as a grey image.
    """
    page, frame = reader.page_handle(text.number)
    painted = _Painted(reader.listing(text.number), frame)
    shapes = _shapes(painted)
    texts = painted.listing.texts
    yield from _unseen(painted, texts, shapes, draw)
    before = texts[texts < shapes.index.max(initial=-1)]
    boxes = np.asfortranarray(painted.boxes(before))
    covered = np.zeros(len(before), np.bool_)
    for place, shape in zip(shapes.index.tolist(), shapes.boxes, strict=True):
        under = _lies_over(shape, boxes[: np.searchsorted(before, place)])
        if len(under) and painted.hides(place, reader.handle, page):
            covered[under] = True
    for box in _with_ink(boxes[covered]):
        yield TraceKind.COVERED_TEXT, box
    yield from _out_of_sight(text)


def _colours(handles: Sequence[Any]) -> NDArray[np.intp]:
    """Return the colours of objects: rows of red, green, blue, alpha."""
    return _fill.rows(handles).astype(np.intp)


def _shapes(painted: _Painted) -> _Shapes:
    """Find what may hide text, or be the ground on which it stands."""
    listing = painted.listing
    boxes = painted.shown(listing.shape_bounds)
    large = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) >= _LEAST_SIDE
    index, boxes = listing.shapes[large][-_MAX_SHAPES:], boxes[large][-_MAX_SHAPES:]
    opaque = np.array([painted.is_opaque(i) for i in index.tolist()], dtype=np.bool_)
    index, boxes = index[opaque], boxes[opaque]
    colours = _colours(listing.chosen(index))
    colours[listing.kinds[index] != pdfium.FPDF_PAGEOBJ_PATH] = _NO_COLOUR
    return _Shapes(index, boxes, colours[:, :3])


def _is_opaque_picture(handle: Any, document: Any, page: Any) -> bool:
    """Tell whether a picture hides what it lies on: it has no mask, or one that lets little through."""
    raw = pdfium.FPDFImageObj_GetRenderedBitmap(document, page, ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT))
    if not raw:
        return False
    bitmap: Any = pypdfium2.PdfBitmap.from_raw(raw)
    pixels = bitmap.to_numpy()
    return pixels.ndim < 3 or pixels.shape[2] < 4 or float(pixels[..., 3].mean()) >= _OPAQUE


def _unseen(
    painted: _Painted, texts: Indices, shapes: _Shapes, draw: Callable[[Box], Grey]
) -> Iterator[_Hidden]:
    """Yield text that is not painted, or painted in the colour of what lies under it."""
    handles = painted.listing.chosen(texts)
    modes = np.fromiter(map(_mode, handles), dtype=np.intc, count=len(handles))
    colours = _colours(handles)
    unpainted = (
        (modes == _UNPAINTED)
        | (modes == _UNPAINTED_CLIP)
        | ((modes == _FILLED) & (colours[:, 3] < 255 - _OPAQUE))
    )
    alike = np.zeros(len(texts), np.bool_)
    for ground in {_WHITE, *map(tuple, shapes.colours.tolist())}:
        alike |= _same_colour(colours[:, :3], np.array(ground))
    alike &= (modes == _FILLED) & ~unpainted
    for box in _with_ink(painted.boxes(texts[unpainted])):
        yield TraceKind.INVISIBLE_TEXT, box
    suspects = texts[alike]
    boxes = painted.boxes(suspects)
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


def _ground(index: int, box: NDArray[np.float64], shapes: _Shapes) -> Indices:
    """Return the colour on which a text is painted: that of the last shape before it around its middle, or white."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    x0, y0, x1, y1 = shapes.boxes.T
    under = np.flatnonzero((shapes.index < index) & (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1))
    return shapes.colours[under[-1]] if len(under) else np.array(_WHITE)


def _lies_over(shape: NDArray[np.float64], boxes: Shown) -> Indices:
    """Return which boxes of text a shape hides enough of."""
    x0, y0, x1, y1 = shape
    near = np.flatnonzero((boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] < y1) & (boxes[:, 3] > y0))
    found = boxes[near]
    shared = np.minimum(found[:, 2:], shape[2:]) - np.maximum(found[:, :2], shape[:2])
    parts = shared / np.maximum(found[:, 2:] - found[:, :2], 1e-6)
    return near[(parts[:, 0] >= _COVERED_WIDTH) & (parts[:, 1] >= _COVERED_HEIGHT)]


def _out_of_sight(text: PageText) -> Iterator[_Hidden]:
    """Yield words in tiny type, and those beside the visible page."""
    x0, y0, x1, y1 = text.boxes.T
    outside = (x1 <= 0) | (y1 <= 0) | (x0 >= text.width) | (y0 >= text.height)
    for i in np.flatnonzero(outside | (y1 - y0 < _TINY)).tolist():
        yield TraceKind.INVISIBLE_TEXT, text.words[i].box


def _with_ink(boxes: Shown) -> Iterator[Box]:
    """Yield the boxes that have a size: those of spaces have none."""
    return filter(_has_size, _boxes(boxes))


def _boxes(boxes: Shown) -> Iterator[Box]:
    return (Box(x0, y0, x1, y1) for x0, y0, x1, y1 in boxes.tolist())


def _has_size(box: Box) -> bool:
    return box.x1 - box.x0 > 0.1 and box.y1 - box.y0 > 0.1
