"""One PDF, page by page: words with boxes, page images, damage and passwords as results.

`PdfReader` is the fast reader (PDFium), `second_reading` the other opinion (pdfplumber). PDFium is not safe for
threads: a process reads one document at a time, and untrusted bytes are read inside the sandbox.
"""

import contextlib
import ctypes
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from extractors.facts import FaultCode
from extractors.images import Unreadable, load_image, unreadable
from extractors.pdf_words import WORD_GAP, PageFrame, page_words, pdfium
from extractors.turkish import repair
from extractors.words import PageText, Word

__all__ = ["MAX_PAGES", "PdfReader", "Unreadable", "load_image", "second_reading"]

MAX_PAGES = 500
"""Pages of one document: the longest statement seen has ten."""
MAX_SIDE = 14_400
"""Points: the largest page that PDF 1.7 foresees (200 inches, ISO 32000-1 annex C)."""
MAX_CHARACTERS = 100_000
"""Characters of one page: a dense statement has 6,000."""
MAX_RENDER_PIXELS = 25_000_000
"""Pixels of a rendered page: A4 at 500 dpi. Above it the decoders take seconds and gain nothing."""
_MAX_OBJECTS = 20_000
"""Page objects that are asked whether they are images; a statement drawn rule by rule has 2,000."""
_GRID = 100
"""Cells a side in which the part of the page that images cover is counted: to one per cent."""
_SECOND_DOUBLE = 0.5
"""Points by which a letter that is drawn twice for bold type may be off, for pdfplumber."""
_LARGE_SHARE = 0.3
"""Part of a page from which on it matters whether its images are a picture of writing."""
_INK = 70
"""Grey levels (of 255) between the ground of an image and its darkest hundredth: faint scans have 100, filigran 30."""
_EVERY = 2
"""Every so many pixels a side are looked at."""
_ENCRYPTED = frozenset({pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY})


_PdfDocument: Any = pypdfium2.PdfDocument  # the binding carries no types
Bounds: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top in PDF space."""


class PdfReader:
    """A PDF opened with PDFium; a context manager that frees everything at its end.

    An empty password is tried where one is needed. Raises `Unreadable` for damage, passwords, and more than
    `MAX_PAGES` pages; its methods raise it for a page that is damaged or too large.
    """

    def __init__(self, data: bytes) -> None:
        self._document = _open(data)
        self.pages: int = len(self._document)
        if not 0 < self.pages <= MAX_PAGES:
            self._document.close()
            raise unreadable("limit_pages" if self.pages else "damaged")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the document; the reader must not be used afterwards."""
        self._document.close()

    def page_text(self, number: int) -> PageText:
        """Return the words of page `number` (from 1) and the part of the page that images cover."""
        with self._page(number) as page:
            frame = _frame(page)
            width, height = frame.size
            return PageText(number, width, height, _words(page, frame), _image_share(page, frame))

    def page_size(self, number: int) -> tuple[float, float]:
        """Return width and height of page `number` (from 1) in points, as shown."""
        width, height = self._document.get_page_size(number - 1)
        return width, height

    def image_share(self, number: int) -> float:
        """Return the part of page `number` (from 1) that images cover, 0 to 1."""
        with self._page(number) as page:
            return _image_share(page, _frame(page))

    def render(self, number: int, dpi: int) -> NDArray[np.uint8]:
        """Return page `number` (from 1) as a grey image, as shown; coarser than `dpi` above `MAX_RENDER_PIXELS`."""
        with self._page(number) as page:
            width, height = _frame(page).size
            scale = min(dpi / 72, (MAX_RENDER_PIXELS / (width * height)) ** 0.5)
            try:
                bitmap = page.render(scale=scale, grayscale=True)
            except (pypdfium2.PdfiumError, ValueError):
                raise unreadable("damaged") from None
            image = np.array(bitmap.to_numpy(), dtype=np.uint8)
            bitmap.close()
            return image.reshape(image.shape[:2])

    @contextlib.contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        if not 1 <= number <= self.pages:
            raise IndexError(number)
        try:
            page = self._document[number - 1]
        except pypdfium2.PdfiumError:
            raise unreadable("damaged") from None
        try:
            yield page
        finally:
            page.close()


def _open(data: bytes) -> Any:
    try:
        return _PdfDocument(data, password="")
    except pypdfium2.PdfiumError as error:
        if error.err_code in _ENCRYPTED:
            raise unreadable("password", FaultCode.DOCUMENT_ENCRYPTED) from None
        raise unreadable("damaged") from None


def _frame(page: Any) -> PageFrame:
    left, bottom, right, top = page.get_bbox()
    frame = PageFrame(left, bottom, right, top, page.get_rotation() // 90)
    if not all(0 < side <= MAX_SIDE for side in frame.size):
        raise unreadable("limit_page_size")
    return frame


def _words(page: Any, frame: PageFrame) -> tuple[Word, ...]:
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        raise unreadable("damaged")
    try:
        if pdfium.FPDFText_CountChars(textpage) > MAX_CHARACTERS:
            raise unreadable("limit_text")
        return page_words(textpage, frame)
    finally:
        pdfium.FPDFText_ClosePage(textpage)


def _image_share(page: Any, frame: PageFrame) -> float:
    """Return the part of the page, 0 to 1, that pictures cover; overlaps count once, forms are entered one level.

    A light background behind the text (filigran) is no picture of a page: where images cover much, only those with
    something dark on light in them count.
    """
    images = tuple(_images(page))
    share = _covered(frame, [bounds for _, bounds in images])
    if share < _LARGE_SHARE:
        return share
    return _covered(frame, [bounds for image, bounds in images if _has_ink(image)])


def _covered(frame: PageFrame, places: Sequence[Bounds]) -> float:
    covered = np.zeros((_GRID, _GRID), dtype=np.bool_)
    width, height = frame.right - frame.left, frame.top - frame.bottom
    for left, bottom, right, top in places:
        x0, x1 = sorted(((left - frame.left) / width, (right - frame.left) / width))
        y0, y1 = sorted(((bottom - frame.bottom) / height, (top - frame.bottom) / height))
        columns, rows = _cells(x0, x1), _cells(y0, y1)
        covered[rows, columns] = True
    return float(covered.mean())


def _has_ink(image: Any) -> bool:
    """Tell whether an image has dark spots on a lighter ground, as writing has; one that cannot be decoded has."""
    raw = pdfium.FPDFImageObj_GetBitmap(image)
    if not raw:
        return True
    # PDFium's own bitmap: the wrapper frees it when the pixels are no longer used.
    pixels = pypdfium2.PdfBitmap.from_raw(raw).to_numpy()[::_EVERY, ::_EVERY]
    if not pixels.size:
        return True
    grey = pixels[..., :3].mean(axis=2) if pixels.ndim == 3 else pixels
    ground, dark = np.percentile(grey, (50, 1))
    return bool(ground - dark > _INK)


def _cells(low: float, high: float) -> slice:
    ends = np.clip(np.nan_to_num((low * _GRID, high * _GRID)), 0, _GRID)
    return slice(int(np.floor(ends[0])), int(np.ceil(ends[1])))


def _images(page: Any) -> Iterator[tuple[Any, Bounds]]:
    for i in range(min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)):
        found = pdfium.FPDFPage_GetObject(page, i)
        kind = pdfium.FPDFPageObj_GetType(found)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            yield found, _bounds(found)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _form_images(found)


def _form_images(form: Any) -> Iterator[tuple[Any, Bounds]]:
    """Yield the images inside a form with their places in the page's coordinates."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(form, matrix)
    for i in range(min(max(pdfium.FPDFFormObj_CountObjects(form), 0), _MAX_OBJECTS)):
        found = pdfium.FPDFFormObj_GetObject(form, i)
        if pdfium.FPDFPageObj_GetType(found) == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = _bounds(found)
            x = [matrix.a * u + matrix.c * v + matrix.e for u in (left, right) for v in (bottom, top)]
            y = [matrix.b * u + matrix.d * v + matrix.f for u in (left, right) for v in (bottom, top)]
            yield found, (min(x), min(y), max(x), max(y))


def _bounds(found: Any) -> Bounds:
    values = [ctypes.c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(found, *values)
    left, bottom, right, top = (value.value for value in values)
    return left, bottom, right, top


def second_reading(data: bytes) -> tuple[PageText, ...]:
    """Return every page's words as pdfplumber reads and groups them, in the coordinates of `PdfReader`.

    Asked before a paper is flagged for what its text says: some 20 times slower than PDFium.
    Raises `Unreadable` as `PdfReader` does.
    """
    import pdfplumber  # noqa: PLC0415 - 160 ms at every start, for papers that are about to be flagged
    from pdfminer.pdfdocument import PDFPasswordIncorrect  # noqa: PLC0415 - comes with it

    try:
        with _quiet(), pdfplumber.open(io.BytesIO(data), password="") as document:
            return tuple(_second_page(page) for page in document.pages[:MAX_PAGES])
    except (MemoryError, Unreadable):
        raise
    except (
        Exception
    ) as error:  # pdfminer lets through whatever the bytes provoke, from KeyError to RecursionError
        if isinstance(error.__cause__ or error.__context__ or error, PDFPasswordIncorrect):
            raise unreadable("password", FaultCode.DOCUMENT_ENCRYPTED) from None
        raise unreadable("damaged") from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep pdfminer's log and warnings, which quote the document's bytes, out of ours."""
    logger = logging.getLogger("pdfminer")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logger.setLevel(level)


def _second_page(page: Any) -> PageText:
    """Bring pdfplumber's words, which count from the corner of the turned media box, to the page as shown."""
    turns = page.rotation // 90
    media = _second_frame(page.page_obj.mediabox, turns)
    crop = _visible(media, _second_frame(page.page_obj.cropbox, turns))
    x, y = media.shown(np.array((crop.left, crop.right)), np.array((crop.bottom, crop.top)))
    left, top = float(x.min()) + page.mediabox[0], float(y.min()) + page.mediabox[1]
    found = _without_doubles(page).extract_words(x_tolerance_ratio=WORD_GAP)
    words = (_second_word(word, left, top) for word in found)
    return PageText(page.page_number, *crop.size, tuple(word for word in words if word.text))


def _without_doubles(page: Any) -> Any:
    """Leave out letters drawn twice for bold type; pdfplumber's own way takes longer than its parser."""
    letters = sorted(page.chars, key=lambda letter: (letter["text"], round(letter["top"]), letter["x0"]))
    doubles = {
        id(second)
        for first, second in pairwise(letters)
        if first["text"] == second["text"]
        and abs(first["top"] - second["top"]) <= _SECOND_DOUBLE
        and abs(first["x0"] - second["x0"]) <= _SECOND_DOUBLE
    }
    return page.filter(lambda found: id(found) not in doubles) if doubles else page


def _second_frame(box: Any, turns: int) -> PageFrame:
    left, bottom, right, top = (float(value) for value in box)
    return PageFrame(min(left, right), min(bottom, top), max(left, right), max(bottom, top), turns)


def _visible(media: PageFrame, crop: PageFrame) -> PageFrame:
    """Return the crop box within the media box, as PDFium shows it; the media box where nothing is left."""
    left, bottom = max(media.left, crop.left), max(media.bottom, crop.bottom)
    right, top = min(media.right, crop.right), min(media.top, crop.top)
    return PageFrame(left, bottom, right, top, media.turns) if left < right and bottom < top else media


def _second_word(found: Mapping[str, float | str], left: float, top: float) -> Word:
    x0, y0, x1, y1 = (float(found[key]) for key in ("x0", "top", "x1", "bottom"))
    return Word(repair(str(found["text"])).strip(), x0 - left, y0 - top, x1 - left, y1 - top)
