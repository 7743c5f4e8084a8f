"""The least that reading can cost: open, render in grey at 100 dpi, look once for a QR code, take PDFium's text.

No isolation, no check of the archive, no second look, no fields, no rules, no database.
"""

from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import zxingcpp

from benchmarks.answers import Answer, read_zip

DPI = 100

_QR_CODE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_pdfium: Any = pdfium  # it has no annotations


def read_upload(path: Path) -> Answer:
    """Read every PDF of a zip."""
    return read_zip(path, read_pdf)


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
