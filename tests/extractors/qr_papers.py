"""PDF pages with QR codes on them: drawn by a program, as image objects, or scanned."""

import zlib
from typing import Any

import cv2
import numpy as np

from extractors.facts import Box, Code
from extractors.qr import find_codes
from extractors.qr_decoders import Grey
from extractors.reader import PdfReader
from tests.extractors.pdfs import Page, pdf, stream, text
from tests.extractors.qr_drawings import drawn


def page_text(number: int) -> str:
    """Forty lines of a page."""
    return "".join(
        text(40, 780 - 14 * line, f"row {line} of page {number} 7411.02 1000000") for line in range(40)
    )


def ruled() -> str:
    """A table drawn cell by cell, and a dotted rule: many small paths that are no code."""
    cells = "".join(f"{40 + 80 * x} {610 + 15 * y} 80 15 re S\n" for x in range(6) for y in range(14))
    return cells + "".join(f"{40 + 2 * i} 600 1 1 re f\n" for i in range(250))


def sheet(content: str, **parts: Any) -> Page:
    """A page of A4."""
    return Page(content, media=(0, 0, 595, 842), **parts)


def picture(image: Grey, entries: str = "/ColorSpace/DeviceGray", quality: int | None = None) -> bytes:
    """An image object: a JPEG of that quality, or compressed pixels."""
    size = f"/Type/XObject/Subtype/Image/Width {image.shape[1]}/Height {image.shape[0]}/BitsPerComponent 8{entries}"
    if quality is None:
        return stream(zlib.compress(np.ascontiguousarray(image).tobytes()), f"{size}/Filter/FlateDecode")
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return stream(data.tobytes(), f"{size}/Filter/DCTDecode")


def scan(image: Grey, **options: Any) -> Page:
    """A page that is one picture."""
    return sheet("q 595 0 0 842 0 0 cm /A Do Q", xobjects={"A": picture(image, **options)})


def scanned_page(content: str, dpi: int, x: int = 450, y: int = 650) -> Grey:
    """A page of grey lines with a code of 2.5 cm at (x, y) in points from the top left."""
    scale = dpi / 72
    image = np.full((round(842 * scale), round(595 * scale)), 245, np.uint8)
    image[:: round(14 * scale), : round(400 * scale)] = 60
    side = round(85 * scale)
    code = cv2.resize(drawn(content, 8), (side, side), interpolation=cv2.INTER_AREA)
    left, top = round(x * scale), round(y * scale)
    image[top : top + side, left : left + side] = code
    return image


def codes_in(*pages: Page) -> tuple[Code, ...]:
    """The codes of a PDF of these pages."""
    with PdfReader(pdf(*pages)) as reader:
        return find_codes(reader)


def image_at(x: float, y: float, side: float = 70, name: str = "A") -> str:
    """Draw a square image object with its lower left corner at (x, y) in PDF points."""
    return f"q {side} 0 0 {side} {x} {y} cm /{name} Do Q\n"


class WholePages(PdfReader):
    """A reader to which each page is one place where a code may stand: every look renders all of it."""

    def regions(self, number: int) -> tuple[Box, ...]:
        return (Box(0, 0, *self.page_size(number)),)

    def first_picture(self, number: int) -> None:
        return None

    def only_picture(self, number: int) -> bool:
        return False
