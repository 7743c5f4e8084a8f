"""What becomes of a PDF on its way: scans, photographs, passwords, broken uploads."""

import io
import time
from collections.abc import Iterator
from typing import Any

import pdfplumber
import pypdfium2 as pdfium
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen import canvas

from tests.papers.fonts import font_path
from tests.papers.style import Family

_pdfium: Any = pdfium  # it has no annotations
_MADE = time.struct_time((2026, 11, 20, 12, 0, 0, 4, 324, 0))


def pictures(pdf: bytes, dpi: int = 150) -> Iterator[Image.Image]:
    """Give the pages as grey pictures."""
    document: Any = _pdfium.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


def image_only(pdf: bytes, dpi: int = 150, quality: int = 70) -> bytes:
    """Return a PDF of the pages' pictures, without any text: a scan."""
    first, *others = pictures(pdf, dpi)
    file = io.BytesIO()
    first.save(
        file,
        format="PDF",
        save_all=True,
        append_images=others,
        resolution=dpi,
        quality=quality,
        creationDate=_MADE,
        modDate=_MADE,
    )
    return file.getvalue()


def as_image(pdf: bytes, kind: str = "JPEG", page: int = -1, dpi: int = 150) -> bytes:
    """Return one page, the last unless told otherwise, as a JPEG, PNG or TIFF file."""
    file = io.BytesIO()
    list(pictures(pdf, dpi))[page].save(file, format=kind)
    return file.getvalue()


def searchable(pdf: bytes, dpi: int = 150) -> bytes:
    """Return what scanners with text recognition make: pictures of the pages under invisible words."""
    pdfmetrics.registerFont(ttfonts.TTFont("Searchable", str(font_path(Family.WIDE))))
    file = io.BytesIO()
    sheet = canvas.Canvas(file, invariant=True)
    with pdfplumber.open(io.BytesIO(pdf)) as source:
        for page, picture in zip(source.pages, pictures(pdf, dpi), strict=True):
            width, height = float(page.width), float(page.height)
            sheet.setPageSize((width, height))
            sheet.drawImage(ImageReader(picture), 0, 0, width, height)
            for word in page.extract_words():
                text = sheet.beginText(word["x0"], height - word["bottom"])
                text.setTextRenderMode(3)
                size = word["bottom"] - word["top"]
                text.setFont("Searchable", size)
                drawn = pdfmetrics.stringWidth(word["text"], "Searchable", size)
                text.setHorizScale(100 * (word["x1"] - word["x0"]) / drawn)
                text.textOut(word["text"])
                sheet.drawText(text)
            sheet.showPage()
    sheet.save()
    return file.getvalue()


def truncated(pdf: bytes, keep: float = 0.3) -> bytes:
    """Return the first part of the file: too little for any reader."""
    return pdf[: int(len(pdf) * keep)]
