"""Several papers in one file: PDFs merged or taken apart page by page, pictures in one TIFF."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pypdfium2
from PIL import Image

from tests.papers import scans

_pdfium: Any = pypdfium2  # it has no annotations
_ID, _TIME = re.compile(rb"<[0-9A-F]{32}>"), re.compile(rb"\(D:[0-9]{14}")


def merged(*parts: tuple[bytes, Sequence[int] | None] | bytes) -> bytes:
    """Return a PDF of the pages of others; a part is a PDF, or a PDF and the numbers of its pages (from 1)."""
    target: Any = _pdfium.PdfDocument.new()
    for part in parts:
        data, numbers = (part, None) if isinstance(part, bytes) else part
        source: Any = _pdfium.PdfDocument(data)
        target.import_pages(source, None if numbers is None else [number - 1 for number in numbers])
        source.close()
    return _saved(target)


def blank_page() -> bytes:
    """Return a PDF with one empty page."""
    target: Any = _pdfium.PdfDocument.new()
    target.new_page(595, 842)
    return _saved(target)


def tiff(pdfs: Iterable[bytes], dpi: int = 150) -> bytes:
    """Return a TIFF with a picture of every page of some PDFs."""
    first, *others = [picture for pdf in pdfs for picture in scans.pictures(pdf, dpi)]
    file = io.BytesIO()
    first.save(file, format="TIFF", save_all=True, append_images=others, compression="tiff_deflate")
    return file.getvalue()


def pictures(pdf: bytes, stem: str, dpi: int = 200, kind: str = "JPEG") -> dict[str, bytes]:
    """Return each page of a PDF as a picture file: `stem-1.jpg`, `stem-2.jpg`."""
    return {f"{stem}-{n}.jpg": _bytes(picture, kind) for n, picture in enumerate(scans.pictures(pdf, dpi), 1)}


def _saved(document: Any) -> bytes:
    """Return the bytes of a PDF, always the same ones: PDFium gives every file another id, and the time."""
    file = io.BytesIO()
    document.save(file)
    document.close()
    return _TIME.sub(b"(D:20261120120000", _ID.sub(b"<" + b"0" * 32 + b">", file.getvalue()))


def _bytes(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, format=kind)
    return file.getvalue()
