"""Annotations and form fields that show something over a PDF page: nothing that e-Devlet issues has any."""

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np

from extractors.facts import Box
from extractors.pdf_characters import PageFrame
from extractors.pdfium import pdfium

_MAX_ANNOTATIONS = 500
_HIDDEN = 0x02 | 0x20
"""Flags Hidden and NoView (ISO 32000-1, table 165)."""
_QUIET = frozenset({pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_UNKNOWN})
"""Annotations that show nothing of their own."""
_SIGNATURE_FIELD = "Sig"


def shown_annotations(page: Any, frame: PageFrame) -> Iterator[Box]:
    """Yield where annotations and form fields stand on a page (PDFium's handle) and show something.

    Fields of signatures are left out: they are told with the signature.
    """
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        try:
            box = _box(annotation, frame)
            if box is not None and _shows(annotation):
                yield box
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _shows(annotation: Any) -> bool:
    if pdfium.FPDFAnnot_GetSubtype(annotation) in _QUIET or pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
        return False
    return _text(annotation, b"FT") != _SIGNATURE_FIELD


def _box(annotation: Any, frame: PageFrame) -> Box | None:
    """Return the annotation's box on the page as shown, None where it has no size."""
    edges = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(annotation, edges):
        return None
    x, y = frame.shown(np.array((edges.left, edges.right)), np.array((edges.bottom, edges.top)))
    box = Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    return box if box.x1 - box.x0 > 0.1 and box.y1 - box.y0 > 0.1 else None


def _text(annotation: Any, key: bytes) -> str:
    """Return a short text of the annotation's dictionary."""
    units = (ctypes.c_ushort * 32)()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, units, ctypes.sizeof(units))
    return bytes(units).decode("utf-16-le", "replace").split("\0", 1)[0]
