"""Real papers, read and drawn: the boxes that an officer is shown lie on the picture where the thing is."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from extractors.document import read_document
from extractors.facts import Upload
from extractors.page_views import READING_WIDTH, view_file
from review.leaves import papers_of
from review.places import PlaceKind, places
from tests.papers import bundles, draw, variants
from tests.review.test_papers_places import judgement

_pdfium: Any = pypdfium2  # it has no annotations
MARGIN = 0.02
"""Part of the page that is shown around a code: decoders want a quiet zone."""
PDF = draw(variants.open_job(1))


def turned(pdf: bytes) -> bytes:
    """The same paper lying on its side, with its margins cut off."""
    document = _pdfium.PdfDocument(pdf)
    for page in document:
        page.set_rotation(90)
        page.set_cropbox(20, 10, 590, 835)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def photograph(pdf: bytes) -> bytes:
    """The first page as a phone stores it: on its side, with a note in the EXIF data."""
    first = next(iter(bundles.pictures(pdf, "x").values()))
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.open(io.BytesIO(first)).transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", exif=exif)
    return file.getvalue()


def shown(data: bytes, kind: PlaceKind, margin: float = 0.0) -> Iterator[Image.Image]:
    """Read and draw a file; yield what its picture shows at each place of a kind."""
    documents = read_document(data, "paper", ocr=False)
    papers = papers_of([Upload("evidence.zip", "0" * 64, 1, None, documents)])
    views = view_file(data, 1, 60.0)
    sizes = {number: size for number, size in enumerate(views.sizes, start=1) if size is not None}
    for place in places(judgement(documents, (), ()), papers, papers[0], sizes):
        if place.kind is kind:
            picture = Image.open(
                io.BytesIO(views.pictures[place.page, READING_WIDTH]), formats=("PNG", "JPEG")
            )
            assert place.box is not None
            x0, y0, x1, y1 = place.box
            edges = (x0 - margin, y0 - margin, x1 + margin, y1 + margin)
            sides = (picture.width, picture.height) * 2
            left, top, right, bottom = (round(e * side) for e, side in zip(edges, sides, strict=True))
            yield picture.convert("L").crop((left, top, right, bottom))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PDF, id="a PDF"),
        pytest.param(turned(PDF), id="turned and cropped"),
        pytest.param(photograph(PDF), id="a photograph with EXIF data"),
    ],
)
def test_the_box_of_a_code_shows_the_code(data: bytes) -> None:
    (code,) = read_document(data, "paper", ocr=False)[0].codes
    cuts = shown(data, PlaceKind.QR, MARGIN)
    assert [[found.text for found in zxingcpp.read_barcodes(cut)] for cut in cuts] == [[code.text]]


def test_the_box_of_every_field_shows_writing() -> None:
    darkest = [int(np.asarray(cut).min()) for cut in shown(PDF, PlaceKind.FIELD)]
    assert darkest
    assert max(darkest) < 100
