"""Pictures of a file's pages with what was read drawn on them, for a person who wonders what kanit saw.

Fields and rows in blue, QR codes in red; on PDFs, by pdfplumber's visual debugging, the words in grey too. Runs in
the sandbox.
"""

import io
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pdfplumber
from PIL import Image, ImageDraw

from extractors.facts import Box, Code, Document, Field, Media, Record, Workplace
from extractors.images import load_image

if TYPE_CHECKING:
    from pdfplumber.page import Page

RESOLUTION = 150
"""Dots per inch: small type can still be read, and a page is some 100 kB."""
MAX_PAGES = 60
MAX_SIDE = 2500
"""Pixels of the longer side to which the picture of a photograph is shrunk."""

_CLEAR = (0, 0, 0, 0)
_GREY, _BLUE, _RED = (128, 128, 128), (0, 80, 220), (220, 0, 0)


def draw_pages(path: Path, papers: Sequence[Document]) -> tuple[bytes, ...]:
    """Return a PNG of each page of a file, at most `MAX_PAGES`, with the boxes of what was read of its papers."""
    if papers[0].media is Media.IMAGE:
        images = load_image(path.read_bytes())[:MAX_PAGES]
        return tuple(
            _on_image(Image.fromarray(image), number, papers) for number, image in enumerate(images, 1)
        )
    if papers[0].media is not Media.PDF:
        return ()
    with pdfplumber.open(path) as pdf:
        return tuple(_on_page(page, number, papers) for number, page in enumerate(pdf.pages[:MAX_PAGES], 1))


def _on_page(page: "Page", number: int, papers: Sequence[Document]) -> bytes:
    image = page.to_image(resolution=RESOLUTION)
    words = [(word["x0"], word["top"], word["x1"], word["bottom"]) for word in page.extract_words()]
    image.draw_rects(words, fill=_CLEAR, stroke=_GREY, stroke_width=1)
    left, top = page.bbox[
        :2
    ]  # pdfplumber counts from the corner of the medium, boxes from that of the shown page
    for colour, boxes in _boxes(papers, number):
        places = [(box.x0 + left, box.y0 + top, box.x1 + left, box.y1 + top) for box in boxes]
        image.draw_rects(places, fill=_CLEAR, stroke=colour, stroke_width=1)
    target = io.BytesIO()
    image.save(target, format="PNG")
    return target.getvalue()


def _on_image(picture: Image.Image, number: int, papers: Sequence[Document]) -> bytes:
    scale = min(1.0, MAX_SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    shown = picture.resize(size).convert("RGB")
    pen = ImageDraw.Draw(shown)
    for colour, boxes in _boxes(papers, number):
        for box in boxes:
            x0, y0, x1, y1 = (edge * scale for edge in (box.x0, box.y0, box.x1, box.y1))
            pen.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=colour, width=2)
    target = io.BytesIO()
    shown.save(target, format="PNG")
    return target.getvalue()


def _boxes(papers: Sequence[Document], number: int) -> Iterator[tuple[tuple[int, int, int], list[Box]]]:
    """The boxes of a page by colour."""
    codes = chain.from_iterable(paper.codes for paper in papers)
    for colour, seen in ((_BLUE, chain.from_iterable(map(_read, papers))), (_RED, codes)):
        yield colour, [thing.box for thing in seen if thing.page == number]


def _read(document: Document) -> Iterator[Field | Record | Workplace | Code]:
    return chain(document.fields.values(), document.barcodes, document.records, document.workplaces)
