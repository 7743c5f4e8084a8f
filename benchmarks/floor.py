"""The least that reading can cost: open, render in grey at 100 dpi, look once for a QR code, take PDFium's text.

No isolation, no check of the archive, no second look, no fields, no rules, no database.
"""

import zipfile
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import zxingcpp

from benchmarks.naive import Answer

DPI = 100

_QR_CODE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_pdfium: Any = pdfium  # it has no annotations


def read_upload(path: Path) -> Answer:
    """Read every PDF of a zip; a file that cannot be read counts for nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [read_pdf(archive.read(name)) for name in archive.namelist() if name.endswith(".pdf")]
    except Exception:  # as in the naive pipeline
        return Answer()
    codes = frozenset(code for each in found for code in each.codes)
    return Answer(sum(each.pages for each in found), codes, "\n".join(each.text for each in found))


def read_pdf(data: bytes) -> Answer:
    """Read one PDF."""
    codes: set[str] = set()
    texts = []
    document = _pdfium.PdfDocument(data)
    try:
        for page in document:
            picture = page.render(scale=DPI / 72, grayscale=True).to_numpy()
            found = zxingcpp.read_barcodes(picture.squeeze(), formats=_QR_CODE)
            codes |= {code.text for code in found}
            texts.append(page.get_textpage().get_text_bounded())
        return Answer(len(document), frozenset(codes), "\n".join(texts))
    finally:
        document.close()
