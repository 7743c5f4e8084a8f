"""What becomes of a PDF on its way: scans, photographs, passwords, broken uploads."""

import io
import time
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
from PIL import Image

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


def truncated(pdf: bytes, keep: float = 0.3) -> bytes:
    """Return the first part of the file: too little for any reader."""
    return pdf[: int(len(pdf) * keep)]
