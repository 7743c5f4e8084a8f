"""The pictures embedded in a PDF page: which part of it they cover, their pixels without rendering the page.

A scan is one JPEG that covers the page. libjpeg gives it at a half or a quarter of its size for a fraction of what
PDFium needs to draw the page, and at a quarter a code is still read. What libjpeg must not be trusted with (CMYK,
inverted pictures, other filters) comes from PDFium.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from extractors.page_listing import Matrix
from extractors.page_objects import Bounds, Inventory, PageImage
from extractors.pdf_characters import PageFrame
from extractors.pdfium import pdfium

Grey = NDArray[np.uint8]

FIRST_DPI = 74
"""Least resolution at which a picture is looked at first: of 60 scans at 150 to 300 dpi all codes were read so."""
MAX_PICTURE_PIXELS = 25_000_000
"""Pixels of a decoded picture: A4 at 500 dpi."""
MAX_FIRST_PIXELS = 6_000_000
"""Pixels of a picture decoded for a first look: a page keeps them while it is open."""
MAX_STORED_PIXELS = 200_000_000
"""Pixels of an embedded picture that is decoded at all outside PDFium."""
_GRID = 100
"""Cells a side in which the part of the page that images cover is counted: to one per cent."""
_LARGE_SHARE = 0.3
"""Part of a page from which on it matters whether its images are a picture of writing."""
_PICTURE_SHARE = 0.5
"""Part of a page that its only large image must cover to stand for the page."""
_OTHER_SHARE = 0.25
"""Part of a page from which on an image beside it is another large one: strips of a scan, layers."""
_INK = 70
"""Grey levels (of 255) between the ground of an image and its darkest hundredth: faint scans have 100, filigran 30."""
_DARK_GROUND = 100
"""Grey level of the ground below which a JPEG may be stored inverted: PDFium says how it is shown."""
_SAMPLE = 50_000
"""Pixels, evenly spread, that tell the levels of an image."""
_PLAIN_COLOURS = frozenset(
    {
        pdfium.FPDF_COLORSPACE_DEVICEGRAY,
        pdfium.FPDF_COLORSPACE_DEVICERGB,
        pdfium.FPDF_COLORSPACE_CALGRAY,
        pdfium.FPDF_COLORSPACE_CALRGB,
        pdfium.FPDF_COLORSPACE_ICCBASED,
    }
)
_REDUCED = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


@dataclass(frozen=True, slots=True)
class PagePicture:
    """The picture that a page is: grey pixels (height x width), and the 3x3 matrix from them to points as shown.

    `reduced` tells that the stored picture has more pixels. The pixels lie as they are stored: the matrix may turn
    or mirror them.
    """

    image: Grey
    place: Matrix
    reduced: bool


def covered_share(inventory: Inventory, frame: PageFrame, decoded: "Decoded") -> float:
    """Return the part of the page, 0 to 1, that pictures cover; overlaps count once, forms are entered one level.

    A light background behind the text (filigran) is no picture of a page: where images cover much, only those with
    something dark on light in them count.
    """
    share = covered(frame, [image.bounds for image in inventory.images])
    if share < _LARGE_SHARE:
        return share
    return covered(frame, [image.bounds for image in inventory.images if has_ink(decoded.image(image))])


def covered(frame: PageFrame, places: Sequence[Bounds]) -> float:
    """Return the part of the page, 0 to 1, that rectangles in PDF space cover."""
    hidden = np.zeros((_GRID, _GRID), dtype=np.bool_)
    width, height = frame.right - frame.left, frame.top - frame.bottom
    for left, bottom, right, top in places:
        x0, x1 = sorted(((left - frame.left) / width, (right - frame.left) / width))
        y0, y1 = sorted(((bottom - frame.bottom) / height, (top - frame.bottom) / height))
        columns, rows = _cells(x0, x1), _cells(y0, y1)
        hidden[rows, columns] = True
    return float(hidden.mean())


def _cells(low: float, high: float) -> slice:
    ends = np.clip(np.nan_to_num((low * _GRID, high * _GRID)), 0, _GRID)
    return slice(int(np.floor(ends[0])), int(np.ceil(ends[1])))


def page_image(inventory: Inventory, frame: PageFrame) -> PageImage | None:
    """Return the image that stands for the page: the only large one, covering at least half of it."""
    large = [i for i in inventory.images if covered(frame, [i.bounds]) >= _OTHER_SHARE]
    if len(large) != 1 or covered(frame, [large[0].bounds]) < _PICTURE_SHARE:
        return None
    return large[0]


def has_ink(grey: Grey | None) -> bool:
    """Tell whether an image has dark spots on a lighter ground, as writing has; one that cannot be decoded has."""
    if grey is None:
        return True
    ground, dark = _levels(grey)
    return ground - dark > _INK


class Decoded:
    """Grey pixels of the images of one page, each decoded once, at the lowest resolution that reads a code."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[PageImage, Grey | None]] = {}

    def image(self, image: PageImage) -> Grey | None:
        """Return the pixels, reduced where that is cheap; None for an image that cannot be decoded."""
        key = id(image)
        if key not in self._known:
            self._known[key] = image, decode(image, FIRST_DPI)
        return self._known[key][1]


def picture(image: PageImage, grey: Grey | None, frame: PageFrame) -> PagePicture | None:
    """Return the page's image with its place on the page as shown."""
    if grey is None:
        return None
    height, width = grey.shape
    unit = np.array([[1 / width, 0, 0], [0, -1 / height, 1], [0, 0, 1]])
    stored_width, _ = _stored_size(image)
    return PagePicture(grey, _shown(frame) @ image.matrix @ unit, width < stored_width)


def stored_dpi(image: PageImage) -> float:
    """Return the resolution of an image on its page, in pixels an inch along its upper edge."""
    width, _ = _stored_size(image)
    return 72 * width / max(float(np.hypot(*image.matrix[:2, 0])), 1.0)


def _shown(frame: PageFrame) -> Matrix:
    """Return the matrix from PDF space to points of the page as shown."""
    corners = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
    x, y = frame.shown(*corners)
    return np.array([[x[1] - x[0], x[2] - x[0], x[0]], [y[1] - y[0], y[2] - y[0], y[0]], [0, 0, 1]])


def decode(image: PageImage, least_dpi: float | None) -> Grey | None:
    """Return an image's pixels as grey, reduced as far as `least_dpi` allows, all of them where that is None."""
    width, height = _stored_size(image)
    factor = _reduction(image, width, least_dpi)
    most = MAX_PICTURE_PIXELS if least_dpi is None else MAX_FIRST_PIXELS
    while width * height / factor**2 > most:
        factor *= 2
    grey = _from_jpeg(image, factor) if width * height <= MAX_STORED_PIXELS and factor in _REDUCED else None
    if grey is None or _levels(grey)[0] < _DARK_GROUND:
        shown = _from_pdfium(image, factor)
        return grey if shown is None else shown
    return grey


def _levels(grey: Grey) -> tuple[int, int]:
    """Return the grey level of an image's ground (its median) and that of its darkest hundredth."""
    every = max(1, int((grey.size / _SAMPLE) ** 0.5))
    sample = grey[::every, ::every]
    counts = np.bincount(sample.ravel(), minlength=256).cumsum()
    ground, dark = np.searchsorted(counts, (0.5 * counts[-1], 0.01 * counts[-1])).tolist()
    return ground, dark


def _from_jpeg(image: PageImage, factor: int) -> Grey | None:
    data = _plain_jpeg(image)
    if data is None:
        return None
    try:
        grey = cv2.imdecode(data, _REDUCED[factor] | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    return None if grey is None else np.asarray(grey, np.uint8)


def _reduction(image: PageImage, width: int, least_dpi: float | None) -> int:
    """Return 1, 2 or 4: by how much a JPEG is reduced while it is decoded."""
    drawn = float(np.hypot(image.matrix[0, 0], image.matrix[1, 0]))
    if least_dpi is None or drawn <= 0:
        return 1
    spare = width * 72 / drawn / least_dpi
    return 4 if spare >= 4 else 2 if spare >= 2 else 1


def _plain_jpeg(image: PageImage) -> NDArray[np.uint8] | None:
    """Return the bytes of an image that is nothing but a grey or RGB JPEG."""
    if pdfium.FPDFImageObj_GetImageFilterCount(image.handle) != 1:
        return None
    name = ctypes.create_string_buffer(16)
    pdfium.FPDFImageObj_GetImageFilter(image.handle, 0, name, len(name))
    facts = pdfium.FPDF_IMAGEOBJ_METADATA()
    pdfium.FPDFImageObj_GetImageMetadata(image.handle, image.page, facts)
    if name.value != b"DCTDecode" or facts.colorspace not in _PLAIN_COLOURS or facts.bits_per_pixel > 24:
        return None
    size = pdfium.FPDFImageObj_GetImageDataRaw(image.handle, None, 0)
    data = np.empty(size, np.uint8)
    pdfium.FPDFImageObj_GetImageDataRaw(image.handle, data.ctypes.data_as(ctypes.c_void_p), size)
    return data


def _stored_size(image: PageImage) -> tuple[int, int]:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(image.handle, width, height):
        return 0, 0
    return width.value, height.value


def _from_pdfium(image: PageImage, factor: int) -> Grey | None:
    raw = pdfium.FPDFImageObj_GetBitmap(image.handle)
    if not raw:
        return None
    # PDFium's own bitmap: the wrapper frees it when the pixels are no longer used.
    bitmap: Any = pypdfium2.PdfBitmap
    pixels = bitmap.from_raw(raw).to_numpy()
    if not pixels.size:
        return None
    if factor == 1:
        return grey_of(pixels)
    # Reduced before anything is copied: a picture of one bit a pixel has 1.2 GB at PDFium's eight.
    height, width = pixels.shape[:2]
    size = (max(1, width // factor), max(1, height // factor))
    return grey_of(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)))


def grey_of(pixels: NDArray[np.uint8]) -> Grey:
    """Return a copy of PDFium's pixels as grey (height x width)."""
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.array(pixels.reshape(pixels.shape[:2]), np.uint8)
    change = cv2.COLOR_BGRA2GRAY if pixels.shape[2] == 4 else cv2.COLOR_BGR2GRAY
    return np.asarray(cv2.cvtColor(pixels, change), np.uint8)
