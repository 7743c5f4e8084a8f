"""One PDF, page by page: words with boxes, page images, damage and passwords as results.

`PdfReader` is the fast reader (PDFium), `second_reading` the other opinion (pdfplumber). PDFium is not safe for
threads: a process reads one document at a time, and untrusted bytes are read inside the sandbox.
"""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from extractors.facts import Box, FaultCode
from extractors.images import Unreadable, load_image, unreadable
from extractors.page_images import (
    Decoded,
    PagePicture,
    covered,
    covered_share,
    decode,
    grey_of,
    page_image,
    picture,
    stored_dpi,
)
from extractors.page_listing import Listing, list_objects
from extractors.page_objects import Inventory, PageImage, regions, take_inventory
from extractors.pdf_words import WORD_GAP, PageFrame, page_words
from extractors.pdfium import pdfium
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
_SECOND_DOUBLE = 0.5
"""Points by which a letter that is drawn twice for bold type may be off, for pdfplumber."""
_OPEN_PAGES = 12
"""Pages that stay open after they were used: words, codes and pictures of a page are asked for one after the other."""
_PICTURE_DPI = 300
"""Resolution at which a page is drawn that is no single picture."""
_COLOUR_SHARE = 0.3
"""Part of a page that images must cover for drawing in colour to be the faster way to grey (half the time)."""
_ENCRYPTED = frozenset({pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY})


_PdfDocument: Any = pypdfium2.PdfDocument  # the binding carries no types


class PdfReader:
    """A PDF opened with PDFium; a context manager that frees everything at its end.

    An empty password is tried where one is needed. Raises `Unreadable` for damage, passwords, and more than
    `MAX_PAGES` pages; its methods raise it for a page that is damaged or too large.
    """

    def __init__(self, data: bytes) -> None:
        self._document = _open(data)
        self._open: dict[int, _Page] = {}
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
        for page in self._open.values():
            page.close()
        self._open.clear()
        self._document.close()

    @property
    def handle(self) -> Any:
        """The document as PDFium's functions take it."""
        return self._document.raw

    def page_handle(self, number: int) -> tuple[Any, PageFrame]:
        """Return page `number` (from 1) as PDFium's functions take it, and where it lies."""
        page = self._page(number)
        return page.handle.raw, page.frame

    def listing(self, number: int) -> Listing:
        """Return the objects of page `number` (from 1) in the order of painting."""
        return self._page(number).listing

    def information(self) -> dict[str, str]:
        """Return the document information (Producer, CreationDate, ...); what is not told is empty."""
        return dict(self._document.get_metadata_dict())

    def page_text(self, number: int) -> PageText:
        """Return the words of page `number` (from 1) and the part of the page that images cover."""
        page = self._page(number)
        width, height = page.frame.size
        return PageText(number, width, height, _words(page.handle, page.frame), page.image_share)

    def page_size(self, number: int) -> tuple[float, float]:
        """Return width and height of page `number` (from 1) in points, as shown."""
        try:
            width, height = self._document.get_page_size(number - 1)
        except pypdfium2.PdfiumError:
            raise unreadable("damaged") from None
        return width, height

    def image_share(self, number: int) -> float:
        """Return the part of page `number` (from 1) that images cover, 0 to 1."""
        return self._page(number).image_share

    def render(self, number: int, dpi: float, region: Box | None = None) -> NDArray[np.uint8]:
        """Return page `number` (from 1), or a region of it in points, as a grey image, as shown.

        It is coarser than `dpi` above `MAX_RENDER_PIXELS`.
        """
        page = self._page(number)
        width, height = page.frame.size
        seen = region or Box(0, 0, width, height)
        area = (seen.x1 - seen.x0) * (seen.y1 - seen.y0)
        scale = min(dpi / 72, (MAX_RENDER_PIXELS / area) ** 0.5)
        crop = (seen.x0, height - seen.y1, width - seen.x1, seen.y0) if region else (0, 0, 0, 0)
        colour = page.covered > _COLOUR_SHARE
        try:
            bitmap = page.handle.render(scale=scale, crop=crop, grayscale=not colour)
        except (pypdfium2.PdfiumError, ValueError):
            raise unreadable("damaged") from None
        image = grey_of(bitmap.to_numpy())
        bitmap.close()
        return image

    def colours(self, number: int, width: int) -> NDArray[np.uint8]:
        """Return page `number` (from 1) as it is shown, so many pixels across, RGB (height x width x 3).

        It is coarser above `MAX_RENDER_PIXELS`.
        """
        page = self._page(number)
        across, down = page.frame.size
        scale = min(width / across, (MAX_RENDER_PIXELS / (across * down)) ** 0.5)
        try:
            bitmap = page.handle.render(scale=scale, rev_byteorder=True)
        except (pypdfium2.PdfiumError, ValueError):
            raise unreadable("damaged") from None
        pixels = np.array(bitmap.to_numpy(), np.uint8)
        bitmap.close()
        return pixels

    def regions(self, number: int) -> tuple[Box, ...]:
        """Return where on page `number` (from 1) a code may be drawn, in points as shown.

        These are its images and crowds of small paths; not the picture that `first_picture` returns, nor what is
        drawn with letters, patterns or annotations.
        """
        page = self._page(number)
        return regions(page.inventory, page.frame, page.image)

    def first_picture(self, number: int) -> PagePicture | None:
        """Return the picture that page `number` (from 1) is, reduced to what a first look needs, or None."""
        page = self._page(number)
        return picture(page.image, page.decoded.image(page.image), page.frame) if page.image else None

    def page_picture(self, number: int) -> PagePicture:
        """Return the picture that page `number` (from 1) is with all its pixels, or the page drawn at 300 dpi."""
        page = self._page(number)
        found = picture(page.image, decode(page.image, None), page.frame) if page.image else None
        return found or self._drawn(number)

    def only_picture(self, number: int) -> bool:
        """Tell whether page `number` (from 1) shows nothing but the picture that it is."""
        page = self._page(number)
        return bool(page.image and len(page.listing.handles) == 1) and not pdfium.FPDFPage_GetAnnotCount(
            page.handle.raw
        )

    def picture_dpi(self, number: int) -> float | None:
        """Return the resolution of the picture that page `number` (from 1) is, in pixels an inch, or None."""
        image = self._page(number).image
        return stored_dpi(image) if image else None

    def _drawn(self, number: int) -> PagePicture:
        image = self.render(number, _PICTURE_DPI)
        width, height = self._page(number).frame.size
        return PagePicture(
            image, np.diag((width / image.shape[1], height / image.shape[0], 1.0)), reduced=False
        )

    def _page(self, number: int) -> "_Page":
        """Return an open page; the one that was not used for longest makes room."""
        if not 1 <= number <= self.pages:
            raise IndexError(number)
        page = self._open.pop(number, None) or _Page(self._document, number)
        self._open[number] = page
        while len(self._open) > _OPEN_PAGES:
            self._open.pop(next(iter(self._open))).close()
        return page


class _Page:
    """An open page, and what was found out about it: everything is looked at once."""

    def __init__(self, document: Any, number: int) -> None:
        try:
            self.handle = document[number - 1]
        except pypdfium2.PdfiumError:
            raise unreadable("damaged") from None
        try:
            self.frame = _frame(self.handle)
        except Unreadable:
            self.close()
            raise
        self.decoded = Decoded()

    def close(self) -> None:
        self.handle.close()

    @cached_property
    def listing(self) -> Listing:
        """Its objects."""
        return list_objects(self.handle.raw)

    @cached_property
    def inventory(self) -> Inventory:
        """What on it may be a picture or a code."""
        return take_inventory(self.handle.raw, self.listing, self.frame)

    @cached_property
    def image(self) -> PageImage | None:
        """The image that stands for it."""
        return page_image(self.inventory, self.frame)

    @cached_property
    def image_share(self) -> float:
        """The part of it that pictures of writing cover."""
        return covered_share(self.inventory, self.frame, self.decoded)

    @cached_property
    def covered(self) -> float:
        """The part of it that images of any kind cover."""
        return covered(self.frame, [image.bounds for image in self.inventory.images])


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


def second_reading(data: bytes, numbers: Sequence[int] = ()) -> tuple[PageText, ...]:
    """Return the words of some pages, or of all, as pdfplumber reads and groups them, as `PdfReader` places them.

    Asked before a paper is flagged for what its text says: some 20 times slower than PDFium.
    Raises `Unreadable` as `PdfReader` does.
    """
    import pdfplumber  # noqa: PLC0415 - 160 ms at every start, for papers that are about to be flagged
    from pdfminer.pdfdocument import PDFPasswordIncorrect  # noqa: PLC0415 - comes with it

    try:
        with quiet(), pdfplumber.open(io.BytesIO(data), password="") as document:
            pages = document.pages[:MAX_PAGES]
            return tuple(_second_page(page) for page in pages if not numbers or page.page_number in numbers)
    except (MemoryError, Unreadable):
        raise
    except (
        Exception
    ) as error:  # pdfminer lets through whatever the bytes provoke, from KeyError to RecursionError
        if isinstance(error.__cause__ or error.__context__ or error, PDFPasswordIncorrect):
            raise unreadable("password", FaultCode.DOCUMENT_ENCRYPTED) from None
        raise unreadable("damaged") from None


@contextlib.contextmanager
def quiet(library: str = "pdfminer") -> Iterator[None]:
    """Keep a library's log and warnings, which quote the document's bytes, out of ours."""
    logger = logging.getLogger(library)
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
