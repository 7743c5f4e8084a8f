"""Pictures of a file's pages for people to look at: as shown, in colour, upright, at two widths.

Runs in the sandbox. What is handed on was encoded here: never a byte of the upload, so a browser meets nothing but our
own PNG and JPEG. A page of print in black is PNG with 16 greys, sharp and a tenth of the JPEG's size; a page in colour
is JPEG. WebP would be smaller still, but takes libwebp four times as long as PDFium takes to draw the page.
"""

import io
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extractors.archive import media_of, read_member, walk
from extractors.facts import Media
from extractors.held import File
from extractors.images import Unreadable, opaque, read_frames, unreadable, upright
from extractors.reader import PdfReader

STRIP_WIDTH = 160
"""Pixels of a page in the strip beside the paper."""
READING_WIDTH = 1400
"""Pixels of a page to be read: A4 at 170 dpi."""
WIDTHS = (STRIP_WIDTH, READING_WIDTH)

Size: TypeAlias = tuple[float, float]
"""Width and height of a page as shown, in the unit of its boxes: PDF points, or pixels of an upright picture."""
Colours: TypeAlias = NDArray[np.uint8]

_GREYS = 16
_PALETTE = [level * 17 for level in range(_GREYS) for _ in range(3)]
_PLAIN = 0.6
"""Part of a page that has one shade of grey: 0.8 and more of dense print, seldom 0.3 of a scan."""
_EVERY = 4
"""Every so many pixels across and down are looked at to tell print."""
_QUALITY = 80
_MAX_SIDE = 16_000
"""Pixels of the longer side: browsers show no larger pictures."""


@dataclass(frozen=True, slots=True)
class Views:
    """What there is to see of a file.

    `sizes` are those of its pages in order, None for one that is damaged or too large. `pictures` holds PNG or JPEG
    files by page (from 1) and width; pages that time did not allow are missing, and so are those without a size.
    """

    sizes: tuple[Size | None, ...]
    pictures: Mapping[tuple[int, int], bytes] = field(default_factory=dict)


def view_upload(path: File, document: str | None, first: int = 1, seconds: float = 0.0) -> Views:
    """Draw pages of one document (`sha256:` and its hash) of an uploaded archive, or of a file that is no archive.

    Page `first` is drawn, then those after it and those before it, until so many seconds of processor time are over: as
    many pages on a busy machine as on an idle one. Raises ArchiveRefused, and `Unreadable`: for damage and passwords,
    `unsupported` for what is neither PDF nor picture, `missing` where the archive has no such document.
    """
    return view_file(_document(path, document), first, seconds)


def view_file(data: bytes, first: int = 1, seconds: float = 0.0) -> Views:
    """Draw pages of a PDF or a picture as `view_upload` does."""
    media = media_of(data)
    if media is Media.PDF:
        return _view_pdf(data, first, time.process_time() + seconds)
    if media is Media.IMAGE:
        return _view_image(data)
    raise unreadable("unsupported")


def _document(path: File, document: str | None) -> bytes:
    if document is None:
        return path.read_bytes()
    member = next((member for member in walk(path) if member.sha256 == document), None)
    if member is None:
        raise unreadable("missing")
    return read_member(path, member.locator)


def _view_pdf(data: bytes, first: int, until: float) -> Views:
    with PdfReader(data) as reader:
        sizes = [_size(reader, number) for number in range(1, reader.pages + 1)]
        pictures: dict[tuple[int, int], bytes] = {}
        for number in _order(first, reader.pages):
            try:
                pictures |= _pictures(number, reader.colours(number, READING_WIDTH))
            except Unreadable:
                sizes[number - 1] = None
            if time.process_time() > until:
                break
    return Views(tuple(sizes), pictures)


def _order(first: int, pages: int) -> Iterator[int]:
    """Yield the pages from `first` on, then those before it; none where there is no such page."""
    if 1 <= first <= pages:
        yield from range(first, pages + 1)
        yield from range(1, first)


def _size(reader: PdfReader, number: int) -> Size | None:
    try:
        return reader.page_size(number)
    except Unreadable:
        return None


def _view_image(data: bytes) -> Views:
    """Draw all pages: a picture's size is known for certain only when it is decoded."""
    pages = read_frames(data, _frame)
    pictures = [_pictures(number, pixels) for number, (_, pixels) in enumerate(pages, start=1)]
    return Views(
        tuple(size for size, _ in pages), {key: picture for page in pictures for key, picture in page.items()}
    )


def _frame(frame: Image.Image) -> tuple[Size, Colours]:
    stored = frame.size
    frame.draft("RGB", (READING_WIDTH, READING_WIDTH))  # what a JPEG has more is not decoded at all
    reduction = stored[0] / frame.width
    shown = upright(frame)
    size = shown.width * reduction, shown.height * reduction
    return size, np.asarray(_shrunk(shown, READING_WIDTH).convert("RGB"))


def _shrunk(image: Image.Image, width: int) -> Image.Image:
    """Return a picture in at most so many pixels across, made opaque; a smaller one keeps its size."""
    plain = opaque(image)
    scale = min(1.0, width / plain.width, _MAX_SIDE / plain.height)
    size = (max(1, round(plain.width * scale)), max(1, round(plain.height * scale)))
    return plain if scale == 1.0 else plain.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _pictures(number: int, pixels: Colours) -> dict[tuple[int, int], bytes]:
    """Return a page (height x width x RGB) at each width."""
    plain = _without_colour(pixels)
    height, width = plain.shape[:2]
    scale = min(1.0, STRIP_WIDTH / width, 4 * STRIP_WIDTH / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    strip = np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.uint8)
    return {(number, STRIP_WIDTH): _encoded(strip), (number, READING_WIDTH): _encoded(plain)}


def _without_colour(pixels: Colours) -> Colours:
    """Return RGB pixels as grey (height x width) where they have no colour."""
    red, green, blue = cv2.split(pixels)
    grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return np.asarray(red, np.uint8) if grey else pixels


def _encoded(pixels: Colours) -> bytes:
    """Return grey or RGB pixels as PNG where they are print in black, else as JPEG."""
    file = io.BytesIO()
    if pixels.ndim == 2 and _is_print(pixels):
        size = pixels.shape[1], pixels.shape[0]
        image = Image.frombytes("P", size, (pixels // (256 // _GREYS)).tobytes())
        image.putpalette(_PALETTE)
        image.save(file, "PNG", compress_level=1, bits=4)
    else:
        Image.fromarray(pixels).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _is_print(grey: Colours) -> bool:
    """Tell print from a scan, whose paper has every shade: most of a printed page has one."""
    counts = np.bincount(grey[::_EVERY, ::_EVERY].ravel(), minlength=256)
    return bool(counts.max() > _PLAIN * counts.sum())
