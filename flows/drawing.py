"""Pictures of a paper's pages with what was read drawn on them, for a person who wonders what kanit saw.

Drawn by pdfplumber's visual debugging: words in grey, fields and rows in blue, QR codes in red. Runs in the sandbox.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pdfplumber

from extractors.facts import Box, Code, Document, Field, Record, Workplace

if TYPE_CHECKING:
    from pdfplumber.page import Page

RESOLUTION = 150
"""Dots per inch: small type can still be read, and a page is some 100 kB."""
MAX_PAGES = 60

_CLEAR = (0, 0, 0, 0)
_GREY, _BLUE, _RED = (128, 128, 128), (0, 80, 220), (220, 0, 0)


def draw_pages(path: Path, document: Document) -> tuple[bytes, ...]:
    """Return a PNG of each page of a PDF, at most `MAX_PAGES`, with the boxes of what was read."""
    with pdfplumber.open(path) as pdf:
        return tuple(_draw(page, number, document) for number, page in enumerate(pdf.pages[:MAX_PAGES], 1))


def _draw(page: "Page", number: int, document: Document) -> bytes:
    image = page.to_image(resolution=RESOLUTION)
    words = [(word["x0"], word["top"], word["x1"], word["bottom"]) for word in page.extract_words()]
    image.draw_rects(words, fill=_CLEAR, stroke=_GREY, stroke_width=1)
    for seen, colour in ((_read(document), _BLUE), (iter(document.codes), _RED)):
        boxes = [_on(page, thing.box) for thing in seen if thing.page == number]
        image.draw_rects(boxes, fill=_CLEAR, stroke=colour, stroke_width=1)
    target = BytesIO()
    image.save(target, format="PNG")
    return target.getvalue()


def _read(document: Document) -> Iterator[Field | Record | Workplace | Code]:
    return chain(document.fields.values(), document.barcodes, document.records, document.workplaces)


def _on(page: "Page", box: Box) -> tuple[float, float, float, float]:
    """Move a box from the shown page's corner to that of the medium, from which pdfplumber counts."""
    left, top = page.bbox[:2]
    return box.x0 + left, box.y0 + top, box.x1 + left, box.y1 + top
